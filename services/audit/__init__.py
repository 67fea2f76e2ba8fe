"""What happened, for those who check it: reads the record, decides nothing, shows nobody's words."""
