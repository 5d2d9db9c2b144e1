"""Who has never been here: the only one whose first credentials a single keeper of the body may have made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, exists, or_, select

from directory import histories, invitations
from directory.credential_tables import passkey, recovery_code, totp
from directory.oidc_tables import national_past, national_subject
from directory.tables import app_password, invitation, official, password, web_session

if TYPE_CHECKING:
    from sqlalchemy import Connection

_own = (password, passkey, totp, recovery_code, app_password, web_session, national_subject, national_past)
_marks = [exists().where(table.c.official == bindparam("wanted")) for table in _own]
_spent = exists().where(invitation.c.official == bindparam("wanted"), invitation.c.used != 0)
_HAS_BEEN = select(or_(*_marks, _spent))
_theirs = [exists().where(table.c.official == official.c.id) for table in _own]
_spent_theirs = exists().where(invitation.c.official == official.c.id, invitation.c.used != 0)
_HAVE_BEEN = select(official.c.id).where(official.c.body == bindparam("body"), or_(*_theirs, _spent_theirs))
_local = [exists().where(table.c.official == bindparam("wanted")) for table in (password, passkey, app_password)]
_HAS_LOCAL = select(or_(*_local))


def is_newcomer(connection: Connection, official: int) -> bool:
    """That nobody has ever signed in as this official: no credential, app password, session, used link or subject.

    What was revoked counts, too.
    """
    return not connection.scalar(_HAS_BEEN, {"wanted": official})


def came_by(connection: Connection, official: int, by: int) -> bool:
    """Whether somebody added this official, or ever made a link for them: nobody but them may vouch that they exist."""
    added = histories.first_by(connection, histories.OFFICIAL, official) == by
    return bool(by) and (added or invitations.made_by(connection, official, by))


def have_been(connection: Connection, body: int) -> set[int]:
    """Those of a body who are no newcomers, in one question."""
    return set(connection.scalars(_HAVE_BEEN, {"body": body}))


def has_local(connection: Connection, official: int) -> bool:
    """Whether they have, or had, something by which ICONet itself knows them."""
    return bool(connection.scalar(_HAS_LOCAL, {"wanted": official}))
