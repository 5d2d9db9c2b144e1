"""An admin has a one-time link made and hands it over: by it somebody who has never been here makes their credentials.

The link is shown once. It takes two (groupware.people.resetting) for who has been here, and for who holds or is offered
anything by name, except at the machine itself. All who keep the body's entries and its security officers are told of
each, so that nobody can quietly become somebody else; it works as long as who made it could make it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import first_links, histories, invitations, newcomers, officials
from directory.histories import Change
from directory.invitations import Purpose
from groupware import notices
from groupware.clock import MICROSECONDS
from groupware.errors import NotFound, Refused
from groupware.people import keepers, watching
from groupware.people.faults import told

if TYPE_CHECKING:
    from directory.officials import Official
    from groupware.people.leave import Leave
    from groupware.store import Tx

TWO = (
    "They have signed in before, or hold or are offered something: ask for credentials, with a reason, and"
    " somebody else releases the link."
)
LASTS = 7 * 24 * 3600 * MICROSECONDS


@dataclass(frozen=True, slots=True)
class Link:
    """What is handed over: a path of the portal, for whom, what for, and until when (microseconds)."""

    path: str
    login: str
    purpose: Purpose
    expires: int


def invite(tx: Tx, leave: Leave, number: int, domain: str) -> Link:
    """Make a link, which withdraws an earlier one. Raises NotFound, Refused(not-in-office) or Refused(two-persons)."""
    found = in_office(tx, leave, number)
    if leave.by and first_links.takes_two(tx.connection, number, tx.now):
        raise Refused("two-persons", TWO)
    purpose = Purpose.JOIN if newcomers.is_newcomer(tx.connection, number) else Purpose.RESET
    link = made(tx, leave, found, purpose)
    _record(tx, leave, number, found.version, "invitation")
    if purpose is Purpose.RESET:
        notices.send(tx, domain, [number], *_warning(found, keepers.name_of(tx, leave.by)))
    watching.tell(tx, domain, leave, *_warning(found, keepers.name_of(tx, leave.by), purpose))
    return link


def in_office(tx: Tx, leave: Leave, number: int, *, own: bool = False) -> Official:
    """Who is to be given a link. Raises NotFound, also for who acts unless it may be their `own`; Refused."""
    with told():
        found = officials.get(tx.connection, number)
    leave.use(tx, found.body)
    if number == leave.by and not own:
        raise NotFound(f"official {number}: nobody invites themselves")
    if found.departed or found.suspended or found.valid_until <= tx.now:
        raise Refused("not-in-office", "They are suspended, or their service has ended.")
    if found.valid_from > tx.now + LASTS:
        raise Refused("not-in-office", "Their service begins later: make the link in the week before their first day.")
    return found


def made(tx: Tx, leave: Leave, found: Official, purpose: Purpose) -> Link:
    """A new link, for a week from now or from their first day; what was open for them before has ended."""
    expires = max(tx.now, found.valid_from) + LASTS
    token = invitations.make(tx.connection, found.id, purpose, expires=expires, created_by=leave.by, now=tx.now)
    return Link(f"/join/{token}", found.login, purpose, expires)


def withdraw(tx: Tx, leave: Leave, number: int) -> bool:
    """End somebody's open link, and what is asked for; False if there was neither. Raises NotFound."""
    with told():
        found = officials.get(tx.connection, number)
    leave.use(tx, found.body)
    ended = invitations.end_all(tx.connection, number, tx.now)
    if ended:
        _record(tx, leave, number, found.version, "invitation")
    return bool(ended)


def _record(tx: Tx, leave: Leave, number: int, version: int, what: str) -> None:
    histories.record(tx.connection, [Change(histories.OFFICIAL, number, version, leave.by, tx.now, what)])


def _warning(found: Official, by: str, purpose: Purpose = Purpose.RESET) -> tuple[str, str]:
    which = "new" if purpose is Purpose.RESET else "first"
    text = (
        f"{by} has had a link made by which {found.name} ({found.login}) can set {which} credentials. It works once,"
        " for seven days.\nIf nobody asked for it, tell your contact point or security officer at once."
    )
    return f"{which.capitalize()} credentials for {found.name}", text
