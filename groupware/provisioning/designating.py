"""A national system names a new official. They can sign in once they are invited: SCIM makes no credentials."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import officials
from directory.officials import Official
from groupware.errors import Conflict, Refused
from groupware.events import EventKind
from groupware.people import entry as entries
from groupware.people import places
from groupware.provisioning import authority, finding, remembering, writing
from groupware.reserved import RESERVED

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.provisioning.person import Person, Wanted
    from groupware.store import Tx

CLEARANCE = 0
"""What a new official is cleared for: SCIM gives no clearance."""


def designate(tx: Tx, machine: Machine, wanted: Wanted) -> Person:
    """Add an official to the token's body.

    Conflict("taken") if anything has the login or the body the external id; Refused by rule.
    """
    authority.admit(tx, machine)
    if not wanted.name:
        raise Refused("unfit", "displayName is empty")
    _check_login(tx, machine, wanted.login)
    empty = Official(0, wanted.login, f"{wanted.login}@{machine.domain}", "", machine.body, 0, clearance=CLEARANCE)
    with writing.told():
        # who isn't active yet is let in by this door later; a suspension by hand it couldn't lift
        away = 0 if wanted.active else tx.now
        new = replace(writing.row(tx, machine, empty, wanted), suspended=not wanted.active, departed=away)
        number = officials.add(tx.connection, new)
    remembering.made(tx, machine, authority.PERSON, number)
    tx.record(EventKind.RIGHTS_CHANGED, number)
    return finding.one(tx, machine, number)


def _check_login(tx: Tx, machine: Machine, login: str) -> None:
    """All names with an address are one name space; whose a taken one is isn't said."""
    problem = entries.login_problem(login)
    if problem and login not in RESERVED:
        raise Refused("unfit", f"userName: {problem.text}")
    if problem or places.taken(tx, [login], machine.domain):
        raise Conflict("taken", "userName")
