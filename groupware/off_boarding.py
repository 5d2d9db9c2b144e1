"""An official leaves: everything ends in one transaction, and is never refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import (
    app_passwords,
    invitations,
    officials,
    passkeys,
    passwords,
    recovery_codes,
    rights,
    roles,
    sessions,
    sign_in_steps,
    totp,
)
from directory.errors import UnknownEntryError
from groupware.errors import NotFound
from groupware.events import EventKind

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from groupware.store import Tx


def forget_credentials(connection: Connection, official: int) -> None:
    """Leave an official with nothing that opens the portal, and end what is open there."""
    passwords.forget(connection, official)
    totp.forget(connection, official)
    passkeys.forget_all(connection, official)
    recovery_codes.forget(connection, official)
    sessions.revoke_all(connection, official)
    sign_in_steps.end_all(connection, official)


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
    forget_credentials(connection, official)
    invitations.end_all(connection, official, tx.now)
    rights.bump(connection)
    tx.record(EventKind.OFFICIAL_OFF_BOARDED, official)
    tx.record(EventKind.RIGHTS_CHANGED, official)
