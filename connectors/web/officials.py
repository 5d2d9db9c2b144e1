"""Officials named in forms: chosen from a list, found by a part of the name, or written as login or mail address.

The list is a datalist. A body too large for one is searched as somebody types; without scripts the form itself comes
back and says who may be meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from groupware.errors import NotFound, Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.book.entries import Person
    from groupware.duties.looking import Person as Official

OWN, ALL = "own", "all"
LONGEST = 300
"""Characters of a field."""
_CHOSEN = re.compile(r"\(([a-z0-9.-]+)\)(?:,|$)")
"""The login in what the list offers."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What a page lists; `more`: others may be looked for, of one's OWN body or of ALL, as `whose` says."""

    texts: Sequence[str]
    more: bool
    whose: str


def shown(name: str, login: str, *places: str) -> str:
    """Somebody as forms name them: `Anna Kask (anna.kask), Border police`."""
    return ", ".join((f"{name} ({login})", *places))


async def offer(visit: Visit, *typed: str, own: bool = True) -> Offer:
    """For a form in which this stands already; `own`: whom it names is of the caller's own body."""
    pages = visit.portal.groupware.directory_pages
    listed = await pages.colleagues(visit.caller)
    more = listed is None or not own
    texts = [_own(each) for each in listed or ()]
    for text in {each for each in typed if each.strip()} if more else ():
        texts += await _meant(visit, text, own=own)
    return Offer(list(dict.fromkeys(texts)), more, OWN if own else ALL)


async def official(visit: Visit, field: str, typed: str, *, own: bool = True) -> Official:
    """Whom a field names. Raises Refused, to be told beside the field, alike for absent and unseen."""
    text = typed.strip()[:LONGEST]
    if not text:
        raise Refused(f"unknown-{field}", "say who it is")
    try:
        return await visit.portal.groupware.duties.official(visit.caller, login_of(text))
    except NotFound as error:
        meant = await _meant(visit, text, own=own)
        said = (
            f"who is meant? {'; '.join(meant)}"
            if meant
            else f"nobody is to be found by the name, login or address “{text[:64]}”"
        )
        raise Refused(f"unknown-{field}", said) from error


def login_of(text: str) -> str:
    """The login or address in what was chosen or typed."""
    chosen = _CHOSEN.search(text)
    return (chosen[1] if chosen else text).strip().lower()


async def found(visit: Visit) -> Response:
    """What `?q=` may mean, as options; `?whose=` is OWN or ALL."""
    texts = await _meant(visit, visit.query("q")[:LONGEST], own=visit.query("whose") == OWN)
    return visit.fragment("_officials.html", texts=texts)


async def _meant(visit: Visit, text: str, *, own: bool) -> list[str]:
    people = await visit.portal.groupware.directory_pages.meant(visit.caller, text, own=own)
    return [_own(each) if own else shown(each.name, each.login, each.unit.name, each.body.name) for each in people]


def _own(person: Person) -> str:
    return shown(person.name, person.login, person.unit.name)
