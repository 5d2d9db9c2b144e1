"""Whether an invitation names somebody who isn't one of us: what it says would be theirs to read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupware.meetings.invitation import CALENDARS
from groupware.message.text import decode_part

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.message.parts import Part

# RFC 5545 3.8.4.1; a quoted parameter may hold a colon
_ATTENDEE = re.compile(
    rb'^ATTENDEE(?:"[^"\n]*"|[^":\n])*:\s*(?:mailto:)?[^@\s]*@([^\s>]+)', re.IGNORECASE | re.MULTILINE
)
_FOLDED = re.compile(rb"\r?\n[ \t]")


def invited(raw: bytes, root: Part, domain: str) -> bool:
    """Whether any calendar in the message has an ATTENDEE outside `domain`."""
    calendars = (decode_part(raw, part) for part in _leaves(root) if _kind(part) in CALENDARS)
    hosts = (found[1] for octets in calendars for found in _ATTENDEE.finditer(_FOLDED.sub(b"", octets)))
    return any(host.decode("ascii", "replace").lower() != domain for host in hosts)


def _leaves(part: Part) -> Iterator[Part]:
    if not part.children:
        yield part
    for child in part.children:
        yield from _leaves(child)


def _kind(part: Part) -> bytes:
    return (part.main + b"/" + part.sub).lower()
