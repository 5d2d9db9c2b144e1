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
    """What an entry can be found by. UNIT and BODY hold code and name.

    OWN_WORD has the words of the name, a unit's or body's code included; WORD all others that somebody may type.
    """

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
    OWN_WORD = "own_word"
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

_LETTERS = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "þ": "th", "œ": "oe"}
_PLAIN = str.maketrans(_LETTERS)
"""Letters that Unicode doesn't take apart, as those type them whose keyboard lacks them."""
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
    found[Attribute.OWN_WORD] = tuple(dict.fromkeys(_own_words(entry)))
    found[Attribute.WORD] = tuple(dict.fromkeys(_other_words(entry)))
    return {attribute: texts for attribute, texts in found.items() if texts}


def words(text: str) -> list[str]:
    """The folded words of a text: what stands between signs that are neither letters nor digits."""
    plain = fold(text)
    if not plain.isascii():
        plain = plain.translate(_PLAIN)
    return (plain if plain.isalnum() else "".join([sign if sign.isalnum() else " " for sign in plain])).split()


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


def _own_words(entry: Entry) -> Iterable[str]:
    yield from words(entry.name)
    if not isinstance(entry, Person):
        yield from words(entry.code)


def _other_words(entry: Entry) -> Iterable[str]:
    if isinstance(entry, Body):
        return
    yield from words(entry.mail)
    yield from _own_words(entry.body)
    if isinstance(entry, Person):
        yield from words(entry.login)
        yield from words(entry.title)
        yield from _own_words(entry.unit)
