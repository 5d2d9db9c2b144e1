"""Sessions of the portal. A session says who signed in and when they last proved it, nothing of what they may do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory import officials, sessions, sign_ons
from directory.login_failures import network
from directory.sessions import Session, Start
from groupware.acts import signed_in
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.sign_in import caller_of
from policies.vocabulary import Door

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.house_rules import HouseRules, Hurdle
    from groupware.store import Snapshot, Store, Tx

__all__ = ["FRESH", "Session", "Start", "Visitor", "WebSessions", "network"]
FRESH = 15 * 60 * 1_000_000
"""For how long, in microseconds, a proof is good for acts of administration; signing in is one."""
_USUAL = Start()


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who came back with a session's token; `fresh` until 15 minutes after they last proved who they are.

    With a `hurdle` the portal shows only what it takes to get over it.
    """

    caller: Caller
    fresh: bool
    hurdle: Hurdle | None


@dataclass(frozen=True, slots=True)
class WebSessions:
    """For one store. Tokens are opaque texts of 43 characters fit for a cookie."""

    store: Store
    rules: HouseRules

    async def begin(self, caller: Caller, start: Start = _USUAL) -> str:
        """The token of a new session; Refused for who came by another door or is no longer in office."""
        return await self.store.run(lambda tx: begin(tx, caller, start))

    async def resume(self, token: str) -> Caller | None:
        """Whose session it is; None when it ended, was idle for 30 minutes or is 12 hours old."""
        visitor = await self.visitor(token)
        return None if visitor is None else visitor.caller

    async def visitor(self, token: str, *, program: bool = False) -> Visitor | None:
        """The same, with what else the portal has to know; it counts as a use.

        A browser's session is none for a `program`, and the other way round: neither token does in the other's place.
        """
        found = await self.store.read(lambda snapshot: self._visitor(snapshot, token, program=program))
        if found is None:
            return None
        session, visitor, now = found
        if now - session.seen >= sessions.TOUCH_AFTER:
            await self.store.run(lambda tx: sessions.touch(tx.connection, session, tx.now))
        return visitor

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

    def _visitor(self, snapshot: Snapshot, token: str, *, program: bool) -> tuple[Session, Visitor, int] | None:
        session = _find(snapshot, token)
        if session is None or session.program != program:
            return None
        caller = caller_of(officials.get(snapshot.connection, session.official), Door.PORTAL)
        caller = replace(caller, strong=session.strong)
        fresh, hurdle = snapshot.now - session.proved < FRESH, self.rules.hurdle(snapshot, caller.official)
        return session, Visitor(caller, fresh, hurdle), snapshot.now


def begin(tx: Tx, caller: Caller, start: Start) -> str:
    """The token of a new session, as strong as its caller, in the transaction of a sign-in. Refused as above."""
    if caller.door is not Door.PORTAL or not officials.in_office(tx.connection, caller.official, tx.now):
        raise Refused("sign-in")
    tx.acts.append(signed_in(caller.official, caller.door, start.means))
    return sessions.begin(tx.connection, caller.official, tx.now, replace(start, strong=caller.strong))


def _find(snapshot: Snapshot, token: str) -> Session | None:
    session = sessions.find(snapshot.connection, token, snapshot.now)
    if session is None or not officials.in_office(snapshot.connection, session.official, snapshot.now):
        return None
    return session


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
