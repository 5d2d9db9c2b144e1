"""The list of a body's officials, a form for each, and what is done to them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from starlette.responses import RedirectResponse

from connectors.web.arrival import own_url
from groupware.errors import Conflict, NotFound, Refused
from groupware.people.cells import cells_of, entry_of
from groupware.people.entry import Entry, of_official
from groupware.people.faults import BadEntry, Problem
from groupware.people.looking import State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.people.inviting import Link
    from groupware.people.looking import Card

STATES = {
    State.ALL: "everybody",
    State.ACTIVE: "in office",
    State.COMING: "begin later",
    State.SUSPENDED: "suspended",
    State.ENDED: "service has ended",
    State.DEPARTED: "have left",
}
OF_ONE = {**STATES, State.COMING: "begins later", State.DEPARTED: "has left"}
"""The same of one official."""
DONE = {
    "added": "The official is added. To sign in they need a link: make one below.",
    "changed": "The entry is changed.",
    "suspended": "The official is suspended; everything they had open is ended.",
    "resumed": "The official may sign in again.",
    "taken-back": "The official is in office again. To sign in they need a link: make one below.",
    "withdrawn": "The link no longer works, and nothing awaits a second person.",
    "unbound": "The account of their state opens this entry no more. They are told.",
    "asked": "New credentials are asked for. Somebody else releases the link; the official is told.",
}
EMPTY = Entry(name="", unit="")


async def listed(visit: Visit) -> Response:
    """A page of them, by words and state."""
    words, asked = visit.query("words")[:100], visit.query("state")
    state = State(asked) if asked in set(State) else State.ALL
    found = await visit.portal.groupware.people.entries(visit.caller, "", words, state, visit.query("after"))
    more = f"?{urlencode({'words': words, 'state': state, 'after': found.after})}" if found.after else ""
    awaits = await visit.portal.groupware.people.awaited_resets(visit.caller)
    return await visit.page(
        "people/list.html", found=found, words=words, state=state, states=STATES, of_one=OF_ONE, more=more,
        awaits=awaits,
    )  # fmt: skip


async def blank(visit: Visit) -> Response:
    """The form for somebody new."""
    return await _new(visit, cells_of("", EMPTY), {})


async def add(visit: Visit) -> Response:
    """Add them."""
    login = visit.form.get("login", "").strip()
    try:
        await visit.portal.groupware.people.add(visit.caller, "", login, entry_of(visit.form, EMPTY))
    except BadEntry as bad:
        return await _new(visit, visit.form, bad.problems, 422)
    return RedirectResponse(f"/people/entry/{login}?done=added", HTTPStatus.SEE_OTHER)


async def show(visit: Visit) -> Response:
    """One entry with its form."""
    card = await _card(visit)
    return await _form(visit, card, cells_of(card.official.login, of_official(card.official, card.unit)), {})


async def change(visit: Visit) -> Response:
    """Write it anew, as it was seen."""
    card = await _card(visit)
    try:
        entry = entry_of(visit.form, of_official(card.official, card.unit))
        await visit.portal.groupware.people.change(visit.caller, card.official.id, entry, _seen(visit))
    except BadEntry as bad:
        return await _form(visit, card, visit.form, bad.problems, 422)
    except (Conflict, Refused) as error:
        return await _form(visit, card, visit.form, {"form": Problem(error.rule, error.text)}, _status(error))
    return _done(card, "changed")


async def act(visit: Visit) -> Response:
    """Suspend, resume, make a link, ask for one or release it, or withdraw it; end a bound account."""
    card, word = await _card(visit), visit.form.get("act", "")
    try:
        if word in ("invite", "release"):
            link = await _link(visit, card, word)
            return await visit.page(
                "people/link.html",
                link=link,
                base=own_url(visit.portal, visit.request),
                name=card.official.name,
                done=f"/people/entry/{link.login}",
            )
        return _done(card, await _acted(visit, card.official.id, word))
    except (Conflict, Refused) as error:
        cells = cells_of(card.official.login, of_official(card.official, card.unit))
        where = "reason" if error.rule == "reason" else "form"
        return await _form(visit, card, cells, {where: Problem(error.rule, error.text)}, _status(error))


async def _acted(visit: Visit, number: int, word: str) -> str:
    """Do it, and say what was done. NotFound for what isn't among it."""
    people = visit.portal.groupware.people
    match word:
        case "suspend":
            await people.suspend(visit.caller, number, _seen(visit))
            return "suspended"
        case "resume":
            await people.resume(visit.caller, number, _seen(visit))
            return "resumed"
        case "withdraw":
            await people.withdraw_invitation(visit.caller, number)
            return "withdrawn"
        case "unbind":
            await people.end_national(visit.caller, number)
            return "unbound"
        case "ask":
            await people.ask_reset(visit.caller, number, visit.form.get("reason", ""))
            return "asked"
    raise NotFound(word)


async def _link(visit: Visit, card: Card, word: str) -> Link:
    people = visit.portal.groupware.people
    if word == "release":
        return await people.release_reset(visit.caller, card.official.login)
    return await people.invite(visit.caller, card.official.id)


async def _card(visit: Visit) -> Card:
    return await visit.portal.groupware.people.entry_of(visit.caller, visit.path["login"])


def _seen(visit: Visit) -> int:
    given = visit.form.get("seen", "")
    return int(given) if given.isdecimal() and len(given) < 10 else 0  # noqa: PLR2004 -- digits of a version


def _status(error: Conflict | Refused) -> int:
    return 409 if isinstance(error, Conflict) else 422


def _done(card: Card, what: str) -> Response:
    return RedirectResponse(f"/people/entry/{card.official.login}?done={what}", HTTPStatus.SEE_OTHER)


async def _new(visit: Visit, cells: Mapping[str, str], problems: Mapping[str, Problem], status: int = 200) -> Response:
    units = await visit.portal.groupware.people.units(visit.caller)
    return await visit.page("people/new.html", status, cells=cells, units=units, problems=_texts(problems))


async def _form(
    visit: Visit, card: Card, cells: Mapping[str, str], problems: Mapping[str, Problem], status: int = 200
) -> Response:
    units = await visit.portal.groupware.people.units(visit.caller)
    done = DONE.get(visit.query("done"), "")
    return await visit.page(
        "people/entry.html", status, card=card, cells=cells, units=units, problems=_texts(problems), done=done,
        of_one=OF_ONE,
    )  # fmt: skip


def _texts(problems: Mapping[str, Problem]) -> dict[str, str]:
    return {column: problem.text for column, problem in problems.items()}
