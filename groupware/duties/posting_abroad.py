"""Postings of liaison officers: published as they are decided, and before that, so that others can say what they need.

Regulation (EU) 2019/1240, article 3; every official in office sees them, as they see the directory's entries.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory import countries, first_links, officials, postings
from directory.postings import Interest, Posting
from groupware.duties.known_areas import require_known
from groupware.duties.scopes import require_body
from groupware.duties.words import a_note, told
from groupware.errors import NotFound, Refused
from groupware.events import EventKind
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

__all__ = ["COUNTRIES", "Line", "Posting", "add", "change", "declare_interest", "end", "lines", "withdraw_interest"]

COUNTRIES = countries.names()
"""Codes with the names that are delivered; an operator may choose others."""


def add(tx: Tx, monitor: Monitor, caller: Caller | None, new: Posting) -> int:
    """Post an official abroad, or plan it; returns the posting's id. None as `caller` is the operator.

    Raises Forbidden or NotFound, Refused(unfit) for an unknown country, dates that can't be, or an overlap with
    another posting of the same official.
    """
    _require(tx, monitor, caller, new)
    require_known(tx, monitor, caller, new.areas)
    with told():
        number = postings.add(tx.connection, replace(new, id=0))
    first_links.end(tx.connection, new.official, tx.now)
    tx.record(EventKind.POSTING_CHANGED, number)
    return number


def change(tx: Tx, monitor: Monitor, caller: Caller, changed: Posting) -> None:
    """Write it anew, of the version that was seen. Raises as `add`, and Conflict(changed-meanwhile)."""
    known = _known(tx, changed.id)
    monitor.require(tx, caller, Action.ADMINISTER, Kind.OFFICIAL, known.official)
    if known.official != changed.official:
        raise Refused("unfit", "a posting stays its official's; end it and add another")
    _require(tx, monitor, caller, changed)
    require_known(tx, monitor, caller, frozenset(changed.areas) - frozenset(known.areas))
    with told():
        postings.change(tx.connection, changed)
    tx.record(EventKind.POSTING_CHANGED, changed.id)


def end(tx: Tx, monitor: Monitor, caller: Caller | None, number: int, seen: int) -> None:
    """End it now; one that had not begun never will. Raises Forbidden or NotFound, Conflict."""
    _require_keeper(tx, monitor, caller, _known(tx, number).official)
    with told():
        postings.end(tx.connection, number, seen, tx.now)
    tx.record(EventKind.POSTING_CHANGED, number)


def end_by_operator(tx: Tx, monitor: Monitor, number: int) -> None:
    """The same at the operator's word, as it is. Raises NotFound, Conflict for one that has ended."""
    end(tx, monitor, None, number, _known(tx, number).version)


@dataclass(frozen=True, slots=True)
class Line:
    """A posting as a list has it; `until` in microseconds, FOREVER for an open one."""

    id: int
    login: str
    country: str
    city: str
    since: int
    until: int
    planned: bool


def lines(snapshot: Snapshot) -> list[Line]:
    """All that haven't ended, for the operator."""
    return [
        Line(
            each.id,
            officials.get(snapshot.connection, each.official).login,
            each.host_country,
            each.host_city,
            each.valid_from,
            each.valid_until,
            each.planned,
        )
        for each in postings.current(snapshot.connection, snapshot.now)
    ]


def declare_interest(tx: Tx, monitor: Monitor, caller: Caller, number: int, note: str) -> None:
    """Say for one's own body that it would use a planned posting of another.

    Raises Forbidden; NotFound, the same for what isn't there and for whom the caller isn't shown;
    Refused(not-planned, own-posting).
    """
    body = _body_of(tx, monitor, caller)
    known = _seen(tx, monitor, caller, number)
    if not known.planned or known.valid_until <= tx.now:
        raise Refused("not-planned", "interest is for postings that are planned")
    if officials.get(tx.connection, known.official).body == body:
        raise Refused("own-posting", "this is a posting of your own")
    postings.declare_interest(tx.connection, number, Interest(body, caller.official, a_note(note), tx.now))
    tx.record(EventKind.POSTING_CHANGED, number)


def withdraw_interest(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> None:
    """Take it back for one's own body, or leave it so. Raises Forbidden, and NotFound as `declare_interest`."""
    body = _body_of(tx, monitor, caller)
    if body not in {each.body for each in postings.interests(tx.connection, tx.now)[number]}:
        _seen(tx, monitor, caller, number)
    postings.withdraw_interest(tx.connection, number, body)
    tx.record(EventKind.POSTING_CHANGED, number)


def _body_of(tx: Tx, monitor: Monitor, caller: Caller) -> int:
    body = officials.get(tx.connection, caller.official).body
    monitor.require(tx, caller, Action.ADMINISTER, Kind.BODY, body)
    return body


def _known(tx: Tx, number: int) -> Posting:
    with told():
        return postings.get(tx.connection, number)


def _seen(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> Posting:
    known = _known(tx, number)
    if not monitor.decide(tx, caller, Action.SEE_ENTRY, Kind.OFFICIAL, known.official).allowed:
        raise NotFound(f"posting {number}")
    return known


def _require_keeper(tx: Tx, monitor: Monitor, caller: Caller | None, official: int) -> None:
    if caller is not None:
        monitor.require(tx, caller, Action.ADMINISTER, Kind.OFFICIAL, official)


def _require(tx: Tx, monitor: Monitor, caller: Caller | None, posting: Posting) -> None:
    _require_keeper(tx, monitor, caller, posting.official)
    with told():
        own = officials.get(tx.connection, posting.official)
    if own.departed:
        raise Refused("not-in-office", "this official has left")
    for body in posting.serves:
        require_body(tx, body)
        if body == own.body:
            raise Refused("unfit", "a shared officer serves other bodies besides their own")
