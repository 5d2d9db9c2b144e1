"""What commands ask about retention: numbers, names and ids, never a text."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from connectors.fault import Fault
from groupware.errors import Conflict, NotFound, Refused
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


async def _classes(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for each in await house.groupware.retention.classes():
        yield {"class": each.name, "length": text_of(each.length), "posts": each.posts}


async def _set(house: House, arguments: Row) -> AsyncIterator[Row]:
    try:
        changed = await house.groupware.retention.set_class(
            arguments["class"], arguments["length"], existing=arguments["existing"]
        )
    except Refused as error:
        raise Fault(error.text) from error
    yield {"changed": changed}


async def _run(house: House, arguments: Row) -> AsyncIterator[Row]:
    yield asdict(await house.groupware.retention.erase(trust_clock=arguments["trust_clock"]))


async def _proof(house: House, _arguments: Row) -> AsyncIterator[Row]:
    async for proof in house.groupware.retention.all_proofs():
        yield asdict(proof)


async def _hold(house: House, arguments: Row) -> AsyncIterator[Row]:
    """The operator vouches for the officer, who needs the same leave as in the portal."""
    officer, kind = await _officer(house, arguments["login"]), What(arguments["kind"])
    try:
        made = await house.groupware.retention.place(officer, kind, arguments["name"], arguments["reason"])
    except NotFound as error:
        raise Fault(f"there is no {kind} {arguments['name']!a} that {officer.login} may keep") from error
    except (Refused, Conflict) as error:
        raise Fault(error.text) from error
    for number in made:
        yield {"hold": number}


async def _release_hold(house: House, arguments: Row) -> AsyncIterator[Row]:
    officer, number = await _officer(house, arguments["login"]), arguments["number"]
    try:
        await house.groupware.retention.lift(officer, number, arguments["reason"])
    except NotFound as error:
        raise Fault(f"there is no hold {number} that {officer.login} may lift") from error
    except (Refused, Conflict) as error:
        raise Fault(error.text) from error
    yield {"hold": number}


async def _officer(house: House, login: str) -> Caller:
    try:
        return replace(await house.groupware.somebody(login), strong=True)
    except NotFound as error:
        raise Fault(f"nobody has the login {login!a}") from error


RETENTION: dict[str, Answer] = {
    "retention-due": _due,
    "retention-classes": _classes,
    "retention-set": _set,
    "retention-run": _run,
    "retention-proof": _proof,
    "retention-hold": _hold,
    "retention-release-hold": _release_hold,
}
