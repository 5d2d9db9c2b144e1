"""The columns of an entry as a text: of a file, a form, a command."""

from __future__ import annotations

COLUMNS = (
    *("external_id", "login", "name", "given_name", "surname", "title", "unit", "phone", "mobile", "languages"),
    *("clearance", "listed", "first_day", "last_day"),
)
"""In the order of a file."""
