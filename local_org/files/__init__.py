"""Salesforce Files: what a ContentVersion holds, where its bytes lie, what it makes beside it."""
