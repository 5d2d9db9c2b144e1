"""Hand over: one official's duties to a colleague who accepts them, at once or on a day, in one transaction.

What somebody else offers for the giver waits for another word as well: the giver's own, or that of a second one who
designates them. Nothing moves before both words are given, in whichever order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import duty_moves, first_links, hand_overs, newcomers, officials
from directory.duty_moves import Move
from directory.hand_overs import HandOver, HandOverState
from groupware.duties import noting
from groupware.duties.movers import MOVERS, going
from groupware.duties.moving import moving
from groupware.duties.scopes import FOUR_EYES, require_in_office
from groupware.duties.standing import still_offered
from groupware.duties.words import a_note, told
from groupware.errors import Conflict, Forbidden, IconetError, NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

AT_ONCE = 0


@dataclass(frozen=True, slots=True)
class Offer:
    """Whose duties go to whom, from when (microseconds; 0: as soon as it is accepted), and what to tell the taker."""

    giver: int
    taker: int
    effective: int = AT_ONCE
    note: str = ""


def propose(tx: Tx, monitor: Monitor, caller: Caller, offer: Offer) -> int:
    """Offer it and return the hand-over's id: by the giver, or by who designates the giver and the taker.

    Raises Forbidden or NotFound, Refused(unfit, not-in-office, own-newcomer,
    nothing-to-hand-over), Conflict(already-proposed).
    """
    if caller.official == offer.taker:
        raise Forbidden("nobody-administers-self")
    if caller.official != offer.giver:
        monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, offer.giver)
        monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, offer.taker)
    _require_pair(tx, offer.giver, offer.taker)
    if caller.official == offer.giver:
        _require_vouched(tx, offer.giver, offer.taker, {offer.giver})
    if moving(tx, monitor, offer.giver).nothing:
        raise Refused("nothing-to-hand-over", "They hold no duties and have booked nothing: nothing would go over.")
    if hand_overs.open_from(tx.connection, offer.giver):
        raise Conflict("already-proposed", "a hand-over of these duties is under way")
    own = caller.official if caller.official == offer.giver else 0
    note = a_note(offer.note)
    new = HandOver(offer.giver, offer.taker, offer.effective, note, caller.official, tx.now, confirmed_by=own)
    number = hand_overs.add(tx.connection, new)
    first_links.end(tx.connection, offer.taker, tx.now)
    tx.record(EventKind.HAND_OVER_CHANGED, number)
    return number


def accept(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> bool:
    """Take it on; whether it is done already, or will be on its day. NotFound for another's, Conflict if answered.

    It ends as withdrawn where who offered it for the giver may no longer.
    """
    known = _found(tx, number)
    if known.taker != caller.official:
        raise NotFound(f"hand-over {number}")
    _move(tx, known, HandOverState.PROPOSED, HandOverState.ACCEPTED)
    _require_pair(tx, known.giver, known.taker)
    return _if_stands(tx, monitor, number)


def confirm(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> bool:
    """Give the word that an offer for somebody else needs; whether it is done with that.

    By the giver, or by who designates giver and taker and is neither the taker nor who offered it. Raises Forbidden or
    NotFound, Conflict(already-decided). Withdrawn where its proposer may no longer and this is not the giver's word.
    """
    known = _found(tx, number)
    if caller.official != known.giver:
        monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, known.giver)
        monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, known.taker)
        _require_another(caller, known)
    if not hand_overs.confirm(tx.connection, number, caller.official):
        raise Conflict("already-decided", "this hand-over has been answered")
    return _if_stands(tx, monitor, number)


def is_withdrawn(snapshot: Snapshot, number: int) -> bool:
    """Whether it has ended without being done."""
    return _found(snapshot, number).state is HandOverState.WITHDRAWN


def may_confirm(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: HandOver) -> bool:
    """Whether a hand-over waits for the caller's word."""
    if known.confirmed_by or caller.official in (known.taker, known.proposed_by):
        return False
    both = (monitor.decide(snapshot, caller, Action.DESIGNATE, Kind.OFFICIAL, each) for each in _pair(known))
    return caller.official == known.giver or all(each.allowed for each in both)


def decline(tx: Tx, caller: Caller, number: int) -> None:
    """Say no. Raises as `accept`."""
    known = _found(tx, number)
    if known.taker != caller.official:
        raise NotFound(f"hand-over {number}")
    _bring(tx, known, HandOverState.PROPOSED, HandOverState.DECLINED)


def withdraw(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> None:
    """Take it back before it is done: the giver, who proposed it, or who designates the giver."""
    known = _found(tx, number)
    if caller.official not in (known.giver, known.proposed_by):  # as may_withdraw says
        monitor.require(tx, caller, Action.DESIGNATE, Kind.OFFICIAL, known.giver)
    _bring(tx, known, known.state, HandOverState.WITHDRAWN)


def may_withdraw(snapshot: Snapshot, monitor: Monitor, caller: Caller, known: HandOver) -> bool:
    """Whether the caller may take it back."""
    if caller.official in (known.giver, known.proposed_by):
        return True
    return monitor.decide(snapshot, caller, Action.DESIGNATE, Kind.OFFICIAL, known.giver).allowed


def carry_out(tx: Tx, number: int) -> bool:
    """Move everything, once: False where it isn't accepted or not confirmed, or done before.

    An accepted one whose taker can't take it any more, or not by the words that were given, is withdrawn instead.
    """
    known = _found(tx, number)
    if not _is_agreed(known):
        return False
    tx.record(EventKind.HAND_OVER_CHANGED, number)
    try:
        _require_pair(tx, known.giver, known.taker)
        _require_vouched(tx, known.giver, known.taker, {known.proposed_by, known.confirmed_by})
    except IconetError:
        hand_overs.move(tx.connection, known, HandOverState.WITHDRAWN, tx.now)
        return False
    if not hand_overs.close(tx.connection, number, tx.now):
        return False
    for what, mover in MOVERS:
        count = mover(tx, known)
        duty_moves.add(tx.connection, Move(known.giver, known.taker, what, count, tx.now, number))
    noting.note(tx, known.giver, known.confirmed_by, noting.GAVE)
    noting.note(tx, known.taker, known.confirmed_by, noting.TOOK)
    return True


def agreed(snapshot: Snapshot, giver: int) -> HandOver | None:
    """The hand-over of somebody's duties for which giver and taker have given their word, if there is one."""
    found = hand_overs.open_from(snapshot.connection, giver)
    return next((each for each in found if _is_agreed(each)), None)


def _is_agreed(known: HandOver) -> bool:
    return known.state is HandOverState.ACCEPTED and bool(known.confirmed_by)


def _if_stands(tx: Tx, monitor: Monitor, number: int) -> bool:
    """After a word was given: done, if it was the last and the day has come. It is told of once, as it stands then."""
    known = _found(tx, number)
    stands = still_offered(tx, monitor, known)
    if stands and _is_agreed(known) and known.effective <= tx.now:
        return carry_out(tx, number)
    if not stands:
        hand_overs.move(tx.connection, known, HandOverState.WITHDRAWN, tx.now)
    tx.record(EventKind.HAND_OVER_CHANGED, number)
    return False


def _pair(known: HandOver) -> tuple[int, int]:
    return known.giver, known.taker


def _found(tx: Snapshot, number: int) -> HandOver:
    with told():
        return hand_overs.get(tx.connection, number)


def _bring(tx: Tx, known: HandOver, needs: HandOverState, becomes: HandOverState) -> None:
    _move(tx, known, needs, becomes)
    tx.record(EventKind.HAND_OVER_CHANGED, known.id)


def _move(tx: Tx, known: HandOver, needs: HandOverState, becomes: HandOverState) -> None:
    still_open = known.state in (HandOverState.PROPOSED, HandOverState.ACCEPTED)
    if known.state is not needs or not still_open or not hand_overs.move(tx.connection, known, becomes, tx.now):
        raise Conflict("already-decided", "this hand-over has been answered")


def _require_another(caller: Caller, known: HandOver) -> None:
    """Four eyes: the word of who offered it for the giver isn't the second one."""
    if caller.official == known.proposed_by:
        raise Forbidden("four-eyes")


def _require_vouched(tx: Tx, giver: int, taker: int, words: set[int]) -> None:
    """Raise Refused(own-newcomer) if four-eyes roles go to an account that all who gave their word made themselves."""
    if not any(each.role in FOUR_EYES for each in going(tx, giver)):
        return
    if all(newcomers.came_by(tx.connection, taker, each) for each in words):
        text = "you added them or made their link: have somebody else who may name people offer it, and confirm it"
        raise Refused("own-newcomer", text)


def _require_pair(tx: Tx, giver: int, taker: int) -> None:
    """Colleagues of one body, both in office. Raises NotFound, Refused(unfit, not-in-office)."""
    with told():
        one, other = officials.get(tx.connection, giver), officials.get(tx.connection, taker)
    if one.body != other.body or giver == taker:
        raise Refused("unfit", "duties go to a colleague of the same body")
    require_in_office(tx, giver)
    require_in_office(tx, taker)
