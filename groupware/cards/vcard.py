"""An entry as a vCard: 4.0 (RFC 6350) and 3.0 (RFC 2426), for those who know only the older."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from groupware.cards.entry import Entry

Version = Literal["3.0", "4.0"]
VERSIONS: tuple[Version, ...] = ("3.0", "4.0")
LONGEST_LINE = 75
"""Octets of a line without its end (RFC 6350 3.2)."""
_ESCAPED = re.compile(r"[\\,;\n]")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_NOT_DIALLED = re.compile(r"[^0-9+]")


@dataclass(frozen=True, slots=True)
class Line:
    """A property: its name, parameters as they are written, and its value, already escaped."""

    name: str
    value: str
    parameters: str = ""

    def __str__(self) -> str:
        return f"{self.name}{self.parameters}:{self.value}"


def lines(entry: Entry, uid: str, version: Version, changed: int = 0) -> list[Line]:
    """The properties of a card, without its frame. `changed` is in microseconds; 0 leaves REV out."""
    return [
        *([Line("KIND", "individual")] if version == "4.0" else []),  # RFC 6350 6.1.4
        Line("UID", f"urn:uuid:{uid}"),
        Line("FN", text(entry.name)),
        Line("N", _name(entry)),
        Line("ORG", _structured((entry.body, *entry.units))),  # RFC 6350 6.6.4: the organisation, then its units
        *([Line("TITLE", text(entry.title))] if entry.title else []),
        *(Line("ROLE", text(duty)) for duty in entry.duties),
        *_numbers(entry, version),
        Line("EMAIL", text(entry.address), ";TYPE=work" if version == "4.0" else ";TYPE=INTERNET"),
        *_languages(entry, version),
        *([Line("REV", _moment(changed))] if changed else []),
    ]


def written(properties: Sequence[Line], version: Version) -> str:
    """The card with its frame, folded, each line ended by CRLF."""
    frame = [Line("BEGIN", "VCARD"), Line("VERSION", version), *properties, Line("END", "VCARD")]
    return "".join(folded(str(line)) for line in frame)


def text(value: str) -> str:
    """A text value, escaped (RFC 6350 3.4); control characters have no place in one."""
    plain = _CONTROL.sub(" ", value.replace("\r\n", "\n"))
    return _ESCAPED.sub(lambda found: "\\n" if found[0] == "\n" else f"\\{found[0]}", plain)


def folded(line: str) -> str:
    """Broken where it is too long, never within a character (RFC 6350 3.2), with its CRLF."""
    octets = line.encode()
    if len(octets) <= LONGEST_LINE:
        return line + "\r\n"
    return "\r\n ".join(_pieces(octets)) + "\r\n"


def _pieces(octets: bytes) -> Iterator[str]:
    start, room = 0, LONGEST_LINE
    while start < len(octets):
        end = min(start + room, len(octets))
        while end < len(octets) and octets[end] & 0xC0 == 0x80:  # noqa: PLR2004 -- a UTF-8 character goes on
            end -= 1
        yield octets[start:end].decode()
        start, room = end, LONGEST_LINE - 1


def _name(entry: Entry) -> str:
    """RFC 6350 6.2.2: family names; given names; additional; prefixes; suffixes."""
    given, surname = entry.given_name, entry.surname
    if not surname:
        given, _, surname = entry.name.rpartition(" ")
    return _structured((surname, given, "", "", ""))


def _structured(parts: Sequence[str]) -> str:
    return ";".join(text(part) for part in parts)


def _numbers(entry: Entry, version: Version) -> Iterator[Line]:
    for number, kind in ((entry.phone, "voice"), (entry.mobile, "cell")):
        if not number:
            continue
        if version == "4.0":  # RFC 6350 6.4.1: a URI where it can be one
            yield Line("TEL", f"tel:{_NOT_DIALLED.sub('', number)}", f';VALUE=uri;TYPE="work,{kind}"')
        else:
            yield Line("TEL", text(number), f";TYPE=WORK,{kind.upper()}")


def _languages(entry: Entry, version: Version) -> Iterator[Line]:
    """RFC 6350 6.4.4; version 3.0 has no word for it."""
    if version == "4.0":
        for preference, language in enumerate(entry.languages, start=1):
            yield Line("LANG", text(language), f";PREF={preference}")


def _moment(micro: int) -> str:
    return f"{datetime.fromtimestamp(micro // 1_000_000, UTC):%Y%m%dT%H%M%SZ}"
