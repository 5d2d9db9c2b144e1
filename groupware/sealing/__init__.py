"""Values and files sealed with keys per period, and the folder of those keys: below the store."""
