"""What objects and fields this org has: standard ones as data, custom ones as deployed."""
