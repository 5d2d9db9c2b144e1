"""The homeserver's process: started, watched, started again with pauses when it ends or falls silent, and stopped."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.children import spawn
from connectors.fault import Fault
from connectors.matrix.configuration import MODULES
from groupware import clock

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import Callable

    from connectors.house import Address

START_WITHIN = 45.0
STOP_WITHIN = 3.0
ASK_EVERY = 5.0
ANSWER_WITHIN = 5.0
MISSES = 3
"""Answers in a row that don't come, after which it counts as dead."""
FIRST_PAUSE, LONGEST_PAUSE = 0.1, 30.0
LASTING = 60.0
"""Seconds of life after which a death is a new one, and the pause before the next start short again."""
TOLD = "ICONet"
"""What strangers hear instead of Synapse's version and of the commit that lies around it."""
log = logging.getLogger("iconet.matrix")


def program(configured: str) -> str:
    """The Python of Synapse's environment: the one set, else the one beside ours. Raises Fault."""
    path = Path(configured) if configured else Path(sys.prefix).with_name(".venv-synapse") / "bin" / "python"
    if not os.access(path, os.X_OK):
        raise Fault(f"matrix: {path} isn't there: `make install` makes it, or set matrix.python to Synapse's Python")
    return str(path.absolute())


class Homeserver:
    """One homeserver on one configuration; `on_return` is called whenever it answers again after it was away.

    `authority` vouches for the portal, if the world's authorities don't.
    """

    def __init__(
        self,
        python: str,
        configuration: Path,
        at: Address,
        on_return: Callable[[], None],
        authority: Path | None = None,
    ) -> None:
        self._command = (python, "-m", "synapse.app.homeserver", "-c", str(configuration))
        self._output = configuration.with_name("output.log")
        self._at = at
        self._on_return = on_return
        self._environment = _environment(authority)
        self._process: Process | None = None
        self._began = 0.0
        self._watching: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int | None:
        """Its process, if there is one now."""
        return self._process.pid if self._process and self._process.returncode is None else None

    async def start(self) -> None:
        """Returns when it answers. Raises Fault."""
        await self._launch()
        self._watching = asyncio.create_task(self._watch(), name="homeserver")

    async def stop(self) -> None:
        """Ask it to end, and end it."""
        if self._watching is None:
            return
        self._watching.cancel()
        await asyncio.gather(self._watching, return_exceptions=True)
        await self._end()
        log.info("homeserver-stopped")

    async def _launch(self) -> None:
        self._began = clock.monotonic()
        self._process = await spawn(*self._command, environment=self._environment, output=self._output)
        try:
            async with asyncio.timeout(START_WITHIN):
                await self._answering(self._process)
        except BaseException as error:
            await self._end()
            if isinstance(error, TimeoutError):
                raise Fault(f"matrix: the homeserver doesn't answer; {self._output} may say why") from error
            raise
        log.info("homeserver-started", extra={"seconds": round(clock.monotonic() - self._began, 2)})

    async def _answering(self, process: Process) -> None:
        while not await answers(self._at):
            if process.returncode is not None:
                raise Fault(f"matrix: the homeserver ended at its start: {_last_line(self._output)}")
            await asyncio.sleep(0.05)

    async def _watch(self) -> None:
        pause = FIRST_PAUSE
        while True:
            cause = await self._until_down()
            await self._end()
            pause = FIRST_PAUSE if clock.monotonic() - self._began > LASTING else pause
            log.error("homeserver-down", extra={"cause": cause, "pause": pause})
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
            try:
                await self._launch()
            except Fault as fault:
                log.error("homeserver-not-started", extra={"cause": str(fault)})  # noqa: TRY400 -- it says it all
            else:
                self._on_return()

    async def _until_down(self) -> str:
        """Why it counts as down."""
        process, missed = self._process, 0
        if process is None:
            return "not started"
        while missed < MISSES:
            with suppress(TimeoutError):
                async with asyncio.timeout(ASK_EVERY):
                    return f"ended with {await process.wait()}"
            missed = 0 if await answers(self._at) else missed + 1
        return "silent"

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(STOP_WITHIN):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def answers(at: Address) -> bool:
    """Whether it says that it's well (GET /health)."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            reader, writer = await asyncio.open_connection(at.host, at.port)
            try:
                writer.write(b"GET /health HTTP/1.0\r\n\r\n")
                return b" 200 " in await reader.readline()
            finally:
                writer.close()
    except OSError:  # TimeoutError is one
        return False


def _environment(authority: Path | None) -> dict[str, str]:
    """Nothing of ours but the policy module's folder and whom to trust; what the operator set for the system stays.

    The portal is all that it goes to by TLS, so our own authority is the only one that it needs.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    trust = {"SSL_CERT_FILE": str(authority.absolute())} if authority else {}
    told = {"SYNAPSE_VERSION_STRING": TOLD}
    return kept | trust | told | {"PYTHONPATH": str(MODULES), "PYTHONDONTWRITEBYTECODE": "1"}


def _last_line(path: Path) -> str:
    try:
        lines = path.read_text("utf-8", "replace").split("\n")
    except OSError:
        return "it left no word"
    return next((line.strip() for line in reversed(lines) if line.strip()), "it left no word")
