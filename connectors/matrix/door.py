"""The Matrix door: the homeserver as a child, the socket on which it asks, the bridge, and those who are signed out."""

from __future__ import annotations

import asyncio
import secrets
import socket
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from connectors.house import Address, only_one
from connectors.matrix.configuration import CLIENT, MEBIBYTE, Plan, make, written
from connectors.matrix.gate import Gate
from connectors.matrix.homeserver import Homeserver, program
from connectors.matrix.leavers import Leavers
from connectors.matrix.questions import Questions
from connectors.matrix.secrets import kept
from connectors.matrix.service import Service
from groupware.provider.clients import Client, is_place
from policies.vocabulary import Door

if TYPE_CHECKING:
    from connectors.house import House
    from connectors.matrix.service import Bridge, BridgeFactory
    from connectors.settings import Listen
    from groupware.duties.closings import Gone

OCTETS = 32
NOT_LENT, TRIES = range(20_000, 32_000), 10
"""Linux lends 32768 to 60999 where nobody has set it otherwise."""


class MatrixDoor:
    """The door of `house`; `bridge_for` makes what stands between ICONet's rooms and Matrix's."""

    def __init__(self, house: House, bridge_for: BridgeFactory) -> None:
        self._house = house
        self._bridge_for = bridge_for
        self._exits = AsyncExitStack()
        self.homeserver: Homeserver | None = None
        self.questions: Questions | None = None
        self._leavers: Leavers | None = None
        house.groupware.duties.closings.door(Door.MATRIX, self._closed)

    async def _closed(self, gone: Gone) -> tuple[int, int]:
        """See Leavers.closed. Before the homeserver runs nobody is served."""
        return (0, gone.at) if self._leavers is None else await self._leavers.closed(gone)

    async def start(self, listen: Listen) -> Address:
        """See connectors.house.Door: every room that ICONet has can be entered when it returns. Raises Fault."""
        try:
            return await self._start(listen)
        except BaseException:
            await self._exits.aclose()
            raise

    async def stop(self) -> None:
        """See connectors.house.Door."""
        await self._exits.aclose()

    async def _start(self, listen: Listen) -> Address:
        settings = self._house.settings
        python = program(settings.matrix.python)
        directory = settings.data.absolute() / "matrix"
        make(directory)
        self._exits.enter_context(only_one(directory / "lock", directory))
        own = kept(directory)
        at = Address(listen.host, _free_port(listen), "none")
        service = Service(f"http://{at.host}:{at.port}", settings.domain, own.as_token, own.hs_token)
        bridge = self._bridge_for(self._house, service)
        secret = secrets.token_urlsafe(OCTETS)
        await self._ask(Questions(directory, secret, self._gate(service, bridge)))
        port = await self._listen(bridge)
        plan = Plan(directory, settings.domain, settings.host, at, port, secret, settings.matrix, self._house.portal)
        plan = await self._registered(plan, own.oidc)
        self.homeserver = Homeserver(python, written(plan, own), at, bridge.woken, self._house.certificate.authority)
        await self.homeserver.start()
        await bridge.begin()
        self._leavers = Leavers(self._house.groupware, service, at)
        self._watch(self._leavers)
        return at

    async def _registered(self, plan: Plan, secret: str) -> Plan:
        """The homeserver as a client of the portal; without an address for that, people sign in with app passwords."""
        if not plan.issuer or not is_place(plan.callback):
            return replace(plan, issuer="")
        at = f"http://{plan.at.host}:{plan.at.port}"
        told_at = f"{at if is_place(at) else plan.url}/_synapse/client/oidc/backchannel_logout"
        client = Client(name=CLIENT, title="Matrix", redirects=(plan.callback,), back_channel=told_at, first_party=True)
        await self._house.groupware.provider.have_client(client, secret)
        return plan

    def _gate(self, service: Service, bridge: Bridge) -> Gate:
        return Gate(self._house.groupware, service, bridge, self._house.settings.matrix.largest * MEBIBYTE)

    async def _ask(self, questions: Questions) -> None:
        self.questions = questions
        await questions.start()
        self._exits.push_async_callback(questions.stop)

    async def _listen(self, bridge: Bridge) -> int:
        """The bridge listens before the homeserver runs, and stops before it does."""
        self._exits.push_async_callback(self._end_homeserver)
        port = await bridge.listen()
        self._exits.push_async_callback(bridge.stop)
        return port

    async def _end_homeserver(self) -> None:
        if self.homeserver is not None:
            await self.homeserver.stop()

    def _watch(self, leavers: Leavers) -> None:
        watching = asyncio.create_task(leavers.run(), name="matrix leavers")

        async def end() -> None:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

        self._exits.push_async_callback(end)


def _free_port(listen: Listen) -> int:
    """The port that is asked for, or any, with nobody on it now. Raises OSError.

    Any is below those that the kernel lends to clients: the homeserver takes it seconds later.
    """
    ports = [listen.port] if listen.port else secrets.SystemRandom().sample(NOT_LENT, TRIES)
    for port in ports[:-1]:
        with suppress(OSError), socket.create_server((listen.host, port)):
            return port
    with socket.create_server((listen.host, ports[-1])):
        return ports[-1]
