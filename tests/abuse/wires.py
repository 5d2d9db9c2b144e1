"""Lines over TLS, written by hand: what a well-behaved client library would refuse to send."""

from __future__ import annotations

import base64
import http.client
import json
import socket
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from serving import Server

PATIENCE = 15.0


class Wire:
    """A TLS connection to one of the line doors, its greeting read."""

    def __init__(self, server: Server, door: str) -> None:
        where = server.endpoints[door]
        plain = socket.create_connection((where["host"], where["port"]), timeout=PATIENCE)
        self.socket = server.tls.wrap_socket(plain, server_hostname=where["host"])
        self.file = self.socket.makefile("rb")
        self.line()

    def close(self) -> None:
        """Without a goodbye."""
        self.file.close()
        self.socket.close()

    def send(self, octets: bytes) -> None:
        """As they are."""
        self.socket.sendall(octets)

    def line(self) -> bytes:
        """One line without its end; empty when the server has closed."""
        return self.file.readline().removesuffix(b"\r\n")

    def smtp(self, command: bytes) -> bytes:
        """The last line of the reply."""
        self.send(command + b"\r\n")
        while (line := self.line())[3:4] == b"-":
            pass
        return line

    def imap(self, command: bytes, tag: bytes = b"t") -> list[bytes]:
        """All lines until the tagged one, or the end of the connection."""
        self.send(tag + b" " + command + b"\r\n")
        lines = [self.line()]
        while lines[-1] and not lines[-1].startswith((tag + b" ", b"* BYE")):
            lines.append(self.line())
        return lines


def smtp(server: Server, person: dict[str, Any]) -> Wire:
    """Signed in at submission."""
    wire = Wire(server, "submission")
    wire.smtp(b"EHLO here")
    secret = f"\0{person['login']}\0{person['app_password']}".encode()
    assert wire.smtp(b"AUTH PLAIN " + base64.b64encode(secret)).startswith(b"235")
    return wire


def imap(server: Server, person: dict[str, Any], folder: str = "") -> Wire:
    """Logged in, a folder selected if named."""
    wire = Wire(server, "imap")
    assert b" OK" in wire.imap(f"LOGIN {person['login']} {person['app_password']}".encode())[-1]
    if folder:
        assert b" OK" in wire.imap(f"SELECT {folder}".encode())[-1]
    return wire


def post(wire: Wire, person: dict[str, Any], to: str, message: bytes) -> bytes:
    """The reply to DATA; `message` is sent as it is and then ended."""
    wire.smtp(b"RSET")
    assert wire.smtp(f"MAIL FROM:<{person['address']}>".encode()).startswith(b"250")
    assert wire.smtp(f"RCPT TO:<{to}>".encode()).startswith(b"250")
    assert wire.smtp(b"DATA").startswith(b"354")
    wire.send(message)
    return wire.smtp(b"\r\n.")


def api(server: Server, person: dict[str, Any], method: str, path: str, body: object = None) -> tuple[int, bytes]:
    """Status and body of one call."""
    token = base64.b64encode(f"{person['login']}:{person['app_password']}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    place = server.endpoints["api"]["url"].removeprefix("https://").partition("/")
    client = http.client.HTTPSConnection(place[0], timeout=PATIENCE, context=server.tls)
    client.request(method, f"/{place[2]}{path}", None if body is None else json.dumps(body), headers)
    response = client.getresponse()
    found = response.status, response.read()
    client.close()
    return found
