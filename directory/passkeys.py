"""Passkeys as rows: a public key each, the private one is in the holder's authenticator (WebAuthn level 3)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select, update

from directory.credential_tables import passkey
from directory.rows import add_row

if TYPE_CHECKING:
    from sqlalchemy import Connection

_HANDLE = 32


@dataclass(frozen=True, slots=True)
class Passkey:
    """One row. `credential` is its name, `handle` its holder's; `synced`: it may be on several devices; `used` or 0."""

    id: int
    official: int
    handle: bytes
    credential: bytes
    public_key: bytes
    counter: int
    label: str
    synced: bool
    created: int
    used: int = 0


_ADD = insert(passkey)
_OF = select(passkey).where(passkey.c.official == bindparam("of")).order_by(passkey.c.id)
_BY_CREDENTIAL = select(passkey).where(passkey.c.credential == bindparam("wanted"))
_USE = (
    update(passkey)
    .where(passkey.c.id == bindparam("wanted"), passkey.c.counter == bindparam("seen"))
    .values(counter=bindparam("now_at"), used=bindparam("at"))
)
_FORGET = delete(passkey).where(passkey.c.id == bindparam("wanted"), passkey.c.official == bindparam("of"))
_FORGET_ALL = delete(passkey).where(passkey.c.official == bindparam("of"))


def add(connection: Connection, new: Passkey) -> int:
    """Keep a passkey and return its id; `new.id` is ignored."""
    row = asdict(new)
    del row["id"]
    return add_row(connection, _ADD, row)


def of(connection: Connection, official: int) -> list[Passkey]:
    """All of an official, oldest first."""
    return [Passkey(**row) for row in connection.execute(_OF, {"of": official}).mappings()]


def by_credential(connection: Connection, credential: bytes) -> Passkey | None:
    """The one of this name."""
    row = connection.execute(_BY_CREDENTIAL, {"wanted": credential}).mappings().first()
    return None if row is None else Passkey(**row)


def handle_of(official: int, key: bytes) -> bytes:
    """By what an official's authenticators know them: nobody else can tell whose it is. `key` is the server's."""
    return blake2b(str(official).encode(), key=key, digest_size=_HANDLE, person=b"passkey handle").digest()


def use(connection: Connection, kept: Passkey, counter: int, now: int) -> bool:
    """Write down a use; False if another came between."""
    return (
        connection.execute(_USE, {"wanted": kept.id, "seen": kept.counter, "now_at": counter, "at": now}).rowcount == 1
    )


def forget(connection: Connection, official: int, number: int) -> bool:
    """Take one passkey of an official away; False if there is none."""
    return connection.execute(_FORGET, {"of": official, "wanted": number}).rowcount == 1


def forget_all(connection: Connection, official: int) -> None:
    """Take them all away."""
    connection.execute(_FORGET_ALL, {"of": official})
