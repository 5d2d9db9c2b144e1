"""Owner's consent: a reader asks to pass a post to a third party, its owners decide, and a package leaves."""
