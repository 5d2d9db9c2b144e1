"""The directory as its readers look at it: search, people, units, bodies, contact points, liaison officers."""
