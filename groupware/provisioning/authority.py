"""What a token may do: keep the entries of its own body, and of no other.

A token stands for a body, not for an official, so the monitor, which asks about officials, isn't asked. The rule is the
one that it has for a directory admin ("admin-of-own-body"), written as code: what isn't the body's isn't there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import officials
from directory.errors import UnknownEntryError
from directory.tables import body
from groupware.errors import Conflict, NotFound, Refused
from groupware.provisioning_tables import provisioned, scim_token

if TYPE_CHECKING:
    from directory.officials import Official
    from groupware.store import Snapshot

PERSON, UNIT = "person", "unit"
"""Kinds of entries, as `provisioned` names them."""
_HOLDS = (
    select(scim_token.c.id)
    .join(body, body.c.id == scim_token.c.body)
    .where(
        scim_token.c.id == bindparam("token"),
        scim_token.c.body == bindparam("body"),
        scim_token.c.expires > bindparam("at"),
        scim_token.c.revoked > bindparam("at"),
        ~body.c.suspended,
    )
)
_LABEL = select(scim_token.c.label).where(scim_token.c.id == bindparam("token"))
_REMOVED = select(provisioned.c.removed).where(
    provisioned.c.kind == bindparam("kind"), provisioned.c.number == bindparam("number")
)


@dataclass(frozen=True, slots=True)
class Machine:
    """A body's identity system behind one token; `code` is the body's, `domain` that of all addresses here."""

    token: int
    body: int
    code: str
    domain: str


def admit(snapshot: Snapshot, machine: Machine) -> None:
    """Refused("sign-in") unless the token still holds: asked in each transaction, so a revoked one ends at once."""
    if (
        snapshot.connection.execute(_HOLDS, {"token": machine.token, "body": machine.body, "at": snapshot.now}).first()
        is None
    ):
        raise Refused("sign-in")


def named(snapshot: Snapshot, machine: Machine) -> str:
    """What is written down as who did it: "SCIM token no. 3: Ministry"."""
    label = snapshot.connection.execute(_LABEL, {"token": machine.token}).scalar_one()
    return f"SCIM token no. {machine.token}: {label}"


def person(snapshot: Snapshot, machine: Machine, number: int, version: int | None = None) -> Official:
    """An official of the token's body, of the version that the client saw if it says so.

    NotFound alike for another body's, a removed one and nobody; Conflict("changed-meanwhile") for another version.
    """
    admit(snapshot, machine)
    try:
        found = officials.get(snapshot.connection, number)
    except UnknownEntryError as error:
        raise NotFound(str(error)) from error
    if found.body != machine.body or _is_removed(snapshot, PERSON, number):
        raise NotFound(f"official {number} of body {machine.body}")
    if version not in (None, found.version):
        raise Conflict("changed-meanwhile", "the entry has changed since it was read")
    return found


def _is_removed(snapshot: Snapshot, kind: str, number: int) -> bool:
    return bool(snapshot.connection.execute(_REMOVED, {"kind": kind, "number": number}).scalar())
