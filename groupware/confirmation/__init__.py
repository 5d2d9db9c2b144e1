"""The author's word about a post that seems to hold personal data where it is barred: confirm, redact, withdraw."""
