"""Whose the second word about a proposal is, and where the proposer's own is enough.

Roles of a body, and moderators, are approved by who designates the official; an organiser by who manages the room, a
liaison officer by who runs the area, for that is what they come to see; who sends for a head, by that head alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.errors import Forbidden
from policies.vocabulary import Access, Action, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.proposals import Proposal
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

_OF_PLACES = {Role.ORGANISER: Kind.ROOM, Role.LIAISON_OFFICER: Kind.AREA}


def goes_without(snapshot: Snapshot, monitor: Monitor, proposer: Caller, proposal: Proposal) -> bool:
    """Whether who proposes has the second word as well; never for a role of a body or a moderator's."""
    if proposal.role is Access.SENDER:
        return proposer.official == proposal.scope
    return proposal.role in _OF_PLACES and _has(snapshot, monitor, proposer, proposal)


def may_decide(snapshot: Snapshot, monitor: Monitor, caller: Caller, proposal: Proposal) -> bool:
    """Whether a proposal waits for the caller's word: never for its proposer's, nor for whom it is about."""
    if caller.official in (proposal.proposed_by, proposal.official):
        return False
    return _has(snapshot, monitor, caller, proposal)


def require(snapshot: Snapshot, monitor: Monitor, caller: Caller, proposal: Proposal) -> None:
    """Raise Forbidden, or NotFound, unless the second word is the caller's."""
    if caller.official == proposal.official:
        raise Forbidden("nobody-administers-self")
    if proposal.role is not Access.SENDER:
        monitor.require(snapshot, caller, *_asked(proposal))
    elif caller.official not in (proposal.scope, proposal.proposed_by):
        raise Forbidden("sender-is-the-heads-word")
    if caller.official == proposal.proposed_by:
        raise Forbidden("four-eyes")


def whose(snapshot: Snapshot, monitor: Monitor, proposal: Proposal) -> Sequence[int]:
    """Everybody who may decide it."""
    if proposal.role is Access.SENDER:
        return [proposal.scope]
    may = monitor.audience(snapshot, *_asked(proposal), strong=True)
    return [each for each in may if each not in (proposal.proposed_by, proposal.official)]


def _has(snapshot: Snapshot, monitor: Monitor, caller: Caller, proposal: Proposal) -> bool:
    if proposal.role is Access.SENDER:
        return caller.official == proposal.scope
    return monitor.decide(snapshot, caller, *_asked(proposal)).allowed


def _asked(proposal: Proposal) -> tuple[Action, Kind, int]:
    kind = _OF_PLACES.get(proposal.role) if isinstance(proposal.role, Role) else None
    if kind is not None:
        return Action.MANAGE, kind, proposal.scope
    return Action.DESIGNATE, Kind.OFFICIAL, proposal.official
