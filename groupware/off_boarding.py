"""An official leaves: everything ends in one transaction, and is never refused. Whoever follows takes up their duties.

A hand-over for which both have given their word is carried out now, whenever it was meant to be. What else is
somebody's own and has to end (tokens, passkeys) joins ENDINGS. To come back is a new designation: see
groupware/duties/resuming.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory import (
    app_passwords,
    appointments,
    departures,
    hand_overs,
    invitations,
    known_sites,
    national_accounts,
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
    sign_ons,
    totp,
)
from directory.departures import Departure
from directory.errors import UnknownEntryError
from groupware import outbound
from groupware.drafting import lapsing as drafts
from groupware.duties import handing_over, places
from groupware.errors import NotFound
from groupware.events import EventKind
from groupware.glass import lapsing as glass_lapsing
from groupware.marks import lapsing as marks
from groupware.releases import lapsing
from groupware.store import Tx
from policies.vocabulary import Access

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from groupware.duties.moved import Followed


@dataclass(frozen=True, slots=True)
class Leaver:
    """Who leaves, at whose word (0: the operator's), and why."""

    official: int
    by: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class OffBoarded:
    """When somebody left (microseconds), how much of what ended in that moment, by name, and what went to whom."""

    login: str
    at: int
    ended: tuple[tuple[str, int], ...]
    followed: tuple[Followed, ...] = ()


Ending = Callable[[Tx, Leaver], int]


def forget_credentials(connection: Connection, official: int, now: int) -> int:
    """Leave an official with nothing that opens the portal, and end what is open there; returns how much that was.

    The account of their state opens nothing either, until they let it be bound again.
    """
    passwords.forget(connection, official)
    totp.forget(connection, official)
    passkeys.forget_all(connection, official)
    recovery_codes.forget(connection, official)
    sign_in_steps.end_all(connection, official)
    known_sites.forget(connection, official)
    national_accounts.end_all(connection, official, now)
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
    _hand_over(tx, leaver)
    ended = tuple((name, ending(tx, leaver)) for name, ending in ENDINGS)
    departed = known.departed or tx.now
    if not known.departed:
        departures.add(tx.connection, Departure(official, departed, by, leaver.why, ended))
    officials.change(tx.connection, replace(known, suspended=True, departed=departed))
    rights.bump(tx.connection)
    tx.record(EventKind.OFFICIAL_OFF_BOARDED, official)
    tx.record(EventKind.RIGHTS_CHANGED, official)
    return OffBoarded(known.login, departed, ended)


def _hand_over(tx: Tx, leaver: Leaver) -> None:
    """What both agreed on is done now; not by the act of who would gain by it."""
    agreed = handing_over.agreed(tx, leaver.official)
    if agreed is not None and agreed.taker != leaver.by:
        handing_over.carry_out(tx, agreed.id)


def _grants(tx: Tx, leaver: Leaver) -> int:
    """Who follows is looked for first, while it can be seen what the leaver holds."""
    places.leave(tx, leaver.official, leaver.by, leaver.why, everywhere=True)
    own = roles.revoke_all(tx.connection, leaver.official, tx.now, leaver.by, leaver.why)
    return own + roles.revoke_for(tx.connection, Access.SENDER, leaver.official, tx.now, leaver.by, leaver.why)


def _app_passwords(tx: Tx, leaver: Leaver) -> int:
    return app_passwords.revoke_all(tx.connection, leaver.official, tx.now)


def _programs(tx: Tx, leaver: Leaver) -> int:
    return sessions.revoke_programs(tx.connection, leaver.official)


def _sign_ons(tx: Tx, leaver: Leaver) -> int:
    return sign_ons.end_of_official(tx.connection, leaver.official)


def _sessions(tx: Tx, leaver: Leaver) -> int:
    return forget_credentials(tx.connection, leaver.official, tx.now)


def _invitations(tx: Tx, leaver: Leaver) -> int:
    return invitations.end_all(tx.connection, leaver.official, tx.now)


def _under_way(tx: Tx, leaver: Leaver) -> int:
    open_for = appointments.open_for(tx.connection, leaver.official)
    open_for += appointments.open_by(tx.connection, leaver.official)
    for each in open_for:
        appointments.answer(tx.connection, each.id, tx.now, accepted=False)
    offers = hand_overs.end_of(tx.connection, leaver.official, tx.now)
    return len(open_for) + offers + proposals.end_of(tx.connection, leaver.official, leaver.by, tx.now)


def _postings(tx: Tx, leaver: Leaver) -> int:
    return postings.end_of(tx.connection, leaver.official, tx.now)


def _releases(tx: Tx, leaver: Leaver) -> int:
    return lapsing.end_of(tx, leaver.official)


def _drafts(tx: Tx, leaver: Leaver) -> int:
    return drafts.end_of(tx, leaver.official)


def _looser_markings(tx: Tx, leaver: Leaver) -> int:
    return marks.end_of(tx, leaver.official)


def _glasses(tx: Tx, leaver: Leaver) -> int:
    return glass_lapsing.end_of(tx, leaver.official)


def _outbound(tx: Tx, leaver: Leaver) -> int:
    return outbound.end_of(tx, leaver.official)


ENDINGS: tuple[tuple[str, Ending], ...] = (
    ("roles", _grants),
    ("app passwords", _app_passwords),
    ("sign-ons at other programs", _sign_ons),
    ("sessions of programs", _programs),
    ("portal sessions", _sessions),
    ("invitations", _invitations),
    ("offers and proposals", _under_way),
    ("postings", _postings),
    ("releases asked for", _releases),
    ("drafts", _drafts),
    ("looser markings asked for", _looser_markings),
    ("break-glass", _glasses),
    ("queued mail", _outbound),
)
