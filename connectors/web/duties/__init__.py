"""Duties in the portal: one's own, what awaits one's word, contact points, postings, hand-over, off-boarding."""
