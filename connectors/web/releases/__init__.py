"""Owner's consent in the portal: ask for a release, decide about one, see what has left."""
