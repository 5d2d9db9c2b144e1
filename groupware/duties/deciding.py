"""Approve, refuse or withdraw a proposal: four eyes, of which two are the proposer's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials, proposals
from directory.proposals import Proposal, ProposalState
from groupware.duties import second_word
from groupware.duties.proposing import enact, require_leave
from groupware.duties.scopes import require_fit, require_in_office
from groupware.duties.standing import still
from groupware.duties.words import told
from groupware.errors import Conflict, Forbidden, Refused
from groupware.events import EventKind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx

PROPOSER_GONE = "Who proposed it may not propose it any more."


def approve(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> int:
    """Make the grant and return its id, 0 where the proposal ends as withdrawn: its proposer may no longer propose it.

    Raises Forbidden(four-eyes) to the proposer, Conflict(already-decided), Refused(not-in-office, unfit-scope,
    unfit-dates) when what was proposed isn't fit any more.
    """
    proposal = _for_second_eyes(tx, monitor, caller, number)
    if not _may_still_propose(tx, monitor, proposal):
        _close(tx, proposal, ProposalState.WITHDRAWN, caller.official, PROPOSER_GONE)
        return 0
    require_in_office(tx, proposal.official)
    require_in_office(tx, caller.official)
    require_fit(tx, officials.get(tx.connection, proposal.official), proposal.role, proposal.scope)
    if proposal.valid_until <= tx.now:
        raise Refused("unfit-dates", "the time for which it was proposed is over")
    return enact(tx, proposal, caller.official)


def refuse(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> None:
    """Say no. Raises as `approve`."""
    proposal = _for_second_eyes(tx, monitor, caller, number)
    _close(tx, proposal, ProposalState.REFUSED, caller.official)


def withdraw(tx: Tx, caller: Caller, number: int) -> None:
    """Take back one's own proposal. Raises Forbidden for another's, Conflict(already-decided)."""
    proposal = _found(tx, number)
    if proposal.proposed_by != caller.official:
        raise Forbidden("not-own-proposal")
    _close(tx, proposal, ProposalState.WITHDRAWN, caller.official)


def _for_second_eyes(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> Proposal:
    proposal = _found(tx, number)
    second_word.require(tx, monitor, caller, proposal)
    if proposal.state is not ProposalState.PROPOSED:
        raise Conflict("already-decided", "this proposal has been decided")
    return proposal


def _may_still_propose(tx: Tx, monitor: Monitor, proposal: Proposal) -> bool:
    """As of now, and with the strong sign-in that they had: whoever lost their office or its duties may not."""
    return still(tx, proposal.proposed_by, lambda who: require_leave(tx, monitor, who, proposal))


def _found(tx: Tx, number: int) -> Proposal:
    with told():
        return proposals.get(tx.connection, number)


def _close(tx: Tx, proposal: Proposal, state: ProposalState, by: int, why: str = "") -> None:
    if not proposals.decide(tx.connection, proposal.id, state, by, tx.now, why=why):
        raise Conflict("already-decided", "this proposal has been decided")
    tx.record(EventKind.GRANT_DECIDED, proposal.id)
