"""A body that can be reached stays so: by hand nobody takes away the last who speaks for it (off-boarding may)."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from directory import roles
from groupware.duties.places import OF_CONTACT
from groupware.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.store import Tx


@contextmanager
def contact_kept(tx: Tx, body: int) -> Iterator[None]:
    """Raise Refused(last-contact-point) if the body had a contact point or deputy in office, and now has none."""
    before = _is_reached(tx, body)
    yield
    if before and not _is_reached(tx, body):
        raise Refused("last-contact-point", "This is the body's last contact point: name a successor first.")


def _is_reached(tx: Tx, body: int) -> bool:
    return any(roles.in_force(tx.connection, role, body, tx.now) for role in OF_CONTACT)
