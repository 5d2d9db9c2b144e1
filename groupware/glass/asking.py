"""A security officer asks, another body's confirms: two people, none of whom has made the other.

Who asks learns nothing of what there is: the name is looked up only when it is confirmed, and the owners are told in
that very transaction, before anybody can read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, func, insert, or_, select

from directory import newcomers, officials
from directory.tables import FOREVER, role_grant
from groupware import clock, notices
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.glass import rows, telling
from groupware.glass.rows import Scope, State, Why
from groupware.glass_tables import glass
from groupware.releases.words import a_line, a_text
from groupware.too_often import DAY, require_few
from policies.vocabulary import Action, Kind, Role

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.glass.rows import Glass
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

HOUR = 3600 * clock.MICROSECONDS
PATIENCE = 24 * HOUR
"""For how long an ask waits for its confirmation."""
_ASK = insert(glass)
_OPEN = (
    select(func.count())
    .select_from(glass)
    .where(glass.c.asker == bindparam("by"), glass.c.state == State.ASKED, glass.c.valid_until > bindparam("now"))
)
_OF_BODY = (
    select(func.count()).select_from(glass).where(glass.c.body == bindparam("body"), glass.c.asked > bindparam("since"))
)
_GAVE = select(
    exists().where(
        role_grant.c.official == bindparam("whom"),
        role_grant.c.role == Role.SECURITY_OFFICER.value,
        or_(role_grant.c.granted_by == bindparam("by"), role_grant.c.approved_by == bindparam("by")),
    )
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read, by the name that the asker knows, why, and for how many hours."""

    scope: Scope
    name: str
    reason: str
    hours: int


def ask(tx: Tx, monitor: Monitor, caller: Caller, wanted: Wanted, longest: int) -> int:
    """Ask; returns its number. `longest` is how many hours the house allows.

    Raises Forbidden for who is no security officer, Refused(unfit) in words for the asker, and as too_often does: one
    ask covers a whole room, so that this many are many emergencies.
    """
    own = officials.get(tx.connection, caller.official)
    monitor.require(tx, caller, Action.ASK_GLASS, Kind.BODY, own.body).use(tx, Action.ASK_GLASS, own.body)
    if not 1 <= wanted.hours <= longest:
        raise Refused("unfit", f"the hours are from 1 to {longest}")
    name, reason = a_line(wanted.name, "what is to be read"), a_text(wanted.reason, "the reason")
    waiting = tx.connection.scalar(_OPEN, {"by": caller.official, "now": tx.now}) or 0
    require_few(waiting, tx.connection.scalar(_OF_BODY, {"body": own.body, "since": tx.now - DAY}) or 0)
    row = {
        "asker": caller.official,
        "body": own.body,
        "scope": wanted.scope,
        "name": name,
        "reason": reason,
        "lasts": wanted.hours * HOUR,
        "handling": own.clearance,
        "state": State.ASKED,
        "valid_until": tx.now + PATIENCE,
        "asked": tx.now,
    }
    empty = {"confirmer": 0, "item": 0, "confirmed": 0, "ended": 0, "ended_by": 0, "ended_why": Why.NEITHER}
    number = tx.insert(_ASK, {**empty, **row})
    tx.record(EventKind.GLASS_ASKED, number)
    return number


def confirm(tx: Tx, monitor: Monitor, caller: Caller, number: int, domain: str) -> int:
    """Confirm it; returns until when it holds. The owners are told with it.

    Raises NotFound or Forbidden (told alike) also where nothing has that name, or its asker couldn't ask any more,
    Refused(own-making) for who has made the other or was made by them, Conflict(ambiguous-name), which is told to who
    confirms and nobody else, and Conflict(already-decided).
    """
    monitor.require(tx, caller, Action.SEE_GLASS, Kind.GLASS, number)
    permit = monitor.require(tx, caller, Action.CONFIRM_GLASS, Kind.GLASS, number)
    known = rows.get(tx, number)
    if made(tx, known.asker, caller.official) or made(tx, caller.official, known.asker):
        raise Refused("own-making", "one of you two has made the other a security officer: somebody else confirms it")
    permit.use(tx, Action.CONFIRM_GLASS, number)
    now = replace(
        known,
        state=State.BROKEN,
        confirmer=caller.official,
        item=rows.item(tx, known.scope, known.name),
        confirmed=tx.now,
        valid_until=min(tx.now + known.lasts, FOREVER),
    )
    rows.move(tx, known, now)
    tx.record(EventKind.GLASS_BROKEN, number)
    telling.tell_owners(tx, now, {each.owner_body for each in rows.covered(tx, now)}, domain)
    text = f"{telling.about(tx, now)}\n\nYou may read what it names, in the portal and by the API alone."
    notices.send(tx, domain, [known.asker], f"Break-glass no. {number} is confirmed", text)
    return now.valid_until


def made(snapshot: Snapshot, whom: int, by: int) -> bool:
    """Whether somebody has added another, made a link for them, or given or approved their role (decision 0023)."""
    gave = snapshot.connection.scalar(_GAVE, {"whom": whom, "by": by})
    return bool(gave) or newcomers.came_by(snapshot.connection, whom, by)


def end(tx: Tx, monitor: Monitor, caller: Caller, number: int) -> None:
    """End it at once. Raises NotFound or Forbidden (told alike), and Conflict(already-decided)."""
    permit = monitor.require(tx, caller, Action.END_GLASS, Kind.GLASS, number)
    permit.use(tx, Action.END_GLASS, number)
    close(tx, rows.get(tx, number), State.ENDED, caller.official)


def close(tx: Tx, known: Glass, state: State, by: int = 0, why: Why = Why.NEITHER) -> None:
    """For good. The event has those told who were told that it was broken."""
    rows.move(tx, known, replace(known, state=state, ended=tx.now, ended_by=by, ended_why=why))
    tx.record(EventKind.GLASS_ENDED, known.id)
