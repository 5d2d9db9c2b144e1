"""What is promised about bytes, searching and leaving, asked of a running server by hand-written clients."""

from __future__ import annotations

import hashlib
import json
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from serving import iconet
from wires import api, imap, post, smtp

if TYPE_CHECKING:
    from serving import Server

AT_ONCE = 2.0
"""Seconds within which every door lets go of somebody who has left."""
HIDDEN = (
    b"Bcc: hidden@iconet.test\r\nApproved: hidden\r\nControl: cancel <hidden@t>\r\nXref: hidden\r\nPath: hidden!x\r\n"
)
BODIES = {
    "eight-bit": b"caf\xe9 \xff\xfe\x80\r\n",
    "long": b"y" * 998 + b"\r\n",
    "dots": b".\r\n..\r\n.a\r\n",
    "spaces": b"a  \t \r\n   \r\n",
    "unended": b"no line end",
    "blank": b"\r\n\r\n",
}


def publish(server: Server, moderator: dict[str, Any], name: str) -> None:
    held = json.loads(api(server, moderator, "GET", "/held")[1])
    number = next(each["id"] for each in held if each["message_id"] == name)
    decision = {"decision": "approve", "reason": ""}
    assert api(server, moderator, "POST", f"/held/{number}", decision)[0] == 200
    assert api(server, moderator, "POST", f"/held/{number}", decision)[0] == 409


@pytest.mark.parametrize("kind", BODIES)
def test_bytes_are_kept_hidden_fields_are_not_shown_and_message_ids_are_found(server: Server, kind: str) -> None:
    author, moderator = server.who(area="return"), server.who(area="return", role="moderator")
    name = f"<{kind}@odd.test>"
    head = f"From: {author['address']}\r\nMessage-ID: {name}\r\nDate: Sun, 22 Nov 2026 04:00:00 +0000\r\n".encode()
    message = head + HIDDEN + b"\r\n" + BODIES[kind].removesuffix(b"\r\n")
    wire = smtp(server, author)
    stuffed = message.replace(b"\r\n.", b"\r\n..")
    acknowledged = post(wire, author, "return@iconet.test", stuffed)
    assert acknowledged.startswith(b"250"), acknowledged
    assert post(wire, author, "return@iconet.test", stuffed) == acknowledged
    assert post(wire, author, "return@iconet.test", stuffed + b"\r\n!").startswith(b"554 5.6.0 message-id-reused")
    wire.close()
    publish(server, moderator, name)
    stored = message + b"\r\n"
    assert api(server, author, "GET", f"/posts/{quote(name, safe='')}/raw") == (200, stored)
    rows = [json.loads(line) for line in iconet(server.data, "store", "ls", "--json").stdout.splitlines()]
    assert [row["sha256"] for row in rows if row["message_id"] == name] == [hashlib.sha256(stored).hexdigest()]
    reader = imap(server, moderator, "Areas/return")
    found = reader.imap(f'SEARCH HEADER Message-ID "{name}"'.encode())[0].split()[2:]
    assert len(found) == 1, "found by its Message-ID"
    reader.send(b"f FETCH %b (BODY.PEEK[])\r\n" % found[0])
    size = int(reader.line().rpartition(b"{")[2].rstrip(b"}"))
    shown = reader.file.read(size)
    assert shown.partition(b"\r\n\r\n")[2] == stored.partition(b"\r\n\r\n")[2]
    assert b"idden" not in shown
    assert all(line + b"\r\n" in shown for line in head.splitlines())
    reader.close()


def test_every_open_door_lets_go_of_who_leaves(server: Server) -> None:
    leaver = server.who(area="travel-documents", without="return")
    idler, sender = imap(server, leaver, "INBOX"), smtp(server, leaver)
    idler.send(b"i IDLE\r\n")
    assert idler.line().startswith(b"+")
    assert iconet(server.data, "off-board", leaver["login"]).returncode == 0
    began = time.monotonic()
    assert idler.line().startswith(b"* BYE")
    assert sender.line().startswith(b"421 4.7.0 signed-out")
    assert idler.line() == sender.line() == b""
    assert time.monotonic() - began < AT_ONCE
    assert api(server, leaver, "GET", "/rooms")[0] == 401


def test_a_silent_client_does_not_hold_the_end(server: Server) -> None:
    """Neither one in IDLE that never closes its side, nor one that never begins TLS."""
    idler = imap(server, server.who(area="liaison"), "INBOX")
    idler.send(b"i IDLE\r\n")
    assert idler.line().startswith(b"+")
    began = time.monotonic()
    assert server.stop() == 0
    assert time.monotonic() - began < 5
    assert "door-not-closed" not in server.log()
