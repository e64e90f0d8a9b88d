"""How to talk to an org: the only place that knows HTTP."""
