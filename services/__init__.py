"""One folder a service: what it decides (domain), its use cases, its routes, what can be read of it.

Services share the record and nothing else, and don't know each other.
"""
