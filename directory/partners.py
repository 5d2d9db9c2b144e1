"""Outside mail domains that the restricted relay may write to; every other one is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory import rights
from directory.tables import partner

if TYPE_CHECKING:
    from sqlalchemy import Connection

_ADD = insert(partner)
_SET = update(partner).where(partner.c.domain == bindparam("of")).values(allowed=bindparam("state"))
_ALLOWED = select(partner.c.allowed).where(partner.c.domain == bindparam("of"))


def allow(connection: Connection, domain: str, *, allowed: bool = True) -> None:
    """Open the relay towards a domain, or with `allowed=False` close it."""
    name = domain.lower()
    if not connection.execute(_SET, {"of": name, "state": allowed}).rowcount:
        connection.execute(_ADD, {"domain": name, "allowed": allowed})
    rights.bump(connection)


def is_allowed(connection: Connection, domain: str) -> bool:
    """Whether mail may go to a domain, in any case."""
    return bool(connection.execute(_ALLOWED, {"of": domain.lower()}).scalar())
