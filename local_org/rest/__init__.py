"""The REST calls: describe, records, collections, queries, limits."""
