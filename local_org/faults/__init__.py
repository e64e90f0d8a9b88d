"""Faults on request: what goes wrong between a client and an org, in a set order, if asked for."""
