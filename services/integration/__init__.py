"""What other systems are told: the change feed, and webhooks that deliver it."""
