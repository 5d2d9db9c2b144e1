"""What is between the lines: smuggling, pipelining, slow and broken clients, and the door's end."""

from __future__ import annotations

import asyncio
import socket
import struct
import tempfile
import threading
from typing import TYPE_CHECKING

import pytest
from town import DOMAIN, message

from connectors.house import House
from connectors.settings import Listen, Settings, Submission
from connectors.submission import replies
from connectors.submission.door import SubmissionDoor
from connectors.submission.incoming import Incoming

if TYPE_CHECKING:
    from pathlib import Path

    from submission_house import Running

ROOM = f"return@{DOMAIN}"
ENDS = [
    b"\n.\n",
    b"\n.\r\n",
    b"\r\n.\n",
    b"\r.\r",
    b"\r.\r\n",
    b"\r\n.\r",
    b"\r\n\0.\r\n",
    b"\r\n.\0\r\n",
    b"\n\n.\r\r\n",
]
SMUGGLED = (
    b"MAIL FROM:<anna@iconet.test>\r\nRCPT TO:<otto@iconet.test>\r\nDATA\r\nFrom: anna@iconet.test\r\n\r\nsmuggled"
)


@pytest.mark.parametrize("end", ENDS)
def test_only_one_sequence_ends_a_message(running: Running, end: bytes) -> None:
    with running.raw("anna") as client:
        client.begin("anna", ROOM)
        client.send(message("anna", ROOM, "s", "t") + b"body" + end + SMUGGLED + b"\r\n.\r\nNOOP\r\nQUIT\r\n")
        told = client.rest().splitlines()
    assert [line[:9] for line in told] == [b"554 5.6.0", b"250 2.0.0", b"221 2.0.0"]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 1000])
def test_a_message_may_come_in_any_pieces(size: int) -> None:
    sent = b"..a\r\n.b\r\n\r\n...\r\n.x.\r\n\r.\r\n" + b"..\r\n.\r\nNOOP\r\n"
    incoming, rest = Incoming(1000), None
    pieces = [sent[at : at + size] for at in range(0, len(sent), size)]
    while rest is None:
        rest = incoming.feed(pieces.pop(0))
    assert incoming.message() == b".a\r\nb\r\n\r\n..\r\nx.\r\n\r.\r\n.\r\n"
    assert rest + b"".join(pieces) == b"NOOP\r\n"
    assert not incoming.too_large


def test_what_is_too_large_is_not_kept() -> None:
    incoming = Incoming(1000)
    for _ in range(5000):
        assert incoming.feed(b"x" * 100) is None
    assert incoming.too_large
    assert len(incoming._octets) < 2000
    assert incoming.feed(b"\r\n.\r") is None
    assert incoming.feed(b"\nQUIT\r\n") == b"QUIT\r\n"


def test_what_waits_in_a_file_is_the_same_message() -> None:
    incoming, sent = Incoming(1_000_000), b"..a\r\n" * 10_000 + b".\r\n"
    for at in range(0, len(sent), 997):
        incoming.feed(sent[at : at + 997])
        if incoming.in_memory > 5000:
            incoming.spill()
            assert incoming.in_memory == 0
    assert incoming.message() == b".a\r\n" * 10_000
    incoming.close()


def test_a_message_whose_file_is_not_written_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "absent"))
    incoming = Incoming(1000)
    incoming.feed(b"a\r\n")
    incoming.spill()
    assert incoming.feed(b"b\r\n.\r\n") == b""
    with pytest.raises(OSError, match="absent"):
        incoming.message()


def test_commands_behind_the_largest_message_are_not_counted_with_it() -> None:
    incoming = Incoming(1000)
    assert incoming.feed(b"x" * 998 + b"\r\n.\r\n" + b"NOOP\r\n" * 100) == b"NOOP\r\n" * 100
    assert incoming.message() == b"x" * 998 + b"\r\n"


def test_an_empty_message_ends_at_once() -> None:
    incoming = Incoming(1000)
    assert incoming.feed(b".\r\n") == b""
    assert incoming.message() == b""


def test_commands_and_messages_may_be_pipelined(running: Running) -> None:
    """RFC 2920: everything in one write, message and all."""
    one = f"MAIL FROM:<anna@{DOMAIN}>\r\nRCPT TO:<{ROOM}>\r\nRCPT TO:<nobody@{DOMAIN}>\r\nDATA\r\n".encode()
    said = [one + message("anna", ROOM, "s", "t", message_id=f"<pipe{n}@x>") + b".\r\n" for n in range(5)]
    with running.raw("anna") as client:
        client.send(b"".join(said) + b"QUIT\r\n")
        told = [line[:3] for line in client.rest().splitlines()]
    assert told == [b"250", b"250", b"550", b"354", b"250"] * 5 + [b"221"]


def test_replies_to_pipelined_commands_come_together(running: Running) -> None:
    with running.raw("anna") as client:
        client.send(b"NOOP\r\n" * 20)
        assert client.connection.recv(10_000) == b"250 2.0.0 OK\r\n" * 20


def test_one_octet_at_a_time(running: Running) -> None:
    said = f"MAIL FROM:<anna@{DOMAIN}>\r\nRCPT TO:<{ROOM}>\r\nDATA\r\n".encode()
    said += message("anna", ROOM, "s", "t", message_id="<slow@x>") + b".\r\nQUIT\r\n"
    with running.raw("anna") as client:
        for octet in said:
            client.send(bytes([octet]))
        assert [line[:3] for line in client.rest().splitlines()] == [b"250", b"250", b"354", b"250", b"221"]


def test_handshake_garbage_and_resets_leave_the_door_open_and_the_log_quiet(running: Running) -> None:
    before = len(running.lines)
    for garbage in (b"EHLO plain\r\n", b"\x16\x03\x01\xff\xff" + b"\0" * 500, b"", b"GET / HTTP/1.0\r\n\r\n"):
        with socket.create_connection(("127.0.0.1", running.port), timeout=5) as plain:
            plain.sendall(garbage)
            plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with running.raw("anna") as client:
        client.begin("anna", ROOM)
        client.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with running.raw() as client:
        assert client.ask(b"NOOP") == b"250 2.0.0 OK\r\n"
    assert running.lines[before:] == []


def another(running: Running, **limits: int) -> tuple[SubmissionDoor, int]:
    house = House(Settings(submission=Submission(**limits)), running.groupware, running.certificate)

    async def opened() -> tuple[SubmissionDoor, int]:
        door = SubmissionDoor(house)
        return door, (await door.start(Listen())).port

    return running.call(opened())


def test_too_many_connections_are_told_so(running: Running) -> None:
    door, port = another(running, connections_of_one=2)
    first, second, third = (running.raw(port=port) for _ in range(3))
    assert first.ask(b"NOOP") == second.ask(b"NOOP") == b"250 2.0.0 OK\r\n"
    assert third.greeting == replies.TOO_MANY_CONNECTIONS.encode() + b"\r\n"
    running.call(door.stop())


def test_a_stop_lets_messages_end_and_refuses_the_rest(running: Running) -> None:
    door, port = another(running)
    idle, busy = running.raw(port=port), running.raw("anna", port=port)
    busy.begin("anna", ROOM)
    raw = message("anna", ROOM, "s", "t", message_id="<last@x>")
    busy.send(raw[:20])
    stopping = asyncio.run_coroutine_threadsafe(door.stop(), running.loop)
    assert idle.reply() == replies.STOPPING.encode() + b"\r\n"
    assert not stopping.done()
    busy.send(raw[20:] + b".\r\n")
    assert busy.reply().startswith(b"250 2.6.0 <last@x> held")
    assert busy.reply() == replies.STOPPING.encode() + b"\r\n"
    stopping.result(10)
    with pytest.raises(OSError, match="refused"):
        running.raw(port=port)


def test_who_does_not_sign_in_or_falls_silent_is_closed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.submission.limits.SIGNED_IN_WITHIN", 0.3)
    monkeypatch.setattr("connectors.submission.limits.IDLE", 0.3)
    with running.raw() as stranger:
        assert stranger.reply() == replies.SIGN_IN_TOO_LATE.encode() + b"\r\n"
    with running.raw("anna") as silent:
        assert silent.reply() == replies.TIMED_OUT.encode() + b"\r\n"
    with running.raw("anna") as silent:
        silent.begin("anna", ROOM)
        silent.send(b"From: ")
        assert silent.rest() == b"", "in the middle of a message nothing can be said"


def test_who_does_not_read_is_closed(running: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.submission.limits.SIGNED_IN_WITHIN", 1.0)
    with running.raw() as deaf:
        deaf.connection.settimeout(10)
        with pytest.raises(OSError):  # noqa: PT011 -- reset, broken pipe or EOF in TLS, as it happens
            deaf.send(b"HELP\r\n" * 10_000_000)


def test_sixteen_at_once_all_arrive(running: Running) -> None:
    told: list[bytes] = []

    def work(name: int) -> None:
        with running.raw("clara") as client:
            for number in range(5):
                client.begin("clara", ROOM)
                client.send(message("clara", ROOM, "s", "t", message_id=f"<{name}.{number}@many>") + b".\r\n")
                told.append(client.reply())

    threads = [threading.Thread(target=work, args=(name,)) for name in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({line.split()[2] for line in told if line.startswith(b"250 2.6.0 ")}) == 80
