"""For the people the record is about: who may read their words for once, and what becomes of them."""
