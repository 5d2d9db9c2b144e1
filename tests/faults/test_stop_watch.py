"""Off-boarding with six open sessions, under load, twenty times: each ends within two seconds, and gets nothing more.

Those of one area have their sessions open together and leave one after another, while a moderator posts to its room.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import serving
from six_sessions import DOORS, Load, Six, by_area, off_board, who_may_leave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import Server

ROUNDS = 20
AT_ONCE = 4
"""How many have their six sessions open together."""
WITHIN = 2_000_000
"""Microseconds."""
NO_DOORS = {"relay", "outbox"}
CALLED = {"web": "portal"}
"""Where the report has another word than endpoints.json."""


@pytest.fixture
def server(tmp_path: Path, planted: Path) -> Iterator[Server]:
    made = serving.start(tmp_path / "demo", like=planted)
    try:
        yield made
    finally:
        made.kill()


def ways_in(server: Server) -> set[str]:
    """The doors that endpoints.json tells of."""
    doors = {name for name, value in server.endpoints.items() if isinstance(value, dict)} - NO_DOORS
    return {CALLED.get(name, name) for name in doors}


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_every_session_ends_within_two_seconds_and_gets_nothing_more(server: Server) -> None:
    chosen = who_may_leave(server)[:ROUNDS]
    assert len(chosen) == ROUNDS, "the demo has enough plain members"
    for area, people in by_area(chosen, AT_ONCE):
        with Load(server, server.who(area=area, role="moderator"), area) as load:
            sixes = [Six(server, person, area) for person in people]
            for six in sixes:
                six.begin()
            for six in sixes:
                six.open()
            reports = [timed(server, six, load) for six in sixes]
        assert not load.failed, load.failed
        for six, rows in zip(sixes, reports, strict=True):
            assert six.leaks(load, rows[0]["at"]) == []


def timed(server: Server, six: Six, load: Load) -> list[dict[str, Any]]:
    """Off-board one of them and look at the watches; the report's rows."""
    rows = off_board(server, six.person["login"])
    six.wait()
    left = rows[0]["at"]
    load.once_more()
    took = {name: (six.watches[name].ended - left) / 1e6 for name in DOORS}
    said = {row["door"]: (row["sessions"], (row["at"] - left) / 1e6) for row in rows if "door" in row}
    print(six.person["login"], took, said)
    assert list(load.after(left)), "somebody wrote while they left"
    assert max(took.values()) <= WITHIN / 1e6, took
    assert set(said) == ways_in(server), "each way in has a line"
    open_at = {door: sessions for door, (sessions, _) in said.items() if sessions}
    assert open_at == {"imap": 2, "matrix": 1, "portal": 1, "submission": 1}
    assert all(0 <= after <= WITHIN / 1e6 for _, after in said.values()), said
    return rows
