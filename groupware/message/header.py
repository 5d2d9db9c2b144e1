"""Header values for people: names, addresses, dates and identifiers, decoded and bounded."""

from __future__ import annotations

import re
from typing import NamedTuple

from groupware.message import addresses as raw_addresses
from groupware.message import words
from groupware.message.charsets import one_line, to_text

ADDRESSES_MAX = 1000
"""Addresses of one field that are decoded."""
MESSAGE_ID_MAX = 250
"""Octets of a Message-ID (RFC 3977 3.6: a newsreader needs no more)."""
REFERENCES_MAX = 100

_MESSAGE_ID = re.compile(rb"<[!-;=?A-~]++@[!-;=?A-~]++>")
_ANY_ID = re.compile(rb"<[^<>\s]++>")
_LIST_ID = re.compile(rb"<([^<>\s]++)>")


class Address(NamedTuple):
    """A display name (may be empty) and a `local@domain`, both decoded and on one line."""

    name: str
    spec: str


def addresses(value: bytes) -> list[Address]:
    """The mailboxes of an unfolded field that have a domain, at most `ADDRESSES_MAX`."""
    found = raw_addresses.mailboxes(value)[:ADDRESSES_MAX]
    return [Address(words.decode(m.name or b""), one_line(to_text(m.spec, "utf-8"))) for m in found if m.spec]


def message_id(value: bytes) -> str | None:
    """A Message-ID with its angle brackets if `value` is exactly one well-formed id, else None."""
    if len(value) > MESSAGE_ID_MAX or not _MESSAGE_ID.fullmatch(value):
        return None
    return value.decode("ascii")


def references(references_value: bytes | None, in_reply_to: bytes | None) -> tuple[str, ...]:
    """Known ids from the oldest to the parent (RFC 5322 3.6.4): References, then In-Reply-To; the last hundred."""
    found = _ANY_ID.findall(references_value or b"") + _ANY_ID.findall(in_reply_to or b"")
    named = dict.fromkeys(name for name in map(message_id, found) if name)
    return tuple(named)[-REFERENCES_MAX:]


def list_id(value: bytes | None) -> str | None:
    """What stands between the brackets of a List-Id (RFC 2919), in lower case."""
    found = _LIST_ID.search(value or b"")
    return one_line(to_text(found[1], "utf-8")).lower() if found else None


def keyword(value: bytes | None) -> str:
    """The first word of a field such as Auto-Submitted (RFC 3834 5), in lower case, empty without the field."""
    found = re.match(rb"\s*+([A-Za-z0-9-]++)", value or b"")
    return found[1].decode("ascii").lower() if found else ""
