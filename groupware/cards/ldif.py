"""Entries as LDIF (RFC 2849), of inetOrgPerson (RFC 2798)."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from groupware.cards.entry import Entry

LONGEST_LINE = 76
_SAFE = re.compile(r"(?![ :<])[\x01-\x09\x0b\x0c\x0e-\x7f]*(?<! )")
"""RFC 2849: a SAFE-STRING, or nothing; one that ends with a space is better encoded (note 8)."""
CLASSES = ("top", "person", "organizationalPerson", "inetOrgPerson")


def base_of(domain: str) -> str:
    """The name under which a domain's people stand: dc=iconet,dc=test (RFC 2247)."""
    return ",".join(f"dc={label}" for label in domain.split("."))


def written(entries: Iterable[Entry], domain: str) -> Iterator[str]:
    """A file of records, piece by piece; lines end with LF."""
    yield "version: 1\n"
    base = base_of(domain)
    for entry in entries:
        yield "\n" + "".join(line(name, value) for name, value in _attributes(entry, base))


def line(name: str, value: str) -> str:
    """An attribute's line; in base64 what isn't safe as it is (RFC 2849 note 3), folded."""
    whole = f"{name}: {value}"
    if not _SAFE.fullmatch(value):
        whole = f"{name}:: {base64.b64encode(value.encode()).decode()}"
    return "\n ".join(_pieces(whole)) + "\n"


def _pieces(whole: str) -> Iterator[str]:
    yield whole[:LONGEST_LINE]
    for start in range(LONGEST_LINE, len(whole), LONGEST_LINE - 1):
        yield whole[start : start + LONGEST_LINE - 1]


def _attributes(entry: Entry, base: str) -> Iterator[tuple[str, str]]:
    yield "dn", f"uid={entry.login},{base}"
    for name in CLASSES:
        yield "objectClass", name
    values = {
        "uid": entry.login,
        "cn": entry.name,
        "sn": entry.surname or entry.name.rpartition(" ")[2],
        "givenName": entry.given_name or entry.name.rpartition(" ")[0],
        "displayName": entry.name,
        "mail": entry.address,
        "o": entry.body,
        "ou": entry.units[-1] if entry.units else "",
        "title": entry.title,
        "telephoneNumber": entry.phone,
        "mobile": entry.mobile,
        "preferredLanguage": entry.languages[0] if entry.languages else "",
    }
    yield from ((name, value) for name, value in values.items() if value)
    yield from (("businessCategory", duty) for duty in entry.duties)
