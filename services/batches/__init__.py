"""Cycles for many people at once, or spread over weeks."""
