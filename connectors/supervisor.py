"""The supervisor: opens the store, then the doors, tells where they are, and closes everything in order.

endpoints.json is there when, and only when, every door answers: it is removed before anything listens, written when
the last door has answered a connection, and removed again before the first one closes.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import signal
import ssl
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import uvloop

from connectors import descriptors, garbage, logs, memory
from connectors.answers import QUESTIONS
from connectors.control import Control
from connectors.doors import DOORS, WORK
from connectors.endpoints import NOBODY, Network, document, write
from connectors.fault import Fault
from connectors.house import opened
from connectors.others import closings_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from connectors.control import Answer
    from connectors.house import Address, Door, DoorFactory, House, Work
    from connectors.settings import Settings

log = logging.getLogger("iconet.supervisor")

ANSWER_WITHIN = 5.0
"""Seconds in which a door that has started must answer a connection."""

Seed = Callable[["House"], Awaitable[Network]]
Report = Callable[["Mapping[str, Any]"], None]


async def nobody(_house: House) -> Network:
    """A network that nobody seeded."""
    return NOBODY


class Supervisor:
    """One run of ICONet."""

    def __init__(
        self,
        settings: Settings,
        endpoints: Path,
        *,
        doors: Mapping[str, DoorFactory] = DOORS,
        work: Mapping[str, Work] = WORK,
        answers: Mapping[str, Answer] = QUESTIONS,
        seed: Seed = nobody,
        report: Report = lambda _endpoints: None,
        part: str = "",
    ) -> None:
        self._settings = settings
        self._endpoints = endpoints
        self._doors = doors
        self._work = work
        self._answers = answers
        self._seed = seed
        self._report = report
        self._part = part

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT. Raises Fault when a door or the store can't be had, or work fails."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(logs.on_loop_exception)
        ending: asyncio.Future[None] = loop.create_future()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _settle, ending, None)
        async with AsyncExitStack() as exits:
            starting = asyncio.create_task(self._start(exits, partial(_settle, ending)))
            await asyncio.wait((ending, starting), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
            else:
                await _cancelled([starting])
            await ending
            log.info("stopping")
        log.info("stopped")

    async def _start(self, exits: AsyncExitStack, end: Callable[[Fault], None]) -> None:
        """Open everything in order; `exits` closes it in the opposite one. What fails later calls `end`."""
        house = await exits.enter_async_context(
            opened(self._settings, lambda error: end(Fault(str(error))), self._part)
        )
        _forget(self._endpoints)
        house.groupware.duties.closings.elsewhere(closings_of(house))
        house.groupware.marks.portal = lambda: house.portal
        network = await self._seed(house)
        working = [asyncio.create_task(work(house), name=name) for name, work in self._work.items()]
        exits.push_async_callback(_cancelled, working)
        for task in working:
            task.add_done_callback(partial(_work_ended, end))
        control = Control(house, self._answers)
        await control.start()
        exits.push_async_callback(control.stop)
        addresses = await self._open(house, exits)
        garbage.leave_out_what_stays()
        contents = document(house, addresses, network)
        exits.callback(_forget, self._endpoints)
        _tell(self._endpoints, contents)
        log.info("serving", extra={"doors": ", ".join(f"{name}:{at.port}" for name, at in addresses.items())})
        self._report(contents)

    async def _open(self, house: House, exits: AsyncExitStack) -> dict[str, Address]:
        opened_doors: dict[str, Door] = {}
        exits.push_async_callback(self._close, opened_doors)
        addresses = {}
        for name, factory in self._doors.items():
            door = factory(house)
            addresses[name] = house.addresses[name] = await self._started(name, door)
            opened_doors[name] = door
        for name, address in addresses.items():
            await _answers(name, address)
        return addresses

    async def _started(self, name: str, door: Door) -> Address:
        listen = self._settings.listen(name)
        try:
            return await door.start(listen)
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            cause = "taken by another program" if taken else f"cannot be listened on: {_strerror(error)}"
            raise Fault(f"{name}: {listen.host}:{listen.port} is {cause}") from error

    async def _close(self, doors: Mapping[str, Door]) -> None:
        """All doors at once, and not longer than the settings allow."""
        grace = self._settings.stop_seconds
        outcomes = await asyncio.gather(*(_stopped(door, grace) for door in doors.values()), return_exceptions=True)
        for name, outcome in zip(doors, outcomes, strict=True):
            if isinstance(outcome, BaseException):
                log.error("door-not-closed", extra={"door": name}, exc_info=outcome)


async def _stopped(door: Door, grace: float) -> None:
    async with asyncio.timeout(grace):
        await door.stop()


async def _cancelled(tasks: Sequence[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _settle(ending: asyncio.Future[None], fault: Fault | None = None) -> None:
    """End the run, with a fault or without; the first to say so is heard."""
    if ending.done():
        return
    if fault:
        ending.set_exception(fault)
    else:
        ending.set_result(None)


def _work_ended(end: Callable[[Fault], None], task: asyncio.Task[None]) -> None:
    if task.cancelled():
        return
    log.error("work-ended", extra={"work": task.get_name()}, exc_info=task.exception())
    end(Fault(f"{task.get_name()} ended, and nothing works without it"))


async def _answers(name: str, address: Address) -> None:
    """Connect as a client would; the certificate was checked when it was loaded."""
    context = None
    if address.tls == "implicit":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            _, writer = await asyncio.open_connection(address.host, address.port, ssl=context)
            writer.close()
            with suppress(OSError):  # a door may hang up first
                await writer.wait_closed()
    except OSError as error:  # TimeoutError is one
        raise Fault(f"{name}: {address.host}:{address.port} does not answer: {_strerror(error)}") from error


def _strerror(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno and error.errno > 0 else str(error.strerror or type(error).__name__)


def _tell(path: Path, contents: Mapping[str, Any]) -> None:
    try:
        write(path, contents)
    except OSError as error:
        raise Fault(f"{path}: cannot be written: {error.strerror}") from error


def _forget(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise Fault(f"{path}: cannot be removed: {error.strerror}") from error


def serve(supervisor: Supervisor) -> int:
    """Run to the end, on uvloop; a fault is a line of the log and exit code 1."""
    memory.give_back()
    descriptors.take()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(supervisor.run())
    except Fault as fault:
        log.error("fault", extra={"cause": str(fault)})  # noqa: TRY400 - the cause says it all
        return 1
    return 0
