"""An official's entry as an admin may write it, and what holds for each of its fields at every door."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory.tables import FOREVER
from groupware.people.faults import Problem
from groupware.reserved import RESERVED

if TYPE_CHECKING:
    from directory.officials import Official

LONGEST = 200
"""Letters of one field (directory.officials.LONGEST_CALLED)."""
HIGHEST_CLEARANCE = 3
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What spreadsheets take for the beginning of a formula, some the wide signs, too: no text begins so (OWASP, "CSV
injection")."""
TEXTS = ("name", "given_name", "surname", "title", "languages", "external_id")
PHONES = ("phone", "mobile")
_PHONE = re.compile(r"\+?[0-9](?:[0-9 ()./-]{1,38}[0-9])")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*")
_LOGIN = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,62}[a-z0-9])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What an admin may write; `unit` is a code within the body, times are microseconds. The login stays as it is.

    `unread`: the columns that no value could be made of, with what is wrong, to be told with all else that is.
    """

    name: str
    unit: str
    given_name: str = ""
    surname: str = ""
    title: str = ""
    phone: str = ""
    mobile: str = ""
    languages: str = ""
    external_id: str = ""
    clearance: int = 0
    listed: bool = True
    valid_from: int = 0
    valid_until: int = FOREVER
    unread: tuple[tuple[str, Problem], ...] = ()


FIELDS = tuple(field for field in Entry.__slots__ if field != "unread")


def of_official(found: Official, unit: str) -> Entry:
    """The entry of somebody who is there."""
    values = {field: getattr(found, field) for field in FIELDS if field != "unit"}
    return Entry(**values, unit=unit)


def objections(entry: Entry, units: frozenset[str] | set[str]) -> dict[str, Problem]:
    """What is wrong, by column."""
    found = {field: text_problem(getattr(entry, field)) for field in TEXTS}
    found |= {field: phone_problem(getattr(entry, field)) for field in PHONES}
    if not entry.name.strip():
        found["name"] = Problem("name-missing", "Everybody has a name.")
    found["languages"] = found["languages"] or languages_problem(entry.languages)
    if entry.unit not in units:
        said = "The body has no unit of this code." if entry.unit else "Everybody is in a unit: give its code."
        found["unit"] = Problem("no-such-unit", said)
    if not 0 <= entry.clearance <= HIGHEST_CLEARANCE:
        found["clearance"] = Problem("bad-clearance", f"A clearance is 0 to {HIGHEST_CLEARANCE}.")
    if not 0 <= entry.valid_from < entry.valid_until <= FOREVER:
        found["last_day"] = Problem("bad-dates", "The last day of service isn't before the first.")
    return {field: problem for field, problem in found.items() if problem} | dict(entry.unread)


def text_problem(text: str) -> Problem | None:
    """One line of text, not too long, that no spreadsheet takes for a formula."""
    if len(text) > LONGEST:
        return Problem("too-long", f"At most {LONGEST} characters.")
    if text.startswith(FORMULA):
        return Problem("formula", "A text doesn't begin with = + - or @: spreadsheets would take it for a formula.")
    if not text.isprintable():
        return Problem("bad-text", "One line of text, without control characters.")
    return None


def phone_problem(text: str) -> Problem | None:
    """Digits with the usual marks between them, perhaps with a + before (ITU-T E.123)."""
    if not text or _PHONE.fullmatch(text):
        return None
    return Problem("bad-phone", "A telephone number is like +32 2 555 01 23.")


def languages_problem(text: str) -> Problem | None:
    """A comma list of RFC 5646 tags."""
    if not text or all(_LANGUAGE.fullmatch(tag.strip()) for tag in text.split(",")):
        return None
    return Problem("bad-languages", "Languages are like: en, fr, pt-BR.")


def login_problem(login: str) -> Problem | None:
    """A login that may be given to somebody new."""
    if not _LOGIN.fullmatch(login):
        return Problem("bad-login", "Small letters, digits, dots and hyphens, at most 64; for example anna.kask.")
    if login in RESERVED:
        return Problem("reserved-login", "This name has a meaning of its own.")
    return None
