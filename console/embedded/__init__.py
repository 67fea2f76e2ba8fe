"""The servers that one machine needs, as children of one process: PostgreSQL and Temporal."""
