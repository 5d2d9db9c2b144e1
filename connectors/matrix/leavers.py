"""Whoever may do nothing any more is signed out of Matrix everywhere, and what their clients wait for ends.

The policy module refuses their requests by itself; but an answer that a client already waits for would still hold the
next message (measured), and only the loss of its device ends it.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import TYPE_CHECKING
from urllib.parse import quote

from groupware.live import Session

if TYPE_CHECKING:
    from connectors.house import Address
    from connectors.matrix.service import Service
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
        self._out: frozenset[str] = frozenset()
        """Those already signed out."""
        self._woken = asyncio.Event()
        self._session = Session(0, 0, self._woken.set, self._woken.set)

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

    async def _look(self) -> None:
        """What fails is tried again at the next look."""
        try:
            gone = await self._groupware.out_of_office()
            self._out &= gone
            for login in sorted(gone - self._out):
                await self._sign_out(login)
        except Exception:
            log.exception("leavers-not-signed-out")

    async def _sign_out(self, login: str) -> None:
        """POST /logout/all in their name (Client-Server API): every device and token of theirs ends."""
        path = f"/_matrix/client/v3/logout/all?user_id={quote(self._service.matrix_id(login))}"
        status = await _post(self._at, path, self._service.as_token)
        if status in DONE:
            self._out |= {login}
        else:
            log.warning("leaver-not-signed-out", extra={"status": status})


async def _post(at: Address, path: str, token: str) -> int:
    """The status of the answer. Raises OSError."""
    async with asyncio.timeout(ANSWER_WITHIN):
        reader, writer = await asyncio.open_connection(at.host, at.port)
        try:
            head = f"POST {path} HTTP/1.0\r\nAuthorization: Bearer {token}\r\nContent-Length: 2\r\n\r\n{{}}"
            writer.write(head.encode())
            status = (await reader.readline()).split()
        finally:
            writer.close()
    if len(status) < 2:  # noqa: PLR2004 -- version and code
        raise ConnectionError("no answer")
    return int(status[1])
