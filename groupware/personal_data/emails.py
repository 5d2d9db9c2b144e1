"""E-mail addresses of people: not those of the network itself, nor those that are an office's by their name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from groupware.personal_data.context import whole
from groupware.personal_data.finding import Finding, Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# from the @ on outwards: looking for the local part first would try each letter of a long word
_AT = re.compile(r"@(?=((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,6}[a-z]{2,24})(?![\w-]))", re.IGNORECASE)
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}\Z")
_FREE, _OFFICES = whole("free_mail"), whole("office_mailbox")
_APART = re.compile(r"[._+-]|\d+")


def find(text: str, own: Sequence[str] = ()) -> Iterator[Finding | None]:
    """Each address outside the domains that are our `own`."""
    for at in _AT.finditer(text):
        local = _LOCAL.search(text[max(0, at.start() - 64) : at.start()])
        if local is None or _is_ours(at[1].lower(), own) or _is_an_office(local[0].lower(), at[1].lower()):
            yield None
            continue
        yield Finding(Kind.EMAIL, at.start() - len(local[0]), at.end(1), "an e-mail address")


def _is_ours(domain: str, own: Sequence[str]) -> bool:
    return any(domain == mine or domain.endswith("." + mine) for mine in own)


def _is_an_office(local: str, domain: str) -> bool:
    """By its name; whoever takes a mailbox from a provider for everybody calls it as they like."""
    if domain in _FREE or domain.partition(".")[0] in _FREE:
        return False
    return any(word in _OFFICES for word in (local, *_APART.split(local)))
