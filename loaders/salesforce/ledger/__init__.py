"""What to send, and what was done: steps, changes, the manifest. Knows no HTTP."""
