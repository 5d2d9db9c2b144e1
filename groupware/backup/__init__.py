"""Backups: a copy of everything that can't be made again, taken beside a running server, and the way back."""
