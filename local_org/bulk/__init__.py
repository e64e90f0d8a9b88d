"""Bulk API 2.0: ingest jobs, query jobs, and the worker that does them one at a time."""
