"""Secrecy at rest: turned on and off, keys destroyed with their periods, and what that means for posts."""
