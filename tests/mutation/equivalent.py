"""Faults that are none: with them the program does the same. By name, each with its reason."""

EQUIVALENT: dict[str, str] = {}
