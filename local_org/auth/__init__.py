"""Who may talk to the org: connected apps, logins, sessions."""
