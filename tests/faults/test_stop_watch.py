"""Off-boarding with six open sessions, under load: each ends within two seconds, and none gets one message more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
import serving
from six_sessions import DOORS, Load, Six, off_board, who_may_leave

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from serving import Server

ROUNDS = 20 if os.environ.get("ICONET_SOAK") else 2
WITHIN = 2_000_000
"""Microseconds."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = serving.start(tmp_path / "demo")
    try:
        yield made
    finally:
        made.kill()


def leavers(server: Server) -> list[tuple[str, str]]:
    """Logins with the area in whose room they are."""
    return [(person["login"], person["areas"][0]) for person in who_may_leave(server)]


@pytest.mark.alone
@pytest.mark.timeout(900)
def test_every_session_ends_within_two_seconds_and_gets_nothing_more(server: Server) -> None:
    chosen = leavers(server)[:ROUNDS]
    assert len(chosen) == ROUNDS, "the demo has enough plain members"
    for login, area in chosen:
        six = Six(server, server.person(login), area)
        with Load(server, server.who(area=area, role="moderator"), area) as load:
            six.open()
            rows = off_board(server, login)
            six.wait()
        left = rows[0]["at"]
        took = {name: (six.watches[name].ended - left) / 1e6 for name in DOORS}
        said = {row["door"]: (row["sessions"], (row["at"] - left) / 1e6) for row in rows if "door" in row}
        print(login, took, said)
        assert not load.failed, load.failed
        assert list(load.after(left)), "somebody wrote while they left"
        assert six.leaks(load, left) == []
        assert max(took.values()) <= WITHIN / 1e6, took
        assert {door: sessions for door, (sessions, _) in said.items()} == {
            "imap": 2,
            "matrix": 1,
            "portal": 1,
            "submission": 1,
            "ldap": 0,
        }
        assert all(0 <= after <= WITHIN / 1e6 for _, after in said.values()), said
