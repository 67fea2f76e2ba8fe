"""The record: an append-only log per tenant in PostgreSQL, sealed, encrypted and gap-free.

`events` declares what is written, `sealing` how one row is hashed and encrypted, `keys` whose key
that is, `committer` how rows reach the disk, `record` loads and saves, `follower` reads behind.
"""
