"""A body that can be reached stays so: by hand nobody takes away the last who speaks for it (off-boarding may)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, literal, select

from directory.tables import official, role_grant
from groupware.errors import Refused
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.store import Tx

_REACHED = (
    select(role_grant.c.id)
    .join(official, official.c.id == role_grant.c.official)
    .where(
        role_grant.c.scope == bindparam("body"),
        role_grant.c.role.in_((Role.CONTACT_POINT.value, Role.DEPUTY.value)),
        role_grant.c.valid_from <= bindparam("at"),
        role_grant.c.valid_until > bindparam("at"),
        ~official.c.suspended,
        official.c.valid_from <= bindparam("at"),
        official.c.valid_until > bindparam("at"),
    )
    .limit(literal(1))
)


@contextmanager
def contact_kept(tx: Tx, body: int) -> Iterator[None]:
    """Raise Refused(last-contact-point) if the body had a contact point or deputy in office, and now has none."""
    before = _reached(tx, body)
    yield
    if before and not _reached(tx, body):
        raise Refused("last-contact-point", "This is the body's last contact point: name a successor first.")


def _reached(tx: Tx, body: int) -> bool:
    return tx.connection.execute(_REACHED, {"body": body, "at": tx.now}).first() is not None
