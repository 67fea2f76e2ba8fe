"""What people would write otherwise: Django, django-simple-history and PostgreSQL, at their best.

A bearer token, a look at whose conversation it is, an idempotency key in the same transaction, the
answer with its history. Persistent connections, only the middleware that is needed, one process
with threads. It encrypts nothing, and an UPDATE of its history goes unnoticed.
"""
