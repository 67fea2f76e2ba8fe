"""What has no word of the domain in it: the record, keys, HTTP habits, settings, telemetry."""
