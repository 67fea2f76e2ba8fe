"""When each person's career conversation comes round, and where it stands: the cycle over years."""
