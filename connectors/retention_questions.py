"""What commands ask about retention: numbers, names and ids, never a text."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from connectors.fault import told
from groupware.retention.classes import text_of
from groupware.retention.holds import What

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from connectors.control import Answer, Row
    from connectors.house import House
    from groupware.caller import Caller


async def _due(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for name, number in (await house.groupware.retention.due()).items():
        yield {"what": name, "posts": number}


async def _pending(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for each in await house.groupware.retention.troubled():
        yield asdict(each)


async def _classes(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for each in await house.groupware.retention.classes():
        yield {"class": each.name, "length": text_of(each.length), "posts": each.posts}


async def _set(house: House, arguments: Row) -> AsyncIterator[Row]:
    desk, existing = house.groupware.retention, arguments["existing"]
    with told():
        changed = await desk.set_class(arguments["class"], arguments["length"], existing=existing)
    yield {"changed": changed}


async def _run(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        done = await house.groupware.retention.erase(trust_clock=arguments["trust_clock"])
    yield asdict(done)


async def _proof(house: House, _arguments: Row) -> AsyncIterator[Row]:
    async for proof in house.groupware.retention.all_proofs():
        yield asdict(proof)


async def _hold(house: House, arguments: Row) -> AsyncIterator[Row]:
    """The operator vouches for the officer, who needs the same leave as in the portal."""
    officer, kind = await _officer(house, arguments["login"]), What(arguments["kind"])
    with told(f"there is no {kind} that {officer.login} may keep, called"):
        made = await house.groupware.retention.place(officer, kind, arguments["name"], arguments["reason"])
    for number in made:
        yield {"hold": number}


async def _release_hold(house: House, arguments: Row) -> AsyncIterator[Row]:
    officer, number = await _officer(house, arguments["login"]), arguments["number"]
    with told(f"for {officer.login} there is no"):
        await house.groupware.retention.lift(officer, number, arguments["reason"])
    yield {"hold": number}


async def _officer(house: House, login: str) -> Caller:
    with told("nobody has the login"):
        return replace(await house.groupware.somebody(login), strong=True)


RETENTION: dict[str, Answer] = {
    "retention-due": _due,
    "retention-pending": _pending,
    "retention-classes": _classes,
    "retention-set": _set,
    "retention-run": _run,
    "retention-proof": _proof,
    "retention-hold": _hold,
    "retention-release-hold": _release_hold,
}
