"""App passwords in the hands of their owner: made, listed, and revoked, which ends at once what they have open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import app_passwords
from directory.app_passwords import DOORS
from directory.tables import FOREVER
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind

if TYPE_CHECKING:
    from collections.abc import Collection

    from groupware.store import Tx
    from policies.vocabulary import Door

__all__ = ["DOORS", "FOREVER"]
MOST = 30
"""Working ones of one official."""
LABEL = 60
"""Characters."""
_DAY = 24 * 3600 * 1_000_000


def make(tx: Tx, key: bytes, official: int, label: str, doors: Collection[Door], days: int = 0) -> str:
    """A new app password, as its owner sees it, once; `days` 0 is for ever. Refused(label), Refused(doors).

    Conflict(too-many-app-passwords) for whoever has 30 that work.
    """
    named = " ".join(label.split())
    if not named or len(named) > LABEL or not named.isprintable():
        raise Refused("label", f"Give it a name of at most {LABEL} characters.")
    if not doors or not DOORS.issuperset(doors):
        raise Refused("doors", "Choose at least one door.")
    if sum(each.works(tx.now) for each in app_passwords.of(tx.connection, official)) >= MOST:
        raise Conflict("too-many-app-passwords")
    text, expires = app_passwords.made(), tx.now + days * _DAY if days else FOREVER
    app_passwords.keep(tx.connection, official, text, key, doors=doors, label=named, now=tx.now, expires=expires)
    return text


def revoke(tx: Tx, official: int, number: int) -> None:
    """End one, and tell the doors. NotFound when it isn't the official's, or has ended."""
    if not app_passwords.revoke(tx.connection, official, number, tx.now):
        raise NotFound(f"app password {number}")
    tx.record(EventKind.APP_PASSWORD_REVOKED, number)
