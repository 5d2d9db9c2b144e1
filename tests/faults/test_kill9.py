"""kill -9 under load, again and again: what was acknowledged is there once, and everything fits together."""

from __future__ import annotations

import json
import os
import threading
from collections import Counter
from pathlib import Path

import pytest
from ledger import Ledger
from serving import iconet, start

ROUNDS = 50 if os.environ.get("ICONET_SOAK") else 5
CLIENTS = 6
MOST_SECONDS = 60
CHILDREN_SECONDS = 5
LOAD_BEFORE_KILL = 40
"""Acknowledged messages of a round after which the server is killed."""


@pytest.mark.timeout(ROUNDS * 60)
def test_nothing_acknowledged_is_lost_or_doubled(tmp_path: Path, planted: Path) -> None:
    data, ledger = tmp_path / "demo", Ledger()
    for number in range(ROUNDS):
        server = start(data, like=planted)
        ledger.stopping.clear()
        author, moderator = server.who(area="return"), server.who(area="return", role="moderator")
        people = [author, moderator] * (CLIENTS // 2)
        to = f"return@{server.endpoints['domain']}"
        threads = [
            threading.Thread(target=ledger.post_for_ever, args=(server.endpoints, person, to, server.tls), daemon=True)
            for person in people
        ]
        before = len(ledger.acknowledged)
        for thread in threads:
            thread.start()
        _wait(ledger, before + LOAD_BEFORE_KILL + 37 * number)
        children = _children(server.process.pid)
        server.kill()
        ledger.stopping.set()
        for thread in threads:
            thread.join(10)
        _wait_for_end(children)
        _compare(data, ledger)
        print(f"{number + 1}: {len(ledger.acknowledged)} of {len(ledger.tried)}", flush=True)
    print(f"{ROUNDS} kills, {len(ledger.acknowledged)} acknowledged of {len(ledger.tried)} tried")


def _wait(ledger: Ledger, enough: int) -> None:
    reached = threading.Event()
    for _ in range(MOST_SECONDS * 100):
        assert not ledger.refused, ledger.refused
        if len(ledger.acknowledged) >= enough:
            return
        reached.wait(0.01)
    raise AssertionError(f"only {len(ledger.acknowledged)} of {enough} acknowledged")


def _children(pid: int) -> list[Path]:
    return [Path(f"/proc/{child}") for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _wait_for_end(children: list[Path]) -> None:
    """A child dies with its parent, however that ended."""
    ended = threading.Event()
    for _ in range(CHILDREN_SECONDS * 100):
        if not any(child.exists() for child in children):
            return
        ended.wait(0.01)
    raise AssertionError(f"alive without their parent: {children}")


def _compare(data: Path, ledger: Ledger) -> None:
    checked = iconet(data, "check", "--json")
    assert checked.returncode == 0, checked.stdout + checked.stderr
    listed = [json.loads(line) for line in iconet(data, "store", "ls", "--json").stdout.splitlines()]
    rows = [row for row in listed if row["message_id"] in ledger.tried or "@ledger.test" in row["message_id"]]
    stored = {row["message_id"]: row["sha256"] for row in rows}
    counted = Counter(row["message_id"] for row in rows)
    assert [name for name, number in counted.items() if number > 1] == [], "doubled"
    assert [name for name in ledger.acknowledged if name not in stored] == [], "lost"
    assert [name for name, digest in stored.items() if digest != ledger.tried[name]] == [], "changed"
