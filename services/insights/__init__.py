"""Insights: how far the offer reaches and how practice differs, in counts of groups; it only reads."""
