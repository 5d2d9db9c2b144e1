"""Which app password signed a Matrix device in, so that revoking it signs out that device and no other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, or_, select

from directory import officials
from directory import tables as directory
from groupware.errors import NotFound
from groupware.events import EventKind
from groupware.matrix_tables import matrix_device

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx


@dataclass(frozen=True, slots=True)
class Device:
    """One of an official's."""

    official: int
    login: str
    name: str


_ENDED_PASSWORD = or_(
    directory.app_password.c.revoked <= bindparam("at"), directory.app_password.c.expires <= bindparam("at")
)
_ENDED = (
    select(matrix_device.c.official, directory.official.c.login, matrix_device.c.device)
    .join(directory.app_password, directory.app_password.c.id == matrix_device.c.app_password)
    .join(directory.official, directory.official.c.id == matrix_device.c.official)
    .where(_ENDED_PASSWORD)
    .order_by(matrix_device.c.official, matrix_device.c.device)
)
_HAS_ENDED = select(directory.app_password.c.id).where(directory.app_password.c.id == bindparam("of"), _ENDED_PASSWORD)
_ADD = insert(matrix_device)
_FORGET = delete(matrix_device).where(
    matrix_device.c.official == bindparam("of"), matrix_device.c.device == bindparam("name")
)


def remember(tx: Tx, login: str, name: str, app_password: int) -> None:
    """A device has signed in. If the app password was revoked meanwhile, it is told of again. NotFound by login."""
    who = officials.by_login(tx.connection, login)
    if who is None:
        raise NotFound(login)
    forget(tx, Device(who.id, login, name))
    tx.connection.execute(_ADD, {"official": who.id, "device": name, "app_password": app_password})
    if tx.connection.execute(_HAS_ENDED, {"of": app_password, "at": tx.now}).first() is not None:
        tx.record(EventKind.APP_PASSWORD_REVOKED, app_password)


def ended(snapshot: Snapshot) -> Sequence[Device]:
    """Those whose app password opens nothing any more."""
    return [Device(*row) for row in snapshot.connection.execute(_ENDED, {"at": snapshot.now})]


def forget(tx: Tx, device: Device) -> None:
    """It is signed out."""
    tx.connection.execute(_FORGET, {"of": device.official, "name": device.name})
