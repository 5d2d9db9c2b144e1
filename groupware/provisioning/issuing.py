"""Tokens are issued, listed and revoked by the operator, each for one body."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, select, update

from directory import bodies
from directory.tables import body
from groupware.clock import MICROSECONDS
from groupware.errors import NotFound, Refused
from groupware.provisioning_tables import scim_token

if TYPE_CHECKING:
    from groupware.store import Snapshot, Tx

DAY = 24 * 60 * 60 * MICROSECONDS
LONGEST_DAYS = 3 * 366
LONGEST_LABEL = 100
_ADD = insert(scim_token)
_ALL = (
    select(
        scim_token.c.id,
        body.c.code.label("body"),
        scim_token.c.label,
        scim_token.c.created,
        scim_token.c.expires,
        scim_token.c.revoked,
        scim_token.c.used,
    )
    .join(body, body.c.id == scim_token.c.body)
    .order_by(scim_token.c.id)
)
_REVOKE = (
    update(scim_token)
    .where(
        scim_token.c.id == bindparam("wanted"),
        scim_token.c.body == bindparam("of_body"),
        scim_token.c.revoked > bindparam("at"),
    )
    .values(revoked=bindparam("at"))
)
_KNOWN = select(scim_token.c.id).where(scim_token.c.digest == bindparam("wanted"))


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret; `body` is a code, times in microseconds, `revoked` FOREVER while it works."""

    id: int
    body: str
    label: str
    created: int
    expires: int
    revoked: int
    used: int


def issue(tx: Tx, code: str, digest: bytes, label: str, days: int) -> int:
    """Keep a new token for a body and return its id. NotFound without the body; Refused for a bad label or term."""
    if not label.strip() or not label.isprintable() or len(label) > LONGEST_LABEL:
        raise Refused("label", f"a label is one line of at most {LONGEST_LABEL} letters")
    if not 0 < days <= LONGEST_DAYS:
        raise Refused("term", f"a token holds for at least a day and at most {LONGEST_DAYS}")
    row = {"body": _body(tx, code), "digest": digest, "label": label.strip()}
    return tx.insert(_ADD, {**row, "created": tx.now, "expires": tx.now + days * DAY})


def is_kept(snapshot: Snapshot, digest: bytes) -> bool:
    """Whether this token was ever issued, revoked or not."""
    return snapshot.connection.execute(_KNOWN, {"wanted": digest}).first() is not None


def listed(snapshot: Snapshot, code: str = "") -> list[Token]:
    """All tokens, or those of a body, oldest first."""
    rows = snapshot.connection.execute(_ALL).mappings()
    return [Token(**row) for row in rows if code in ("", row["body"])]


def revoke(tx: Tx, code: str, number: int) -> None:
    """End a token of a body now. NotFound if there is none that still works."""
    found = tx.change(_REVOKE, {"wanted": number, "of_body": _body(tx, code), "at": tx.now})
    if not found:
        raise NotFound(f"token {number} of {code}")


def _body(snapshot: Snapshot, code: str) -> int:
    found = bodies.find(snapshot.connection, code)
    if found is None:
        raise NotFound(f"body {code}")
    return found.id
