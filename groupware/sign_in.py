"""Who is there? The one function that every door asks.

The portal takes the password; every other door takes an app password made for it, and the password opens none of
them, because a second factor cannot be asked for there. Whatever is wrong (no such name, another's secret, a revoked
one, the wrong door, an official out of office) has the same answer after the same work: an unknown name has its
lookups made and its hash computed like a known one.

Failures are counted for all doors together (directory.login_failures), and a right secret gets in however many there
were: nobody can lock an official out by guessing badly, not even by guessing at one name all day long, as the
official's own browsers and networks don't wait for what strangers do (groupware.standing). So wrong answers are
delayed, up to a second and without holding a thread. As a guesser could ignore slow answers and try many at once, the
delay alone limits nothing: passwords are guessed at the pace of the one gate (groupware.password_gate), app passwords
have 120 random bits. At most `MOST_DELAYED` answers wait; further wrong ones are Busy at once, uncounted, which tells a
guesser no more than the wrong answer does, and keeps a flood from filling the memory or the disk.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from directory import app_passwords, login_failures, officials, passwords
from groupware import standing
from groupware.acts import signed_in
from groupware.caller import Caller
from groupware.errors import Busy, Refused
from groupware.password_gate import PasswordGate
from groupware.turned_away import TurnedAway
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directory.officials import Official
    from groupware.password_gate import Standing
    from groupware.store import Snapshot, Store, Tx

MOST_DELAYED = 256
SWEEP_EVERY = 256
_NOBODY = 0
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """`device` is what the browser's cookie says, `session` the official whose session is open there, 0 for none."""

    door: Door
    name: str
    secret: str
    address: str
    device: str = ""
    session: int = 0


@dataclass(frozen=True, slots=True)
class _Found:
    """What the directory knows of a name: enough to judge the secret, and to see whether it changed meanwhile."""

    official: Official | None
    in_office: bool
    kept: str
    opens: int
    """The app password's id, 0 without one that opens this door."""
    used: bool = False
    """Whether its last use was written down lately."""


class SignIn:
    """For one store; `key` is `installation.server_key`'s. `gate` is for whoever changes a password as well."""

    def __init__(self, store: Store, key: bytes, gate: PasswordGate | None = None) -> None:
        self.gate = gate or PasswordGate()
        self._store = store
        self._key = key
        self._delayed = 0
        self._failures = 0
        self.turned_away = TurnedAway(store)

    async def check(self, door: Door, name: str, secret: str, address: str, device: str = "") -> Caller:
        """The official of this login or mail address, in any case, if the secret opens this door for them.

        `address` is the client's network address, `device` a browser's cookie (directory.devices). Refused("sign-in")
        for whatever is wrong, perhaps late; Busy if too many try.
        """
        return await self._check(_Attempt(door, officials.folded(name), secret, address, device))

    async def check_again(self, caller: Caller, password: str, address: str) -> Caller:
        """The same for the password of somebody whose session is open: no stranger's failures count against them."""
        name = officials.folded(caller.login)
        return await self._check(_Attempt(Door.PORTAL, name, password, address, session=caller.official))

    async def _check(self, attempt: _Attempt) -> Caller:
        by_password = attempt.door is Door.PORTAL
        found, keys = await (self._by_password(attempt) if by_password else self._by_app_password(attempt))
        if found is None:
            with self._place():
                pause = await self._store.run(lambda tx: self._count(tx, keys))
            self.turned_away.note(attempt.name, attempt.door)
            await self.refuse_late(attempt.door, attempt.address, pause)
        return found

    async def refuse_late(self, door: Door, address: str, pause: int) -> NoReturn:
        """Refused("sign-in") after a pause in microseconds; Busy at once when many wait already."""
        with self._place():
            await asyncio.sleep(pause / 1_000_000)
        logger.info("login-failed", extra={"door": str(door), "client": address})
        raise Refused("sign-in")

    async def end(self) -> None:
        """Put on record what waits for it, and close."""
        await self.turned_away.tell()
        self.close()

    def close(self) -> None:
        """Let the hashing threads end."""
        self.gate.close()

    async def _by_app_password(self, attempt: _Attempt) -> tuple[Caller | None, tuple[str, ...]]:
        """Who it is, and what a failure counts for."""
        keys = login_failures.keys(attempt.name, attempt.address)
        found = await self._store.read(lambda snapshot: self._look(snapshot, attempt))
        if found.official is None or not found.opens or not found.in_office:
            return None, keys
        caller = caller_of(found.official, attempt.door, found.opens)
        if not found.used:
            await self._store.run(lambda tx: _used(tx, caller))
        return caller, keys

    async def _by_password(self, attempt: _Attempt) -> tuple[Caller | None, tuple[str, ...]]:
        """The same; looked up again after the slow check: what was revoked or changed meanwhile opens nothing."""
        found, stands = await self._store.read(lambda snapshot: self._look_twice(snapshot, attempt))
        if not await self._matches(found.kept, attempt.secret, stands):
            return None, stands.keys
        if await self._store.read(lambda snapshot: self._look(snapshot, attempt)) != found or not found.in_office:
            return None, stands.keys
        await self._renew(found, attempt.secret)
        return caller_of(found.official, attempt.door) if found.official else None, stands.keys

    async def _matches(self, kept: str, secret: str, stands: Standing) -> bool:
        """Whoever is turned away is told so late, as far as there are places: they would be back at once."""
        try:
            return await self.gate.matches(kept, secret, stands)
        except Busy:
            with self._place():
                await asyncio.sleep(login_failures.SLOWEST / 1_000_000)
            raise

    def _look_twice(self, snapshot: Snapshot, attempt: _Attempt) -> tuple[_Found, Standing]:
        found = self._look(snapshot, attempt)
        if attempt.session:
            return found, standing.in_session(snapshot, attempt.session)
        number = found.official.id if found.official else _NOBODY
        return found, standing.of(snapshot, self._key, attempt.name, number, attempt.address, attempt.device)

    def _look(self, snapshot: Snapshot, attempt: _Attempt) -> _Found:
        connection, now = snapshot.connection, snapshot.now
        official = officials.by_name(connection, attempt.name)
        number = official.id if official else _NOBODY
        in_office = officials.in_office(connection, number, now)
        if attempt.door is Door.PORTAL:
            return _Found(official, in_office, passwords.kept_hash(connection, number) or passwords.DUMMY, opens=0)
        opens = app_passwords.opens(connection, number, attempt.secret, self._key, door=attempt.door, now=now)
        used = bool(opens) and not app_passwords.is_to_be_touched(connection, opens, now)
        return _Found(official, in_office, "", opens, used)

    async def _renew(self, found: _Found, secret: str) -> None:
        """Hash anew what was hashed with older parameters: only now is the password at hand."""
        official = found.official
        if official is None or not passwords.needs_rehash(found.kept):
            return
        kept = await self.gate.hashed(secret)
        await self._store.run(lambda tx: _replace_hash(tx, official.id, found.kept, kept))

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._delayed >= MOST_DELAYED:
            raise Busy("too many wrong secrets")
        self._delayed += 1
        try:
            yield
        finally:
            self._delayed -= 1

    def _count(self, tx: Tx, keys: tuple[str, ...]) -> int:
        self._failures += 1
        if self._failures % SWEEP_EVERY == 0:
            login_failures.sweep(tx.connection, tx.now)
        return login_failures.note(tx.connection, keys, tx.now)


def still_in_office(snapshot: Snapshot, official: int) -> bool:
    """Whether an official who signed in earlier still may do anything at all."""
    return officials.in_office(snapshot.connection, official, snapshot.now)


def caller_of(official: Official, door: Door, app_password: int = 0) -> Caller:
    """An official who has signed in at a door."""
    strong = door is Door.PORTAL
    return Caller(official.id, official.login, official.address, official.name, door, strong, app_password)


def _used(tx: Tx, caller: Caller) -> None:
    """The first use of an app password within an hour."""
    app_passwords.touch(tx.connection, caller.app_password, tx.now)
    tx.acts.append(signed_in(caller.official, caller.door, "app password"))


def _replace_hash(tx: Tx, official: int, old: str, new: str) -> None:
    if passwords.kept_hash(tx.connection, official) == old:
        short = passwords.needs_second_factor(tx.connection, official)
        passwords.keep(tx.connection, official, new, tx.now, short=short)
