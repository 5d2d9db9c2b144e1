"""Pages about drafts: those to authorise, and one's own."""
