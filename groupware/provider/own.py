"""What an official sees of their own sign-ons, and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select, true

from directory import sign_ons
from directory.oidc_tables import oidc_client, oidc_consent, oidc_sign_on
from groupware.errors import NotFound
from groupware.events import EventKind
from groupware.provider import clients

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Snapshot, Tx


@dataclass(frozen=True, slots=True)
class SignedOn:
    """A client (client_id, name for people), how many sign-ons there are, and the moment of the newest."""

    name: str
    title: str
    count: int
    newest: int


_s = oidc_sign_on.c
_MINE = (
    select(oidc_client.c.name, oidc_client.c.title, func.count(), func.max(_s.created))
    .join(oidc_client, oidc_client.c.id == _s.client)
    .where(_s.official == bindparam("of"), _s.alive == true(), _s.spent)
    .group_by(oidc_client.c.name, oidc_client.c.title)
    .order_by(func.max(_s.created).desc())
)
_THERE = select(_s.id).where(_s.official == bindparam("of"), _s.client == bindparam("there"), _s.alive == true())
_FORGET = delete(oidc_consent).where(
    oidc_consent.c.official == bindparam("of"), oidc_consent.c.client == bindparam("there")
)


def signed_on(snapshot: Snapshot, official: int) -> Sequence[SignedOn]:
    """Where an official may still be signed in, newest first."""
    return [SignedOn(*row) for row in snapshot.connection.execute(_MINE, {"of": official})]


def sign_off(tx: Tx, official: int, name: str) -> None:
    """End all of an official's at a client, which is told; NotFound if there is nothing."""
    client = clients.find(tx, name)
    key = {"of": official, "there": 0 if client is None else client.id}
    found = tx.connection.scalars(_THERE, key).all()
    if not found:
        raise NotFound(name)
    for number in found:
        sign_ons.end(tx.connection, number)
    tx.connection.execute(_FORGET, key)
    tx.record(EventKind.SIGNED_OFF, official)
