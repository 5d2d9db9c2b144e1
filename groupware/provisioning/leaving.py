"""A national system says that an official is gone: off-boarded, and no longer told of through SCIM.

The row stays, since what they wrote has an author; so does the login, which nobody else is ever given.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from directory import officials
from groupware import off_boarding
from groupware.provisioning import authority, remembering, writing

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.store import Tx


def remove(tx: Tx, machine: Machine, number: int, version: int | None = None) -> None:
    """Off-board an official of the token's body for good. NotFound and Conflict("changed-meanwhile") as for reading."""
    found = authority.person(tx, machine, number, version)
    if not found.departed:
        off_board(tx, number)
    remembering.removed(tx, machine, authority.PERSON, number)


def off_board(tx: Tx, number: int) -> None:
    """End everything of an official; that they left, and when, stays written."""
    off_boarding.off_board(tx, number)
    left = officials.get(tx.connection, number)
    if not left.departed:
        with writing.told():
            officials.change(tx.connection, replace(left, departed=tx.now))
