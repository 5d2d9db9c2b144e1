from __future__ import annotations

import errno
import json
import os
import select
import signal
import socket
import ssl
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import Start

PATIENCE = 30


def greeting(endpoints: dict[str, Any]) -> bytes:
    door = endpoints["imap"]
    context = ssl.create_default_context(cafile=endpoints["ca_file"])
    with (
        socket.create_connection(("127.0.0.1", door["port"]), timeout=PATIENCE) as plain,
        context.wrap_socket(plain, server_hostname=door["host"]) as connection,
    ):
        return connection.recv(100)


def ended(child: int) -> bool:
    try:
        return bool(select.select([child], [], [], PATIENCE)[0])
    finally:
        os.close(child)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_tells_when_every_door_answers_and_stops_cleanly(start: Start, number: int) -> None:
    server = start("--door", "imap")
    pid = server.until("ready")
    endpoints = json.loads(server.endpoints.read_text())
    assert endpoints["version"] == 1
    assert endpoints["pid"] == int(pid) == server.process.pid
    assert endpoints["imap"] == {"host": "localhost", "port": endpoints["imap"]["port"], "tls": "implicit"}
    assert server.endpoints.stat().st_mode & 0o777 == 0o600
    assert greeting(endpoints) == b"hello\r\n"
    code, log = server.end(number)
    assert code == 0
    assert [line["event"] for line in log] == ["serving", "stopping", "stopped"]
    assert not {"endpoints.json", "control.sock"} & {path.name for path in server.data.iterdir()}


def test_clients_that_speak_no_tls_or_distrust_us_are_no_traceback_and_nameless(start: Start) -> None:
    server = start("--door", "imap")
    server.until("ready")
    endpoints = json.loads(server.endpoints.read_text())
    address = ("127.0.0.1", endpoints["imap"]["port"])
    for nonsense in (b"GET / HTTP/1.0\r\n\r\n", b"\x16\x03\x01\x02\x00" + b"\xff" * 600):
        with socket.create_connection(address, timeout=PATIENCE) as client:
            client.sendall(nonsense)
            with suppress(ConnectionResetError):
                while client.recv(1000):
                    pass
    with socket.create_connection(address, timeout=PATIENCE) as client, pytest.raises(ssl.SSLCertVerificationError):
        ssl.create_default_context().wrap_socket(client, server_hostname="localhost")
    assert greeting(endpoints) == b"hello\r\n"
    code, log = server.end(signal.SIGTERM)
    assert code == 0
    assert "127.0.0.1" not in json.dumps(log)
    assert "Traceback" not in json.dumps(log)


def test_stops_while_it_starts(start: Start) -> None:
    server = start("--seed", "endless")
    server.until("seeding")
    code, log = server.end(signal.SIGTERM)
    assert (code, [line["event"] for line in log]) == (0, ["stopping", "stopped"])


def test_a_door_that_will_not_close_is_named_and_left(start: Start) -> None:
    server = start("--door", "submission", "--door", "imap")
    server.until("ready")
    code, log = server.end(signal.SIGTERM)
    assert code == 0
    assert [line["door"] for line in log if line["event"] == "door-not-closed"] == ["submission"]


def test_a_store_that_cannot_be_opened_is_named(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "iconet.db").write_text("no database, but long enough to be taken for one" * 100)
    code, log = start().end()
    assert code == 1
    assert str(data) in str(log[-1]["cause"])
    assert "file is not a database" in str(log[-1]["cause"])


def test_starts_again_on_the_same_directory(start: Start) -> None:
    for _ in range(2):
        server = start("--door", "imap")
        server.until("ready")
        assert server.end(signal.SIGTERM)[0] == 0


def test_a_door_that_does_not_answer_is_a_fault_and_nothing_is_told(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "endpoints.json").write_text("from a server that was killed")
    server = start("--door", "imap", "--door", "web")
    code, log = server.end()
    assert code == 1
    assert log[-1]["cause"] == "web: 127.0.0.1:1 does not answer: Connection refused"
    assert not server.endpoints.exists()


def test_a_taken_port_names_door_address_and_port(start: Start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, log = start("--door", "imap", "--port", str(port)).end()
    assert code == 1
    assert log[-1]["cause"] == f"imap: 127.0.0.1:{port} is taken by another program"


def test_a_second_server_on_the_same_directory_names_the_first(start: Start) -> None:
    first = start()
    first.until("ready")
    code, log = start().end()
    assert code == 1
    assert log[-1]["cause"] == f"{first.data}: in use by another ICONet (process {first.process.pid})"
    assert first.endpoints.exists()
    assert first.end(signal.SIGTERM)[0] == 0


def test_a_directory_that_cannot_be_made_is_named(start: Start, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code, log = start(data=tmp_path / "file" / "data").end()
    assert code == 1
    assert log[-1]["cause"] == f"{tmp_path}/file/data: cannot be the data directory: {os.strerror(errno.ENOTDIR)}"


def test_work_that_fails_ends_the_server_with_one_line_that_quotes_nothing(start: Start) -> None:
    code, log = start("--work", "failing").end()
    assert code == 1
    error = next(line["error"] for line in log if line["event"] == "work-ended")
    assert isinstance(error, dict)
    assert error["type"] == "ValueError"
    assert error["message"] == "could not read '...' for [address]"
    assert "toy.py:" in error["location"]
    assert log[-1]["cause"] == "failing ended, and nothing works without it"


def test_a_store_that_has_to_stop_ends_the_server(start: Start) -> None:
    server = start("--door", "imap", "--work", "disk-failing")
    code, log = server.end()
    assert code == 1
    assert log[-1]["cause"] == "/srv/x: disk I/O error"
    assert not server.endpoints.exists()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGKILL, -signal.SIGKILL)])
def test_no_child_outlives_a_server_that_is_stopped_or_killed(start: Start, number: int, code: int) -> None:
    server = start("--work", "sleeper")
    child = os.pidfd_open(int(server.until("child")))
    server.until("ready")
    assert server.end(number)[0] == code
    assert ended(child)
