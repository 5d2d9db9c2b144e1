"""Changes of rights as use cases: what the directory does, and the event that wakes open sessions at once.

Who may do them is asked by their callers: so far only the operator and tests.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from directory import bodies, officials, roles
from directory.errors import UnfitError, UnknownEntryError
from groupware.errors import NotFound, Refused
from groupware.events import EventKind
from groupware.glass import lapsing

if TYPE_CHECKING:
    from collections.abc import Iterator

    from directory.roles import Grant
    from groupware.store import Tx

MANY = 0
"""The subject of an event that concerns more than one official."""


def suspend_official(tx: Tx, official: int, *, suspended: bool = True) -> None:
    """Shut an official out, or with `suspended=False` let them in again. Raises NotFound."""
    with _told():
        officials.suspend(tx.connection, official, suspended=suspended)
    if suspended:
        lapsing.end_of(tx, official)
    tx.record(EventKind.RIGHTS_CHANGED, official)


def suspend_body(tx: Tx, body: int, *, suspended: bool = True) -> None:
    """The same for all officials of a state or institution. Raises NotFound."""
    with _told():
        bodies.suspend(tx.connection, body, suspended=suspended)
    if suspended:
        lapsing.end_of_body(tx, body)
    tx.record(EventKind.RIGHTS_CHANGED, MANY)


def grant(tx: Tx, new: Grant) -> int:
    """Give a role, or the right to read or post; returns the grant's id. Raises Refused(unfit-grant)."""
    with _told():
        number = roles.grant(tx.connection, new)
    tx.record(EventKind.RIGHTS_CHANGED, new.official)
    return number


def revoke(tx: Tx, number: int) -> None:
    """End a grant now, or leave it ended. Raises NotFound."""
    with _told():
        roles.revoke(tx.connection, number, tx.now)
    tx.record(EventKind.RIGHTS_CHANGED, MANY)


@contextmanager
def _told() -> Iterator[None]:
    """The directory's errors in the domain's words."""
    try:
        yield
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    except UnfitError as error:
        raise Refused("unfit-grant", str(error)) from error
