"""Drafts, and who lets them go on (RFC 7912): authorise, refuse, write anew, lapse."""
