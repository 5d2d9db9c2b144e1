"""Officials and units as their own body keeps them: entries, imports, invitations, reviews."""
