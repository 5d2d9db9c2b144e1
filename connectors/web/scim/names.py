"""Ids and versions as SCIM writes them."""

from __future__ import annotations

import re

_VERSION = re.compile(r'W/"([0-9]{1,18}(?:-[0-9a-f]{8})?)"', re.ASCII)


def person_id(number: int) -> str:
    """An official's."""
    return f"official-{number}"


def unit_id(number: int) -> str:
    """A unit's; ids are unique over all kinds (RFC 7643 3.1)."""
    return f"unit-{number}"


def number_of(kind: str, text: str) -> int:
    """The number in an id of this kind ("official", "unit"); 0, which nothing has, for what is no such id."""
    found = re.fullmatch(f"{kind}-([1-9][0-9]{{0,17}})", text, re.ASCII)
    return int(found[1]) if found else 0


def etag(version: int | str) -> str:
    """Weak (RFC 9110 8.8.1): what is calculated for an entry may change without it."""
    return f'W/"{version}"'


def version_of(tag: str | None) -> str:
    """The version in an entity tag of ours; "0", which nothing has, for another's."""
    found = _VERSION.fullmatch(tag or "")
    return found[1] if found else "0"
