"""What the commands about roles and postings ask. The operator sees and ends; what takes two persons stays theirs."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connectors.access_words import FOREVER
from connectors.fault import Fault, told
from groupware import clock
from groupware.duties.posting_abroad import COUNTRIES, Posting
from groupware.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from connectors.control import Answer, Row
    from connectors.house import House


async def _role_ls(house: House, arguments: Row) -> AsyncIterator[Row]:
    who = await _official(house, arguments["login"])
    for each in await house.groupware.duties.held_by_operator(who):
        given = {"granted_by": each.granted_by, "approved_by": each.approved_by, "reason": each.reason}
        yield {"id": each.id, "role": str(each.role), "scope": each.scope, "until": _day(each.valid_until), **given}


async def _role_waiting(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for each in await house.groupware.duties.waiting_for_operator():
        said = {"official": each.official, "role": str(each.role), "scope": each.scope}
        yield {"id": each.id, **said, "proposed_by": each.proposed_by, "reason": each.reason}


async def _role_revoke(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        await house.groupware.duties.revoke_by_operator(arguments["id"], arguments["reason"])
    yield {"id": arguments["id"]}


async def _posting_ls(house: House, _arguments: Row) -> AsyncIterator[Row]:
    for each in await house.groupware.duties.postings_for_operator():
        where = {"login": each.login, "country": each.country, "city": each.city, "planned": each.planned}
        yield {"id": each.id, **where, "since": _day(each.since), "until": _day(each.until)}


async def _posting_add(house: House, arguments: Row) -> AsyncIterator[Row]:
    who, duties = await _official(house, arguments["login"]), house.groupware.duties
    if arguments["country"] not in COUNTRIES:
        raise Fault(f"no country has the code {arguments['country']!a} (ISO 3166-1 alpha-2: TR, MA)")
    since, until = _moment(arguments["since"], clock.now()), _moment(arguments["until"], FOREVER)
    with told():
        areas = frozenset([await duties.area(None, code) for code in arguments["areas"]])
        serves = frozenset([await duties.body(code) for code in arguments["serves"]])
        place = Posting(who, arguments["country"], arguments["city"], since, until, planned=arguments["planned"])
        new = replace(place, duties=arguments["duties"], areas=areas, serves=serves)
        number = await duties.post_abroad_by_operator(new)
    yield {"id": number, "login": arguments["login"]}


async def _posting_end(house: House, arguments: Row) -> AsyncIterator[Row]:
    with told():
        await house.groupware.duties.end_posting_by_operator(arguments["id"])
    yield {"id": arguments["id"]}


async def _official(house: House, login: str) -> int:
    try:
        return (await house.groupware.somebody(login)).official
    except NotFound as error:
        raise Fault(f"nobody has the login {login!a}") from error


def _moment(day: str | None, otherwise: int) -> int:
    """The beginning of a day (UTC)."""
    return int(datetime.fromisoformat(f"{day}T00:00:00Z").timestamp()) * clock.MICROSECONDS if day else otherwise


def _day(moment: int) -> str:
    return "" if moment >= FOREVER else f"{datetime.fromtimestamp(moment // clock.MICROSECONDS, UTC):%Y-%m-%d}"


QUESTIONS: Mapping[str, Answer] = {
    "role-ls": _role_ls,
    "role-waiting": _role_waiting,
    "role-revoke": _role_revoke,
    "posting-ls": _posting_ls,
    "posting-add": _posting_add,
    "posting-end": _posting_end,
}
"""As connectors.questions'."""
