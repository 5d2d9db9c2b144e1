"""Credentials for somebody who has, or had, some, or holds anything: a keeper asks, a second has the link made.

The person is told at both steps, as are all others who keep the body's entries, and may withdraw it while signed in:
nobody alone, and nobody quietly, becomes somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import first_links, histories, invitations, officials, resets, watchers
from directory.histories import Change
from directory.invitations import Purpose
from directory.resets import Reset
from groupware import notices
from groupware.clock import MICROSECONDS
from groupware.errors import Conflict, NotFound, Refused
from groupware.people import inviting, keepers
from groupware.people.entry import text_problem

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.officials import Official
    from groupware.caller import Caller
    from groupware.people.inviting import Link
    from groupware.people.leave import Leave
    from groupware.people.mailing import Mailing
    from groupware.store import Snapshot, Tx

LASTS = 7 * 24 * 3600 * MICROSECONDS
SECOND = "Somebody else releases it: neither who asked for it nor whom it is for."
RESETS = "/people/resets"
WITHDRAW = "If that is you and you didn't ask for it: withdraw it on {page}, and tell your contact point."


@dataclass(frozen=True, slots=True)
class Waiting:
    """A request as the second person sees it; `asker` is a name, `mine` that the one who looks asked for it."""

    login: str
    name: str
    asker: str
    mine: bool
    reset: Reset


def ask(tx: Tx, leave: Leave, number: int, reason: str, mailing: Mailing) -> int:
    """Ask for somebody's new credentials; returns until when another may release it (microseconds).

    NotFound; Refused(not-in-office, reason, newcomer), Conflict(reset-asked).
    """
    found = inviting.in_office(tx, leave, number)
    said = reason.strip()
    if not said or text_problem(said):
        raise Refused("reason", "Say in one line, of at most 200 characters, why they need new credentials.")
    if not first_links.takes_two(tx.connection, number, tx.now):
        raise Refused("newcomer", "They have never signed in: a link for first credentials needs no second person.")
    if resets.open_of(tx.connection, number, tx.now):
        raise Conflict("reset-asked", "New credentials are asked for already; somebody else releases that, or ends it.")
    new = Reset(0, number, leave.by, tx.now, said, tx.now + LASTS)
    resets.ask(tx.connection, new, leave.body)
    _record(tx, found, leave.by, "reset_asked")
    by = keepers.name_of(tx, leave.by)
    text = f"{by} asks for new credentials for {found.name} ({found.login}). A second person has to release it."
    why = notices.quoted(by, said)
    _tell(
        tx,
        mailing.domain,
        leave,
        found,
        f"{text}\n{mailing.page(RESETS)}\n{_withdraw(mailing)}\n\n{why}",
        f"New credentials are asked for: {found.name}",
    )
    return new.expires


def release(tx: Tx, leave: Leave, number: int, mailing: Mailing) -> Link:
    """Make the link that another asked for, to be handed over by who releases it.

    NotFound if nothing is asked for; Refused(not-in-office), Refused(second-person), Refused(asker-left).
    """
    found = inviting.in_office(tx, leave, number, own=True)
    asked = resets.open_of(tx.connection, number, tx.now)
    if asked is None:
        raise NotFound(f"reset of official {number}")
    if leave.by in (0, number, asked.asked_by):
        raise Refused("second-person", SECOND)
    if asked.asked_by not in keepers.of(tx, leave.body):
        raise Refused("asker-left", "Who asked for it keeps no entries any more: withdraw it, and ask anew.")
    if not resets.release(tx.connection, asked.id, leave.by, tx.now):
        raise NotFound(f"reset of official {number}")
    link = inviting.made(tx, leave, found, Purpose.RESET)
    _record(tx, found, leave.by, "reset_released")
    by, asker = keepers.name_of(tx, leave.by), keepers.name_of(tx, asked.asked_by)
    text = f"{by} has released a link by which {found.name} ({found.login}) can set new credentials. {asker} had asked"
    end = f" for it.\nIt works once, for seven days. {_withdraw(mailing)}\n\n{notices.quoted(asker, asked.reason)}"
    _tell(tx, mailing.domain, leave, found, text + end, f"New credentials for {found.name}")
    return link


def waiting(snapshot: Snapshot, leave: Leave) -> Sequence[Waiting]:
    """What awaits a second person in a body, but what is for the one who looks."""
    leave.use(snapshot, leave.body)
    found = resets.open_in(snapshot.connection, leave.body, snapshot.now)
    return [_waiting(snapshot, each, leave.by) for each in found if each.official != leave.by]


def awaits(snapshot: Snapshot, leave: Leave) -> int:
    """How many of these wait for the word of the one who looks."""
    return sum(not each.mine for each in waiting(snapshot, leave))


def own(snapshot: Snapshot, caller: Caller) -> bool:
    """Whether new credentials for the caller are asked for, or a link for that is about."""
    link = invitations.open_of(snapshot.connection, caller.official, snapshot.now)
    asked = resets.open_of(snapshot.connection, caller.official, snapshot.now)
    return asked is not None or (link is not None and link.purpose is Purpose.RESET)


def withdraw_own(tx: Tx, caller: Caller, domain: str) -> None:
    """End both, at the word of the one whose credentials they are; all who keep the entries hear of it. NotFound."""
    if not own(tx, caller):
        raise NotFound(f"reset of official {caller.official}")
    found = officials.get(tx.connection, caller.official)
    invitations.end_all(tx.connection, found.id, tx.now)
    _record(tx, found, found.id, "reset_withdrawn")
    text = f"{found.name} ({found.login}) doesn't want the new credentials that somebody asked for. Find out who did."
    others = [each for each in watchers.of(tx.connection, found.body, tx.now) if each != found.id]
    notices.send(tx, domain, others, f"New credentials were withdrawn: {found.name}", text)


def _withdraw(mailing: Mailing) -> str:
    return WITHDRAW.format(page=mailing.page("/account"))


def _waiting(snapshot: Snapshot, reset: Reset, by: int) -> Waiting:
    who = officials.get(snapshot.connection, reset.official)
    asker = keepers.name_of(snapshot, reset.asked_by)
    return Waiting(who.login, who.name, asker, reset.asked_by == by, reset)


def _tell(tx: Tx, domain: str, leave: Leave, found: Official, text: str, subject: str) -> None:
    who = sorted({found.id, *watchers.of(tx.connection, leave.body, tx.now)} - {leave.by})
    notices.send(tx, domain, who, subject, text)


def _record(tx: Tx, found: Official, by: int, what: str) -> None:
    histories.record(tx.connection, [Change(histories.OFFICIAL, found.id, found.version, by, tx.now, what)])
