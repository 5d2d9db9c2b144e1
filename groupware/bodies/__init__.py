"""States and institutions as such: added, named, put under the one that governs them, suspended and let in again."""
