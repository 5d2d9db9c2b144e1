"""Authentication-Results (RFC 8601): what a message claims that somebody has found out about it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupware.message.fields import read_tolerantly, unfold

if TYPE_CHECKING:
    from collections.abc import Collection

_FIELD = b"authentication-results"
_COMMENT = re.compile(rb"\((?:[^()\\]|\\.)*+\)")
_NAME = re.compile(rb'[\s"]*+([^\s";]*+)')
NESTED = 8
"""How deep comments are looked for in each other."""


def without_results(raw: bytes, ours: Collection[str]) -> bytes:
    """The message without results in our own name (RFC 8601 5), or in one that lies below it.

    Nobody but us could have found them out. All else stays as it is, to the octet.
    """
    end = raw.find(b"\r\n\r\n")
    if _FIELD not in raw[: len(raw) if end < 0 else end].lower():
        return raw
    kept, at = [], 0
    for field in read_tolerantly(raw, 0, len(raw)).fields:
        if field.name == _FIELD and _is_named(field.value, ours):
            kept.append(raw[at : field.start])
            at = field.end
    return b"".join([*kept, raw[at:]])


def _is_named(value: bytes, ours: Collection[str]) -> bool:
    """Whether the authserv-id is one of ours: it comes first, perhaps behind comments or in quotes (RFC 8601 2.2)."""
    text = unfold(value)
    for _ in range(NESTED):
        text = _COMMENT.sub(b" ", text)
    match = _NAME.match(text)
    name = match[1].decode("latin-1").lower().rstrip(".") if match else ""
    return any(name == each.lower() or name.endswith(f".{each.lower()}") for each in ours)
