"""A national system says that an official is gone: off-boarded, and no longer told of through SCIM.

The row stays, since what they wrote has an author; so does the login, which nobody else is ever given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import off_boarding
from groupware.provisioning import authority, remembering

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.store import Tx


def remove(tx: Tx, machine: Machine, number: int, version: int | None = None) -> None:
    """Off-board an official of the token's body for good. NotFound and Conflict("changed-meanwhile") as for reading."""
    found = authority.person(tx, machine, number, version)
    if not found.departed:
        off_boarding.off_board(tx, number, why=authority.named(tx, machine))
        remembering.changed(tx, machine, authority.PERSON, number, "departed")
    remembering.removed(tx, machine, authority.PERSON, number)
