"""Propose that somebody holds a role; it is granted at once where the proposer has the second word, too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import first_links, officials, proposals, roles
from directory.proposals import Proposal, ProposalState
from directory.roles import Grant
from directory.tables import FOREVER
from groupware import administering
from groupware.duties import noting, places, second_word
from groupware.duties.scopes import FOUR_EYES, TWO_EYES, require_fit, require_in_office
from groupware.duties.words import a_reason, told
from groupware.errors import Conflict, Forbidden, Refused
from groupware.events import EventKind
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx


@dataclass(frozen=True, slots=True)
class Wanted:
    """A role for an official, what it is for, why, and from when until when (microseconds; 0: at once)."""

    official: int
    role: Role | Access
    scope: int
    reason: str
    valid_from: int = 0
    valid_until: int = FOREVER


def propose(tx: Tx, monitor: Monitor, caller: Caller, wanted: Wanted) -> int:
    """Write a proposal down and return its id; one whose second word is the caller's as well is approved at once.

    Raises Forbidden or NotFound, Refused(unfit-scope, unfit-dates, reason-needed, not-in-office, unfit-role),
    Conflict(already-held, already-proposed).
    """
    require_leave(tx, monitor, caller, wanted)
    with told():
        holder = officials.get(tx.connection, wanted.official)
    require_in_office(tx, holder.id)
    require_fit(tx, holder, wanted.role, wanted.scope)
    _require_dates(tx, wanted)
    new = _proposal(tx, caller, wanted)
    _refuse_twice(tx, new)
    number = proposals.add(tx.connection, new)
    first_links.end(tx.connection, holder.id, tx.now)
    written = proposals.get(tx.connection, number)
    if second_word.goes_without(tx, monitor, caller, written):
        enact(tx, written, caller.official)
    else:
        tx.record(EventKind.GRANT_PROPOSED, number)
    return number


def enact(tx: Tx, proposal: Proposal, by: int) -> int:
    """Make the grant of a proposal that waits; returns its id. Raises Conflict(already-decided).

    It holds from the day of approval at the earliest: who could see what in the past doesn't change.
    """
    second = by if by != proposal.proposed_by else 0
    grant = Grant(
        official=proposal.official,
        role=proposal.role,
        scope=proposal.scope,
        valid_from=max(proposal.valid_from, tx.now),
        valid_until=proposal.valid_until,
        granted_by=proposal.proposed_by,
        approved_by=second,
        reason=proposal.reason,
    )
    number = administering.grant(tx, grant)
    if not proposals.decide(tx.connection, proposal.id, ProposalState.APPROVED, by, tx.now, number):
        raise Conflict("already-decided", "this proposal has been decided")
    places.take_place(tx, proposal.official, proposal.role)
    noting.note(tx, proposal.official, by, noting.GIVEN)
    tx.record(EventKind.GRANT_DECIDED, proposal.id)
    return number


def require_leave(tx: Tx, monitor: Monitor, caller: Caller, wanted: Wanted | Proposal) -> None:
    """Who runs the room proposes its moderators, for that gives sight of it; who keeps a body's entries, the rest.

    Raises Forbidden or NotFound, Refused(unfit-role).
    """
    if wanted.role not in (*FOUR_EYES, *TWO_EYES):
        raise Refused("unfit-role", f"{wanted.role.label} is given by who manages the room")
    if caller.official == wanted.official:
        raise Forbidden("nobody-administers-self")
    if wanted.role is Role.MODERATOR:
        monitor.require(tx, caller, Action.MANAGE, Kind.ROOM, wanted.scope)
    elif wanted.role in FOUR_EYES:
        monitor.require(tx, caller, Action.ADMINISTER, Kind.OFFICIAL, wanted.official)
    else:
        monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, wanted.official)
        if wanted.role is Access.SENDER and wanted.scope != caller.official:
            monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, wanted.scope)


def _require_dates(tx: Tx, wanted: Wanted) -> None:
    if not max(tx.now, wanted.valid_from) < wanted.valid_until <= FOREVER:
        raise Refused("unfit-dates", "a role ends after it begins, and after today")


def _proposal(tx: Tx, caller: Caller, wanted: Wanted) -> Proposal:
    return Proposal(
        official=wanted.official,
        role=wanted.role,
        scope=wanted.scope,
        valid_from=wanted.valid_from,
        valid_until=wanted.valid_until,
        reason=a_reason(wanted.reason),
        proposed_by=caller.official,
        proposed=tx.now,
    )


def _refuse_twice(tx: Tx, new: Proposal) -> None:
    """What adds nothing is refused: who ends a role means the whole of it, not one of two. Longer is another matter."""
    same, since = (new.official, new.role, new.scope), max(new.valid_from, tx.now)
    for each in roles.all_of(tx.connection, new.official, tx.now):
        covers = each.valid_from <= since and new.valid_until <= each.valid_until
        if covers and (each.official, each.role, each.scope) == same:
            raise Conflict("already-held", "they hold it already, and at least as long")
    if any((each.official, each.role, each.scope) == same for each in proposals.waiting(tx.connection)):
        raise Conflict("already-proposed", "the same is proposed already")
