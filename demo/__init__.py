"""The demo: two made-up practices, and their migration into the local org, start to finish."""
