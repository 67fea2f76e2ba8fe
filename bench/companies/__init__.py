"""Companies of any size with years of history: some lives, lived in the real house, and their copies."""
