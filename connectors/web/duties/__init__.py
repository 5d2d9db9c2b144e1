"""Duties in the portal: one's own, what awaits one's word, hand-over, off-boarding."""
