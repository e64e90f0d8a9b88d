"""Metadata deploys: a package is read, each component held against Salesforce's rules, applied."""
