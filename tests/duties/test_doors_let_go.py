"""The report of an off-boarding has a line for every door that there is, and waits for what is under way there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from town import DOMAIN

from connectors.certificates import certificate_for
from connectors.doors import DOORS
from connectors.endpoints import SHAPES, _line_door
from connectors.house import Address, House
from connectors.settings import Settings
from groupware import clock
from groupware.duties.closings import SILENT
from policies.vocabulary import Door

if TYPE_CHECKING:
    from pathlib import Path

    from duty_town import DutyTown

pytestmark = pytest.mark.anyio
CALLED = {"web": Door.PORTAL}
"""Where the report has another word than endpoints.json."""


def promised(settings: Settings) -> set[str]:
    """Every place at which clients are told to come in: what endpoints.json says of each door in the registry."""
    found: set[str] = set()
    for name in DOORS:
        found |= set(SHAPES.get(name, _line_door)(name, settings, Address("localhost", 1)))
    return {str(CALLED.get(name, name)) for name in found}


async def test_every_door_that_is_told_of_has_a_line(house: DutyTown, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, domain=DOMAIN)
    there = House(settings, house.groupware, certificate_for(settings, clock.now()))
    for make in DOORS.values():
        make(there)
    assert house.groupware.duties.closings.names == promised(settings)
    assert {"submission", "imap", "ldap", "portal", "api", "scim", "carddav", "matrix"} <= promised(settings)
    watching = asyncio.create_task(house.groupware.live.run())
    _, report = await house.groupware.duties.off_board(house.caller("clio"), house.who("emil"), "leaves")
    watching.cancel()
    assert {each.door: each.sessions for each in report} == dict.fromkeys(promised(settings), 0)
    assert all(each.at != SILENT for each in report)


@pytest.mark.parametrize("door", [Door.API, Door.CARDDAV])
async def test_a_request_under_way_is_waited_for(house: DutyTown, door: Door) -> None:
    duties, live = house.groupware.duties, house.groupware.live
    duties.closings.door(door)
    await live.step()
    watching = asyncio.create_task(live.run())
    with live.during(house.who("emil"), door):
        leaving = asyncio.create_task(duties.off_board(house.caller("clio"), house.who("emil"), "leaves"))
        while house.who("emil") not in live._leaving:  # noqa: ASYNC110 -- nobody tells of it
            await asyncio.sleep(0)
        assert not leaving.done()
        ended = clock.now()
    done, (line,) = await leaving
    watching.cancel()
    assert (line.door, line.sessions) == (door, 1)
    assert done.at <= ended <= line.at
