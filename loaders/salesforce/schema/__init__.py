"""The metadata package: objects, fields and permission sets, derived from the marts' YAML."""
