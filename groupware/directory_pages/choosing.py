"""Whom a form may name: the officials of the caller's own body, or whoever a few words may mean."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.book.entries import Attribute, EntryKind, Person
from groupware.book.filters import And, equals

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.book.book import Book
    from groupware.caller import Caller

MOST_LISTED = 200
"""Officials of a body that a page lists; of a larger one they are looked for."""
MOST_MEANT = 10
LOOKED_AT = 500
"""The likeliest of all bodies, among which those of one are picked out."""


async def colleagues(book: Book, caller: Caller, most: int = MOST_LISTED) -> Sequence[Person] | None:
    """Those of the caller's body whom they may see, by surname; None where there are too many to be listed."""
    code = _code(await book.person(caller, caller.login))
    where = And((equals(Attribute.KIND, EntryKind.PERSON.name), equals(Attribute.BODY, code)))
    page = await book.find(caller, where, most)
    if page.after is not None:
        return None
    people = [each for each in page.entries if isinstance(each, Person) and each.body.code == code]
    return sorted(people, key=lambda each: (each.surname or each.name, each.name))


async def meant(book: Book, caller: Caller, text: str, *, own: bool) -> Sequence[Person]:
    """The likeliest whom somebody may mean who wrote this, of all or of the caller's `own` body."""
    code = _code(await book.person(caller, caller.login)) if own else ""
    found = (await book.sight(caller)).likely(f"{code} {text}").best(LOOKED_AT if own else MOST_MEANT, EntryKind.PERSON)
    people = [each for each in found if isinstance(each, Person) and code in ("", each.body.code)]
    return people[:MOST_MEANT] if text.strip() else []


def _code(person: Person | None) -> str:
    return person.body.code if person else ""
