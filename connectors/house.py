"""What every door stands in: settings, the open groupware, the certificate; and what a door must be able to do."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Coroutine
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from connectors.certificates import Certificate, certificate_for
from connectors.fault import Fault
from groupware import clock, second_person
from groupware.errors import StoreFailed
from groupware.house_rules import Demand, HouseRules, KeyRules, Terms, our_terms
from groupware.service import Groupware, open_groupware

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from connectors.settings import Listen, Settings


@dataclass(frozen=True, slots=True)
class Address:
    """Where a door is reached, and whether TLS begins at once, on a command or never."""

    host: str
    port: int
    tls: Literal["implicit", "starttls", "none"] = "implicit"


@dataclass(frozen=True, slots=True)
class House:
    """What is given to each door, follower and answer."""

    settings: Settings
    groupware: Groupware
    certificate: Certificate
    part: str = ""
    """Which doors this process has, where several share one store; empty: all."""
    addresses: dict[str, Address] = field(default_factory=dict)
    """Where doors of this process are, for those that have to name another."""

    @property
    def portal(self) -> str:
        """The portal's address for browsers, which is our name as an identity provider; "" while nobody knows it."""
        settings = self.settings
        at = self.addresses.get("web")
        port = at.port if at else settings.web.port
        return settings.oidc.issuer or (f"https://{settings.host}:{port}" if port else "")


class Door(Protocol):
    """One way in."""

    async def start(self, listen: Listen) -> Address:
        """Wait for clients; returns when the first could be served. OSError when `listen` can't be had."""

    async def stop(self) -> None:
        """Take no more clients, let what is under way end, then close every connection. May be cancelled."""


DoorFactory = Callable[[House], Door]
Work = Callable[[House], Coroutine[Any, Any, None]]
"""What runs as long as the doors are open (followers, the outbound queue) and stops by being cancelled."""


@asynccontextmanager
async def opened(
    settings: Settings, on_fatal: Callable[[StoreFailed], object] | None = None, part: str = ""
) -> AsyncIterator[House]:
    """The house with its store open; `on_fatal` is told when the store has to stop for good.

    SQLite is for one process alone; on PostgreSQL each `part` of the doors may have one. Raises Fault.
    """
    _make(settings.data)
    part = part if settings.store else ""
    with only_one(settings.lock_of(part), settings.data):
        certificate = certificate_for(settings, clock.now())
        groupware = await _groupware(settings, on_fatal, part)
        try:
            house = House(settings, groupware, certificate, part)
            groupware.backups.clear()
            groupware.confirmation.portal = groupware.people.portal = lambda: house.portal
            yield house
        finally:
            await groupware.close()


async def _groupware(settings: Settings, on_fatal: Callable[[StoreFailed], object] | None, part: str) -> Groupware:
    where, rules = settings.store or settings.data, _rules(settings)
    try:
        return await open_groupware(
            where, directory=settings.data, domain=settings.domain, on_fatal=on_fatal, part=part, rules=rules
        )
    except StoreFailed as error:
        raise Fault(str(error)) from error
    except Exception as error:
        # whatever the database's driver says; the part of a URL before the @ may hold a password
        where = settings.store.rpartition("@")[2] or settings.data
        cause = f"{type(error).__name__}: {error}".partition("\n")[0]
        raise Fault(f"{where}: the store cannot be opened: {cause}") from error


def _rules(settings: Settings) -> HouseRules:
    """What is decided for this house. Raises Fault."""
    wanted = settings.sign_in
    try:
        terms = Terms(Path(wanted.terms).read_text("utf-8")) if wanted.terms else our_terms()
    except (OSError, UnicodeDecodeError) as error:
        raise Fault(f"{wanted.terms}: cannot be the terms of use: {error}") from error
    outside = settings.audit.checkpoints
    try:
        chosen = second_person.read(settings.drafting.second_person)
    except ValueError as error:
        raise Fault(f"drafting.second_person: {error}") from error
    return HouseRules(
        terms,
        Demand(wanted.second_factor),
        Path(outside) if outside else None,
        chosen,
        settings.audit.glass_hours,
        _key_rules(settings),
    )


def _key_rules(settings: Settings) -> KeyRules:
    wanted = settings.secrecy
    keys = Path(wanted.keys) if wanted.keys else None
    return KeyRules(keys, bool(keys and wanted.seal), wanted.backup_days)


def _make(path: Path) -> None:
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Fault(f"{path}: cannot be the data directory: {error.strerror}") from error


@contextmanager
def only_one(lock: Path, directory: Path) -> Iterator[None]:
    """Hold the lock, which names the process that holds it; the kernel lets go of it however that process ends."""
    try:
        file = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Fault(f"{lock}: cannot be opened: {error.strerror}") from error
    try:
        _hold(file, directory)
        yield
    finally:
        os.close(file)


def _hold(file: int, directory: Path) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.read(file, 20).decode().strip()
        raise Fault(f"{directory}: in use by another ICONet (process {holder})") from error
    os.truncate(file, 0)
    os.write(file, f"{os.getpid()}\n".encode())
