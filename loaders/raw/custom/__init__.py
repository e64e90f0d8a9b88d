"""Custom fields of a practice's own: found, proposed, confirmed, landed."""
