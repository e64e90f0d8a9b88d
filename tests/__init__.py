"""What checks the project: pytest under python/, SQL tests for dbt, and the SQL linter."""
