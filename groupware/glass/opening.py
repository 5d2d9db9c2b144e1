"""Reading by a broken glass: what it covers, and one post of it. Every opening is on record before it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import reading
from groupware.acts import Act, Happening
from groupware.errors import NotFound
from groupware.glass import rows, telling
from groupware.glass_tables import glass_opening
from groupware.store.dialect import insert_missing
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.glass.rows import Covered
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

_OPEN = insert_missing(glass_opening)


def covered(snapshot: Snapshot, monitor: Monitor, caller: Caller, number: int) -> Sequence[Covered]:
    """What may be opened now; empty for whoever may not, and before and after."""
    if not monitor.decide(snapshot, caller, Action.BREAK_GLASS, Kind.GLASS, number).allowed:
        return ()
    return rows.covered(snapshot, rows.get(snapshot, number))


def open_post(tx: Tx, monitor: Monitor, caller: Caller, number: int, post: int, domain: str) -> Covered:
    """A post that may be opened, and is from now on known to have been. Raises NotFound or Forbidden (told alike).

    An owner who came in since the glass was broken is told with it.
    """
    permit = monitor.require(tx, caller, Action.BREAK_GLASS, Kind.GLASS, number)
    permit.use(tx, Action.BREAK_GLASS, number)
    known = rows.get(tx, number)
    found = next((each for each in rows.covered(tx, known) if each.id == post), None)
    if found is None:
        raise NotFound(f"post {post}")
    tx.insert_all(_OPEN, [{"glass": number, "post": post, "at": tx.now}])
    detail = {"glass": number}
    tx.acts.append(
        Act(Happening.READ, caller.official, caller.door, Action.BREAK_GLASS, Kind.POST, post, permit.rules, detail)
    )
    telling.tell_owners(tx, known, [found.owner_body], domain)
    return found


def octets(snapshot: Snapshot, found: Covered, where: Path) -> tuple[bytes, bytes]:
    """Header block and body of what `open_post` gave."""
    return reading.rendered(snapshot, found.rendering, where)
