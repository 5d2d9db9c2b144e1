"""An admin has a one-time link made and hands it over: by it somebody makes their credentials, or makes them anew.

The link is shown once. Whoever is given a new chance at their credentials, and all who keep the body's entries, are
told by whom, so that nobody can quietly become somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import histories, invitations, officials, passkeys, passwords
from directory.histories import Change
from directory.invitations import Purpose
from groupware import notices
from groupware.clock import MICROSECONDS
from groupware.errors import NotFound, Refused
from groupware.people import keepers
from groupware.people.faults import told

if TYPE_CHECKING:
    from groupware.people.leave import Leave
    from groupware.store import Tx

LASTS = 7 * 24 * 3600 * MICROSECONDS


@dataclass(frozen=True, slots=True)
class Link:
    """What is handed over: a path of the portal, for whom, what for, and until when (microseconds)."""

    path: str
    login: str
    purpose: Purpose
    expires: int


def invite(tx: Tx, leave: Leave, number: int, domain: str) -> Link:
    """Make a link, which withdraws an earlier one. Raises NotFound, or Refused(not-in-office)."""
    with told():
        found = officials.get(tx.connection, number)
    leave.use(tx, found.body)
    if number == leave.by:
        raise NotFound(f"official {number}: nobody invites themselves")
    if found.departed or found.suspended or found.valid_until <= tx.now:
        raise Refused("not-in-office", "They are suspended, or their service has ended.")
    purpose, expires = Purpose.RESET if _has_credentials(tx, number) else Purpose.JOIN, tx.now + LASTS
    token = invitations.make(tx.connection, number, purpose, expires=expires, created_by=leave.by, now=tx.now)
    _record(tx, leave, number, found.version, "invitation")
    if purpose is Purpose.RESET:
        who = sorted({number, *keepers.of(tx, leave.body)} - {leave.by})
        notices.send(tx, domain, who, *_warning(found.name, keepers.name_of(tx, leave.by)))
    return Link(f"/join/{token}", found.login, purpose, expires)


def withdraw(tx: Tx, leave: Leave, number: int) -> bool:
    """End somebody's open link; False if there was none. Raises NotFound."""
    with told():
        found = officials.get(tx.connection, number)
    leave.use(tx, found.body)
    ended = invitations.end_all(tx.connection, number, tx.now)
    if ended:
        _record(tx, leave, number, found.version, "invitation")
    return bool(ended)


def _has_credentials(tx: Tx, number: int) -> bool:
    return passwords.kept_hash(tx.connection, number) is not None or bool(passkeys.of(tx.connection, number))


def _record(tx: Tx, leave: Leave, number: int, version: int, what: str) -> None:
    histories.record(tx.connection, [Change(histories.OFFICIAL, number, version, leave.by, tx.now, what)])


def _warning(name: str, by: str) -> tuple[str, str]:
    text = (
        f"{by} has had a link made by which {name} can set new credentials. It works once, for seven days.\n"
        "If nobody asked for it, tell your contact point or security officer at once."
    )
    return f"New credentials for {name}", text
