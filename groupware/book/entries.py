"""What stands in the book: officials, their units and their bodies, with what each can be found by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

from groupware.message.folding import fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class EntryKind(IntEnum):
    """What an entry is about; the order in which entries stand."""

    BODY = 0
    UNIT = 1
    PERSON = 2


class Attribute(StrEnum):
    """What an entry can be found by. UNIT and BODY hold code and name; WORD each word of what somebody may type."""

    KIND = "kind"
    LOGIN = "login"
    MAIL = "mail"
    NAME = "name"
    GIVEN_NAME = "given_name"
    SURNAME = "surname"
    TITLE = "title"
    PHONE = "phone"
    MOBILE = "mobile"
    LANGUAGE = "language"
    UNIT = "unit"
    BODY = "body"
    WORD = "word"


Values = dict[Attribute, tuple[str, ...]]
"""An entry's values as they are compared; what it lacks is left out."""


@dataclass(frozen=True, slots=True)
class Body:
    """A state or institution; `code` is that of the EU's authority lists."""

    id: int
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of a body; `parent` is the id of the unit above, 0 at the top. `mail` is its functional mailbox or ""."""

    id: int
    code: str
    name: str
    body: Body
    parent: int
    mail: str
    phone: str


@dataclass(frozen=True, slots=True)
class Person:
    """An official. In office from `since` until before `until` (microseconds); what isn't known is ""."""

    id: int
    login: str
    mail: str
    name: str
    given_name: str
    surname: str
    title: str
    phone: str
    mobile: str
    languages: tuple[str, ...]
    unit: Unit
    since: int
    until: int

    @property
    def body(self) -> Body:
        """The body of the unit."""
        return self.unit.body


Entry = Body | Unit | Person
Key = tuple[EntryKind, int]
"""What an entry is and its id: stays the same as long as the entry is there."""

_NUMBERS = frozenset({Attribute.PHONE, Attribute.MOBILE})
_KINDS = {Body: EntryKind.BODY, Unit: EntryKind.UNIT, Person: EntryKind.PERSON}


def key_of(entry: Entry) -> Key:
    """The entry's key."""
    return _KINDS[type(entry)], entry.id


def compared(attribute: Attribute, text: str) -> str:
    """A value as it is compared: folded, runs of blanks as one; telephone numbers without blanks and hyphens."""
    if attribute in _NUMBERS:  # RFC 4517 4.2.29
        return fold("".join(text.replace("-", "").split()))
    return " ".join(fold(text).split())


def values_of(entry: Entry) -> Values:
    """What an entry can be found by."""
    found = {
        attribute: tuple(dict.fromkeys(filter(None, (compared(attribute, text) for text in texts))))
        for attribute, texts in _texts(entry).items()
    }
    found[Attribute.WORD] = tuple(dict.fromkeys(_words(entry)))
    return {attribute: texts for attribute, texts in found.items() if texts}


def words(text: str) -> list[str]:
    """The folded words of a text: what stands between signs that are neither letters nor digits."""
    return "".join([sign if sign.isalnum() else " " for sign in fold(text)]).split()


def _texts(entry: Entry) -> Mapping[Attribute, Iterable[str]]:
    common = {Attribute.KIND: (key_of(entry)[0].name,), Attribute.NAME: (entry.name,)}
    if isinstance(entry, Body):
        return {**common, Attribute.BODY: (entry.code, entry.name)}
    where = {Attribute.BODY: (entry.body.code, entry.body.name), Attribute.MAIL: (entry.mail,)}
    if isinstance(entry, Unit):
        return {**common, **where, Attribute.UNIT: (entry.code, entry.name), Attribute.PHONE: (entry.phone,)}
    return {
        **common,
        **where,
        Attribute.UNIT: (entry.unit.code, entry.unit.name),
        Attribute.LOGIN: (entry.login,),
        Attribute.GIVEN_NAME: (entry.given_name,),
        Attribute.SURNAME: (entry.surname,),
        Attribute.TITLE: (entry.title,),
        Attribute.PHONE: (entry.phone,),
        Attribute.MOBILE: (entry.mobile,),
        Attribute.LANGUAGE: entry.languages,
    }


def _words(entry: Entry) -> Iterable[str]:
    """Each word that it may be typed by, logins and addresses also as a whole."""
    yield from words(entry.name)
    if isinstance(entry, Body):
        yield fold(entry.code)
        return
    if entry.mail:
        yield entry.mail
    if isinstance(entry, Unit):
        yield fold(entry.code)
        return
    yield entry.login
    yield from words(entry.login)
