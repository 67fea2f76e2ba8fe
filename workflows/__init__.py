"""Temporal and nothing else: when something is due, for years, for everybody."""
