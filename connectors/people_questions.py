"""What commands ask about people, answered by the portal's own use cases; who asks is the operator."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.fault import Fault, told
from groupware.clock import MICROSECONDS
from groupware.errors import NotFound
from groupware.people.cells import entry_of
from groupware.people.entry import Entry, of_official
from groupware.people.leave import OPERATOR
from groupware.people.looking import State

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Mapping

    from connectors.control import Answer, Row
    from connectors.house import House
    from groupware.people.comparing import Diff
    from groupware.people.holding import Holding
    from groupware.people.looking import Card

EMPTY = Entry(name="", unit="")


async def _ls(house: House, arguments: Row) -> AsyncIterator[Row]:
    after, people = "", house.groupware.people
    while True:
        with told():
            page = await people.entries(
                OPERATOR, arguments["body"], arguments["words"], State(arguments["state"]), after
            )
        for line in page.lines:
            yield {name: getattr(line, name) for name in ("login", "state", "unit", "name", "title", "phone")}
        if not (after := page.after):
            return


async def _add(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        entry = entry_of(arguments["entry"], EMPTY)
        await house.groupware.people.add(OPERATOR, arguments["body"], arguments["login"], entry)
    yield {"login": arguments["login"]}


async def _change(house: House, arguments: Row) -> AsyncIterator[Row]:
    people = house.groupware.people
    card = await _card(house, arguments["login"])
    with told():
        entry = entry_of(arguments["entry"], of_official(card.official, card.unit))
        version = await people.change(OPERATOR, card.official.id, entry, card.official.version)
    yield {"login": card.official.login, "version": version}


async def _suspend(house: House, arguments: Row) -> AsyncIterator[Row]:
    card = await _card(house, arguments["login"])
    with told():
        await house.groupware.people.suspend(OPERATOR, card.official.id, card.official.version)
    yield {"login": card.official.login}


async def _resume(house: House, arguments: Row) -> AsyncIterator[Row]:
    card = await _card(house, arguments["login"])
    with told():
        await house.groupware.people.resume(OPERATOR, card.official.id, card.official.version)
    yield {"login": card.official.login}


async def _take_back(house: House, arguments: Row) -> AsyncIterator[Row]:
    card = await _card(house, arguments["login"])
    with told():
        await house.groupware.duties.resume_by_operator(card.official.id)
    yield {"login": card.official.login}


async def _invite(house: House, arguments: Row) -> AsyncIterator[Row]:
    card = await _card(house, arguments["login"])
    with told():
        link = await house.groupware.people.invite(OPERATOR, card.official.id)
    url = f"{house.portal}{link.path}"
    yield {"login": link.login, "url": url, "purpose": link.purpose, "expires": _minute(link.expires)}


async def _national(house: House, arguments: Row) -> AsyncIterator[Row]:
    card = await _card(house, arguments["login"])
    if arguments["end"]:
        with told():
            await house.groupware.people.end_national(OPERATOR, card.official.id)
    for bound in card.nationals:
        yield {"issuer": bound.issuer, "since": _minute(bound.at), "ended": arguments["end"]}


async def _import(house: House, arguments: Row) -> AsyncIterator[Row]:
    people, body = house.groupware.people, arguments["body"]
    with told():
        octets = await asyncio.to_thread(Path(arguments["file"]).read_bytes)
        diff = await people.compare(OPERATOR, body, octets)
    for line in _lines(diff):
        yield {"text": line}
    if diff.faults:
        raise Fault(f"{arguments['file']}: {len(diff.faults)} things are wrong; nothing is changed")
    if arguments["apply"]:
        with told():
            await people.apply(OPERATOR, body, octets, diff.digest)
    yield {"text": "done" if arguments["apply"] else "nothing is changed yet: --apply does it"}


def _lines(diff: Diff) -> Iterator[str]:
    for fault in diff.faults:
        yield f"line {fault.line}: {fault.column or 'line'}: {fault.problem.rule}: {fault.problem.text}"
    for added in diff.added:
        yield f"added {added.login}: {added.entry.name}, {added.entry.unit}"
    for changed in diff.changed:
        for column, (before, after) in changed.columns.items():
            yield f"changed {changed.found.login}: {column}: {before!r} becomes {after!r}"
    yield (
        f"{len(diff.added)} added, {len(diff.changed)} changed, {diff.unchanged} as they are, "
        f"{diff.untouched} not in the file"
    )


async def _export(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        octets = await house.groupware.people.export(OPERATOR, arguments["body"])
    for line in octets.decode("utf-8-sig").splitlines():
        yield {"text": line}


async def _review(house: House, arguments: Row) -> AsyncIterator[Row]:
    people, body = house.groupware.people, arguments["body"]
    with told():
        if arguments["confirm"]:
            cards = [await _card(house, login) for login in arguments["confirm"]]
            done = await people.confirm(OPERATOR, body, [card.official.id for card in cards])
            yield {"text": f"{done} confirmed"}
        found = await people.review(OPERATOR, body)
    for line in found.lines:
        due = "late" if line.late else f"due {_day(line.due)}"
        yield {"text": f"{line.login}\t{due}\t{line.name}\t{_held(line.holding)}"}
    yield {"text": f"{found.late} of {found.total} are late"}


def _held(holding: Holding) -> str:
    seen = f"last sign-in {_day(holding.seen)}" if holding.seen else "no sign-in known"
    return f"{seen}\t{'; '.join(holding.lines) or 'no role, no access'}"


async def _card(house: House, login: str) -> Card:
    try:
        return await house.groupware.people.entry_of(OPERATOR, login)
    except NotFound as error:
        raise Fault(f"nobody has the login {login!a}") from error


def _day(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment // MICROSECONDS, UTC):%Y-%m-%d}"


def _minute(moment: int) -> str:
    return f"{datetime.fromtimestamp(moment // MICROSECONDS, UTC):%Y-%m-%d %H:%M} UTC"


PEOPLE: Mapping[str, Answer] = {
    "people-ls": _ls,
    "people-add": _add,
    "people-change": _change,
    "people-suspend": _suspend,
    "people-resume": _resume,
    "people-take-back": _take_back,
    "people-invite": _invite,
    "people-national": _national,
    "people-import": _import,
    "people-export": _export,
    "people-review": _review,
}
"""As connectors.questions'."""
