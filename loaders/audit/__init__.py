"""The extraction audit: what an export holds, what is wrong with it, what it lacks."""
