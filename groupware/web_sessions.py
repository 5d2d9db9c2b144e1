"""Sessions of the portal. A session says who signed in, and nothing of what they may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import officials, sessions, sign_ons
from groupware.caller import Caller
from groupware.errors import Refused
from groupware.events import EventKind
from policies.vocabulary import Door

if TYPE_CHECKING:
    from directory.sessions import Session
    from groupware.store import Snapshot, Store, Tx


@dataclass(frozen=True, slots=True)
class WebSessions:
    """For one store. Tokens are opaque texts of 43 characters fit for a cookie."""

    store: Store

    async def begin(self, caller: Caller) -> str:
        """The token of a new session; Refused for who came by another door or is no longer in office."""
        return await self.store.run(lambda tx: _begin(tx, caller))

    async def resume(self, token: str) -> Caller | None:
        """Whose session it is; None when it ended, was idle for 30 minutes or is 12 hours old."""
        found = await self.store.read(lambda snapshot: _find(snapshot, token))
        if found is None:
            return None
        session, caller, now = found
        if now - session.seen >= sessions.TOUCH_AFTER:
            await self.store.run(lambda tx: sessions.touch(tx.connection, session, tx.now))
        return caller

    async def alive(self, token: str) -> bool:
        """Whether the session still is; looking doesn't keep it from being idle."""
        return await self.store.read(lambda snapshot: _find(snapshot, token)) is not None

    async def end(self, token: str) -> None:
        """Sign out; nothing if there is no such session."""
        await self.store.run(lambda tx: _end(tx, token))

    async def succeed(self, earlier: str, token: str) -> None:
        """Another session takes the place of an earlier one of the same browser.

        What the same official signed on to from that one goes on; what somebody else did ends.
        """
        await self.store.run(lambda tx: _succeed(tx, earlier, token))

    @staticmethod
    def digest(token: str) -> bytes:
        """The name of a token's session in `of`."""
        return sessions.digest(token)

    async def end_one(self, caller: Caller, digest: bytes) -> bool:
        """End a session of the caller's own, seen in `of`; False if there is no such one."""
        return await self.store.run(lambda tx: sessions.revoke(tx.connection, caller.official, digest))

    async def of(self, caller: Caller) -> list[Session]:
        """The caller's live sessions, oldest first."""
        return await self.store.read(lambda snapshot: sessions.of(snapshot.connection, caller.official, snapshot.now))


def _begin(tx: Tx, caller: Caller) -> str:
    if caller.door is not Door.PORTAL or not officials.in_office(tx.connection, caller.official, tx.now):
        raise Refused("sign-in")
    return sessions.begin(tx.connection, caller.official, tx.now)


def _find(snapshot: Snapshot, token: str) -> tuple[Session, Caller, int] | None:
    session = sessions.find(snapshot.connection, token, snapshot.now)
    if session is None or not officials.in_office(snapshot.connection, session.official, snapshot.now):
        return None
    who = officials.get(snapshot.connection, session.official)
    return session, Caller(who.id, who.login, who.address, who.name, Door.PORTAL, strong=True), snapshot.now


def _succeed(tx: Tx, earlier: str, token: str) -> None:
    """The earlier one may have ended by itself, and its row be gone."""
    new = sessions.find(tx.connection, token, tx.now)
    if new is not None:
        sign_ons.move(tx.connection, new.official, sessions.digest(earlier), new.digest)
    _end(tx, earlier)


def _end(tx: Tx, token: str) -> None:
    """What was signed on to from it ends, also when the session ended by itself some time ago."""
    session = sessions.find(tx.connection, token, tx.now)
    if session is not None:
        sessions.revoke(tx.connection, session.official, session.digest)
        tx.record(EventKind.SIGNED_OFF, session.official)
    else:
        sign_ons.end_of_session(tx.connection, sessions.digest(token))
