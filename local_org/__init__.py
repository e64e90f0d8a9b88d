"""A Salesforce on a laptop: REST, Bulk API 2.0, describe and metadata deploy over DuckDB.

Loopback only, persistent in one folder, strict: what it takes, Salesforce takes.
"""
