"""The real door over TLS, in a thread with its own loop, so that blocking clients can be used; one for a module."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import smtplib
import socket
import ssl
import threading
from base64 import b64encode
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self, TypeVar

import uvloop
from town import DOMAIN, app_password, build

from connectors import logs
from connectors.certificates import certificate_for
from connectors.house import House
from connectors.settings import Listen, Settings
from connectors.submission.door import SubmissionDoor
from directory import roles
from groupware import clock
from groupware.service import open_groupware

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from town import Town

    from groupware.service import Groupware
    from groupware.store import Tx

T = TypeVar("T")
PATIENCE = 20


class Running:
    """A house with the door open."""

    def __init__(self, directory: Path) -> None:
        self.log = io.StringIO()
        self.loop = uvloop.new_event_loop()
        self.loop.set_exception_handler(logs.on_loop_exception)
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self.settings = Settings(data=directory)
        self.certificate = certificate_for(self.settings, clock.now())
        self.call(self._open())

    async def _open(self) -> None:
        data = self.settings.data
        self.groupware: Groupware = await open_groupware(data, directory=data, domain=DOMAIN)
        self.house = House(self.settings, self.groupware, self.certificate)
        self.town: Town = await self.groupware.store.run(build)
        self.secrets = {who: await app_password(self.groupware, self.town, who) for who in self.town.people}
        self.door = SubmissionDoor(self.house)
        self.port = (await self.door.start(Listen())).port

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(PATIENCE)

    def close(self) -> None:
        self.call(self.door.stop())
        self.call(self.groupware.close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The log; a traceback would be no JSON."""
        return [json.loads(line) for line in self.log.getvalue().splitlines()]

    @property
    def tls(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.certificate.authority))

    def lose(self, tx: Tx, who: str) -> None:
        """Every right that somebody has."""
        for grant in roles.held(tx.connection, self.town.people[who], tx.now):
            roles.revoke(tx.connection, grant.id, tx.now)

    def smtp(self, who: str = "") -> smtplib.SMTP_SSL:
        client = smtplib.SMTP_SSL("localhost", self.port, context=self.tls, timeout=PATIENCE)
        if who:
            client.login(who, self.secrets[who])
        return client

    def raw(self, who: str = "", port: int = 0) -> Raw:
        plain = socket.create_connection(("127.0.0.1", port or self.port), timeout=PATIENCE)
        raw = Raw(self.tls.wrap_socket(plain, server_hostname="localhost"))
        if who:
            raw.ask(b"EHLO client.test")
            raw.ask(b"AUTH PLAIN " + plain_response(who, self.secrets[who]))
        return raw


class Raw:
    """A client that says exactly what it is told to."""

    def __init__(self, connection: ssl.SSLSocket) -> None:
        self.connection = connection
        self.file = connection.makefile("rb")
        self.greeting = self.reply()

    def send(self, octets: bytes) -> None:
        self.connection.sendall(octets)

    def reply(self) -> bytes:
        """One reply, all its lines; empty when the door has hung up."""
        lines = []
        while line := self.file.readline():
            lines.append(line)
            if line[3:4] != b"-":
                break
        return b"".join(lines)

    def ask(self, command: bytes) -> bytes:
        self.send(command + b"\r\n")
        return self.reply()

    def rest(self) -> bytes:
        return self.file.read()

    def begin(self, who: str, to: str) -> bytes:
        """Up to the reply to DATA."""
        self.ask(f"MAIL FROM:<{who}@{DOMAIN}>".encode())
        self.ask(f"RCPT TO:<{to}>".encode())
        return self.ask(b"DATA")

    def close(self) -> None:
        self.file.close()
        self.connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def plain_response(name: str, secret: str) -> bytes:
    return b64encode(f"\0{name}\0{secret}".encode())


@contextmanager
def opened_door(directory: Path) -> Iterator[Running]:
    """With its own log, which is put back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    made = Running(directory)
    logs.install("info", made.log)
    try:
        yield made
    finally:
        made.close()
        root.handlers[:] = handlers
        root.setLevel(level)
