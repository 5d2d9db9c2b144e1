"""An official leaves: everything ends in one transaction, and is never refused. Whoever follows takes up their duties.

What else is somebody's own and has to end (tokens, passkeys) joins ENDINGS. To come back is a new designation: see
groupware/duties/resuming.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory import (
    app_passwords,
    appointments,
    hand_overs,
    invitations,
    known_sites,
    officials,
    passkeys,
    passwords,
    postings,
    proposals,
    recovery_codes,
    rights,
    roles,
    sessions,
    sign_in_steps,
    totp,
)
from directory.errors import UnknownEntryError
from groupware import outbound
from groupware.duties import places
from groupware.errors import NotFound
from groupware.events import EventKind
from groupware.store import Tx
from policies.vocabulary import Access

if TYPE_CHECKING:
    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who leaves, at whose word (0: the operator's), and why."""

    official: int
    by: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class OffBoarded:
    """When somebody left (microseconds), and how much of what ended in that moment, by name."""

    login: str
    at: int
    ended: tuple[tuple[str, int], ...]


Ending = Callable[[Tx, Leaver], int]


def forget_credentials(connection: Connection, official: int) -> int:
    """Leave an official with nothing that opens the portal, and end what is open there; returns how much that was."""
    passwords.forget(connection, official)
    totp.forget(connection, official)
    passkeys.forget_all(connection, official)
    recovery_codes.forget(connection, official)
    sign_in_steps.end_all(connection, official)
    known_sites.forget(connection, official)
    return sessions.revoke_all(connection, official)


def off_board(tx: Tx, official: int, by: int = 0, why: str = "") -> OffBoarded:
    """Suspend an official for good, end what they hold and may sign in with.

    A second time changes nothing that counts. NotFound for an unknown id.
    """
    try:
        known = officials.get(tx.connection, official)
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    leaver = Leaver(official, by, why or "off-boarding")
    ended = tuple((name, ending(tx, leaver)) for name, ending in ENDINGS)
    departed = known.departed or tx.now
    officials.change(tx.connection, replace(known, suspended=True, departed=departed))
    rights.bump(tx.connection)
    tx.record(EventKind.OFFICIAL_OFF_BOARDED, official)
    tx.record(EventKind.RIGHTS_CHANGED, official)
    return OffBoarded(known.login, departed, ended)


def _grants(tx: Tx, leaver: Leaver) -> int:
    """Who follows is looked for first, while it can be seen what the leaver holds."""
    places.leave(tx, leaver.official, leaver.by, leaver.why, everywhere=True)
    own = roles.revoke_all(tx.connection, leaver.official, tx.now, leaver.by, leaver.why)
    return own + roles.revoke_for(tx.connection, Access.SENDER, leaver.official, tx.now, leaver.by, leaver.why)


def _app_passwords(tx: Tx, leaver: Leaver) -> int:
    return app_passwords.revoke_all(tx.connection, leaver.official, tx.now)


def _sessions(tx: Tx, leaver: Leaver) -> int:
    return forget_credentials(tx.connection, leaver.official)


def _invitations(tx: Tx, leaver: Leaver) -> int:
    return invitations.end_all(tx.connection, leaver.official, tx.now)


def _under_way(tx: Tx, leaver: Leaver) -> int:
    open_for = appointments.open_for(tx.connection, leaver.official)
    for each in open_for:
        appointments.answer(tx.connection, each.id, tx.now, accepted=False)
    offers = hand_overs.end_of(tx.connection, leaver.official, tx.now)
    return len(open_for) + offers + proposals.end_of(tx.connection, leaver.official, leaver.by, tx.now)


def _postings(tx: Tx, leaver: Leaver) -> int:
    return postings.end_of(tx.connection, leaver.official, tx.now)


def _outbound(tx: Tx, leaver: Leaver) -> int:
    return outbound.end_of(tx, leaver.official)


ENDINGS: tuple[tuple[str, Ending], ...] = (
    ("roles", _grants),
    ("app passwords", _app_passwords),
    ("portal sessions", _sessions),
    ("invitations", _invitations),
    ("offers and proposals", _under_way),
    ("postings", _postings),
    ("queued mail", _outbound),
)
