"""The bench: a migration of any size, measured stage by stage."""
