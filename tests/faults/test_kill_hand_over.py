"""kill -9 at each step of a hand-over: all of it happened, or nothing, and it can be done again exactly once."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select
from town import DOMAIN, build

from directory import contact_points, hand_overs, officials, roles
from directory.contact_points import ContactPoint
from directory.hand_overs import HandOver, HandOverState
from directory.roles import Grant
from groupware import tables
from groupware.duties.movers import MOVERS
from groupware.errors import Conflict
from groupware.service import open_groupware
from policies.vocabulary import Door, Role

if TYPE_CHECKING:
    from town import Town

    from groupware.service import Groupware
    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
PROGRAM = str(Path(__file__).with_name("handing.py"))
STEPS = len(MOVERS) + 3
KILLED = -9


def _prepare(tx: Tx) -> tuple[Town, int]:
    """dora is contact point and moderator, with a booking, and has offered all of it to anna."""
    town = build(tx)
    giver, taker = town.people["dora"], town.people["anna"]
    home = officials.get(tx.connection, giver)
    roles.grant(tx.connection, Grant(giver, Role.CONTACT_POINT, home.body, reason="test"))
    contact_points.add(tx.connection, ContactPoint(home.body, holder=giver))
    content = tx.insert(insert(tables.content), {"sha256": b"", "size": 0, "body": b""})
    kept = {"author": giver, "message_id": "<m@x.test>", "content": content, "received": 0}
    submission = tx.insert(insert(tables.submission), kept)
    hall = {"address": f"hall@{DOMAIN}", "name": "Hall", "capacity": 1, "owner": home.unit, "zone": "UTC"}
    resource = tx.insert(insert(tables.resource), {**hall, "days_ahead": 365})
    booked = {"resource": resource, "uid": "u", "author": giver, "owner": home.unit, "marking": 2, "handling": 0}
    said = {"state": "booked", "sequence": 0, "stamp": 0, "summary": "", "submission": submission, "at": 0}
    tx.insert(insert(tables.booking), {**booked, **said})
    return town, hand_overs.add(tx.connection, HandOver(giver, taker, 0, "", giver, tx.now, confirmed_by=giver))


def _holders(snapshot: Snapshot, number: int) -> tuple[HandOverState, set[int]]:
    """How far it is, and who has the duties: one official, or the test has found what it looks for."""
    connection, found = snapshot.connection, set()
    for role in (Role.CONTACT_POINT, Role.MODERATOR):
        found |= {grant.official for grant in roles.in_force(connection, role, 1, snapshot.now)}
    found |= {point.holder for point in contact_points.everywhere(connection)}
    found |= set(connection.scalars(select(tables.booking.c.author)))
    return hand_overs.get(connection, number).state, found


async def _opened(directory: Path) -> Groupware:
    return await open_groupware(directory, directory=directory, domain=DOMAIN)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_it_is_whole_or_not_at_all(tmp_path: Path, step: int) -> None:
    groupware = await _opened(tmp_path)
    town, number = await groupware.store.run(_prepare)
    await groupware.close()
    giver, taker = town.people["dora"], town.people["anna"]
    command = [sys.executable, PROGRAM, str(tmp_path), str(taker), str(number), str(step)]
    ended = await asyncio.to_thread(subprocess.run, command, check=False, capture_output=True, timeout=60)
    assert ended.returncode == KILLED, ended.stderr
    groupware = await _opened(tmp_path)
    state, holders = await groupware.store.read(lambda snapshot: _holders(snapshot, number))
    committed = step == STEPS
    expected = (HandOverState.DONE, {taker}) if committed else (HandOverState.PROPOSED, {giver})
    assert (state, holders) == expected
    again = groupware.duties.take_over(town.caller("anna", Door.PORTAL, strong=True), number)
    if committed:
        with pytest.raises(Conflict):
            await again
    else:
        assert await again
    assert await groupware.store.read(lambda snapshot: _holders(snapshot, number)) == (HandOverState.DONE, {taker})
    await groupware.close()
