"""The human side, and the composition root: the only folder that knows everything."""
