"""The demo: a made-up practice, and its migration into the local org, start to finish."""
