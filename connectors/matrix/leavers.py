"""Whoever may do nothing any more is signed out of Matrix everywhere, and what their clients wait for ends.

So is a single device whose app password was revoked or has expired.

The policy module refuses their requests by itself; but an answer that a client already waits for would still hold the
next message (measured), and only the loss of its device ends it.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.matrix.service import DEVICE
from groupware import clock
from groupware.live import WATCHER, Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connectors.house import Address
    from connectors.matrix.service import Service
    from groupware.duties.closings import Gone
    from groupware.matrix.devices import Device
    from groupware.service import Groupware

LOOK_EVERY = 10.0
"""Seconds, for terms of office that end by date: no event tells of that."""
ANSWER_WITHIN = 10.0
DONE = frozenset({200, 403})
"""Signed out; or the homeserver doesn't know them (the application service has not registered this user)."""
log = logging.getLogger("iconet.matrix")


class Leavers:
    """Watches who is in office, for the homeserver at `at`."""

    def __init__(self, groupware: Groupware, service: Service, at: Address) -> None:
        self._groupware = groupware
        self._service = service
        self._at = at
        self._out: dict[str, tuple[int, int]] = {}
        """Those already signed out: of how many devices, and when (microseconds)."""
        self._changed = asyncio.Event()
        self._woken = asyncio.Event()
        self._session = Session(WATCHER, 0, self._woken.set, self._woken.set)

    async def run(self) -> None:
        """Watch until cancelled."""
        self._groupware.live.join(self._session)
        try:
            while True:
                self._woken.clear()
                await self._look()
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY):
                        await self._woken.wait()
        finally:
            self._groupware.live.leave(self._session)

    async def closed(self, gone: Gone) -> tuple[int, int]:
        """Wait until somebody is signed out: of how many devices, and when that was (microseconds).

        Who could do nothing before they left was signed out then, and had none.
        """
        while gone.login not in self._out:
            await self._changed.wait()
        devices, at = self._out[gone.login]
        return (devices, at) if at >= gone.at else (0, gone.at)

    async def _look(self) -> None:
        """What fails is tried again at the next look."""
        try:
            gone = await self._groupware.out_of_office()
            self._out = {login: out for login, out in self._out.items() if login in gone}
            for login in sorted(gone - self._out.keys()):
                await self._sign_out(login)
            for device in await self._groupware.matrix.devices_to_end():
                await self._end(device)
        except Exception:
            log.exception("leavers-not-signed-out")

    async def _sign_out(self, login: str) -> None:
        """POST /logout/all in their name (Client-Server API): every device and token of theirs ends."""
        devices = await self._devices(login)
        status = await self._post("logout/all", login, {})
        if status in DONE:
            self._out[login] = devices, clock.now()
            changed, self._changed = self._changed, asyncio.Event()
            changed.set()
        else:
            log.warning("leaver-not-signed-out", extra={"status": status})

    async def _devices(self, login: str) -> int:
        """GET /devices in their name: how many there are, but ICONet's own; none of whom it doesn't know."""
        status, said = await _asked(self._at, "GET", self._path("devices", login), self._service.as_token)
        if status not in DONE:
            raise ConnectionError(f"devices: {status}")
        found = json.loads(said).get("devices", [])
        return sum(each["device_id"] != DEVICE for each in found)

    async def _end(self, device: Device) -> None:
        """POST /delete_devices in their name, which an application service may without their password (MSC4190)."""
        status = await self._post("delete_devices", device.login, {"devices": [device.name]})
        if status in DONE:
            await self._groupware.matrix.device_ended(device)
        else:
            log.warning("device-not-signed-out", extra={"status": status})

    async def _post(self, what: str, login: str, body: Mapping[str, object]) -> int:
        path, token = self._path(what, login), self._service.as_token
        return (await _asked(self._at, "POST", path, token, json.dumps(body)))[0]

    def _path(self, what: str, login: str) -> str:
        return f"/_matrix/client/v3/{what}?user_id={quote(self._service.matrix_id(login))}"


async def _asked(at: Address, verb: str, path: str, token: str, body: str = "") -> tuple[int, bytes]:
    """The status of the answer, and what it says. Raises OSError."""
    async with asyncio.timeout(ANSWER_WITHIN):
        reader, writer = await asyncio.open_connection(at.host, at.port)
        try:
            head = f"{verb} {path} HTTP/1.0\r\nAuthorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
            writer.write(f"{head}{body}".encode("ascii"))
            head_of_answer, _, said = (await reader.read()).partition(b"\r\n\r\n")
        finally:
            writer.close()
    status = head_of_answer.partition(b"\r\n")[0].split()
    if len(status) < 2:  # noqa: PLR2004 -- version and code
        raise ConnectionError("no answer")
    return int(status[1]), said
