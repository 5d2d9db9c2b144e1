"""A disk that is full: come back later, reading goes on, and nothing is lost or doubled when there is room again."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from serving import Server, iconet, start
from wires import api, imap, post, smtp

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OWN_MOUNTS = 0x00020000
"""CLONE_NEWNS, see unshare(2); it is refused to whoever may not mount either."""
ROOM_LEFT = 400_000
"""Octets: for the log to take a few messages more."""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """On a small file system of its own."""
    where = tmp_path / "disk"
    where.mkdir()
    _see_mounts_alone()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", where], check=False)
    if mounted.returncode:
        assert not os.environ.get("CI"), "no small file system can be mounted"
        pytest.skip("mounting a file system needs more rights")
    try:
        running = start(where / "demo")
        yield running
        running.kill()
    finally:
        subprocess.run(["umount", "-l", where], check=True)


def _see_mounts_alone() -> None:
    """What is mounted from here on is seen by this process and its children only, and is gone with them, if killed."""
    if ctypes.CDLL(None).unshare(OWN_MOUNTS) == 0:
        subprocess.run(["mount", "--make-rprivate", "/"], check=True)


def fill(data: Path) -> Path:
    """Leave little room. What the server writes meanwhile may take too much of it: then once more."""
    filler = data.parent / "filler"
    while True:
        filler.write_bytes(b"")
        place = os.statvfs(data)
        with suppress(OSError):
            filler.write_bytes(b"\0" * (place.f_bavail * place.f_bsize - ROOM_LEFT))
            return filler


def test_a_full_disk_is_a_matter_of_time(server: Server) -> None:
    author, moderator = server.who(area="return"), server.who(area="return", role="moderator")
    wire, reader = smtp(server, author), imap(server, author, "Areas/return")
    shown = reader.imap(b"FETCH 1 (BODY.PEEK[TEXT])")
    assert len(shown) > 1
    filler = fill(server.data)
    messages = [
        f"From: {author['address']}\r\nMessage-ID: <{number}@full.test>\r\n\r\n".encode() + b"x" * 70 + b"\r\n" * 50_000
        for number in range(40)
    ]
    replies = [post(wire, author, "return@iconet.test", message)[:3] for message in messages]
    assert b"451" in replies
    assert set(replies) <= {b"250", b"451"}
    assert reader.imap(b"FETCH 1 (BODY.PEEK[TEXT])") == shown
    assert b" OK" in imap(server, author, "Areas/return").imap(b"SEARCH ALL")[-1]
    status, said = api(server, moderator, "GET", "/held")
    assert status in (200, 503), "to come in is written down, and may find no room"
    held = json.loads(said) if status == 200 else []
    for each in held[:1]:
        decided = api(server, moderator, "POST", f"/held/{each['id']}", {"decision": "approve"})[0]
        assert decided in (200, 503), "so small a write may still find room in the log; it is never an error of ours"
    filler.unlink()
    again = [post(wire, author, "return@iconet.test", message)[:3] for message in messages]
    assert set(again) == {b"250"}
    _compare(server)
    assert server.stop() == 0
    assert "Traceback" not in server.log()


def _compare(server: Server) -> None:
    listed = iconet(server.data, "store", "ls", "--json").stdout.splitlines()
    counted = Counter(json.loads(line)["message_id"] for line in listed)
    assert [counted[f"<{number}@full.test>"] for number in range(40)] == [1] * 40
    checked = iconet(server.data, "check", "--json")
    assert checked.returncode == 0, checked.stdout
