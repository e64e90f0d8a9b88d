"""`load-sf`: from finished marts into a Salesforce org."""
