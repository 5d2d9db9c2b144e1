"""An official leaves: everything ends in one transaction, and is never refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import app_passwords, officials, passwords, rights, roles, sessions
from directory.errors import UnknownEntryError
from groupware.errors import NotFound
from groupware.events import EventKind

if TYPE_CHECKING:
    from groupware.store import Tx


def off_board(tx: Tx, official: int) -> None:
    """Suspend an official, end their grants, app passwords and sessions, and forget their password.

    A second time changes nothing that counts. NotFound for an unknown id.
    """
    connection = tx.connection
    try:
        officials.suspend(connection, official)
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    roles.revoke_all(connection, official, tx.now)
    app_passwords.revoke_all(connection, official, tx.now)
    passwords.forget(connection, official)
    sessions.revoke_all(connection, official)
    rights.bump(connection)
    tx.record(EventKind.OFFICIAL_OFF_BOARDED, official)
    tx.record(EventKind.RIGHTS_CHANGED, official)
