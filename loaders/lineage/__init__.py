"""Where each Salesforce field comes from, read out of the compiled SQL."""
