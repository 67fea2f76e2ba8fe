"""Keeping the record: backups in two halves, the list of erasures, and the way back from them."""
