"""SOQL: text to a tree, the tree held against the schema, and out comes SQL with parameters."""
