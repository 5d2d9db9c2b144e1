"""Areas: founded, with their competence, by the body that governs the one which will run them; renamed by that one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import areas, bodies
from groupware import given
from groupware.areas import acting, codes
from groupware.errors import NotFound
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx


def found(tx: Tx, monitor: Monitor, by: Caller | None, code: str, name: str, body: str, domain: str) -> int:
    """A new area, run by the body of this code; returns its id.

    Raises NotFound or Forbidden (told alike), Refused(unfit-code, unfit-text), Conflict(code-taken).
    """
    runs = bodies.find(tx.connection, given.name(body))
    if runs is None:
        raise NotFound(body)
    who = acting.leave(tx, monitor, by, Action.GOVERN, Kind.BODY, runs.id)
    codes.require_fit(code)
    codes.require_free(tx, code, domain)
    with acting.told():
        number = areas.create_area(tx.connection, code, acting.called(name), runs.id)
        areas.create_competence(tx.connection, code)
    acting.note(tx, who, "area-founded", number, code=code, name=name, body=runs.code)
    return number


def rename(tx: Tx, monitor: Monitor, by: Caller | None, code: str, name: str, seen: int | None) -> None:
    """Call an area otherwise; its code stays. Raises as `found` does, and Conflict(changed-meanwhile)."""
    area = acting.area(tx, code)
    who = acting.leave(tx, monitor, by, Action.MANAGE, Kind.AREA, area.id)
    new = acting.called(name)
    with acting.told():
        areas.change_area(tx.connection, replace(area, name=new, version=area.version if seen is None else seen))
    acting.note(tx, who, "area-renamed", area.id, name=new, was=area.name)
