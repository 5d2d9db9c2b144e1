"""The small town with somebody who runs it: clara is directory admin of the body that governs both bodies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import areas, bodies, officials, roles
from directory.roles import Grant
from policies.vocabulary import Access, Door, Role

if TYPE_CHECKING:
    from town import Town

    from groupware.caller import Caller
    from groupware.store import Tx

ADMIN = "clara"


def run_by_admin(tx: Tx, town: Town) -> None:
    """Have clara's body govern all and run the areas, with her as its admin."""
    clara = officials.get(tx.connection, town.people[ADMIN])
    found = [body.id for code in ("aa", "bb") if (body := bodies.find(tx.connection, code)) is not None]
    bodies.put_under(tx.connection, found, clara.body)
    for code in ("return", "liaison"):
        area = areas.find_area(tx.connection, code)
        assert area is not None
        areas.give_area(tx.connection, area.id, clara.body)
    roles.grant(tx.connection, Grant(clara.id, Role.DIRECTORY_ADMIN, clara.body, reason="test"))


def run_by_admin_and_managers(tx: Tx, town: Town) -> None:
    """The same, and some manage a room, which nobody's being a member brings along."""
    run_by_admin(tx, town)
    for name, code in (("anna", "return"), ("bruno", "return"), ("dora", "return"), ("otto", "liaison")):
        roles.grant(tx.connection, Grant(town.people[name], Access.MANAGER, town.rooms[code], reason="test"))


def admin(town: Town) -> Caller:
    """Clara, signed in strongly."""
    return town.caller(ADMIN, Door.PORTAL, strong=True)
