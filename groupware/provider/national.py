"""Whom a national identity provider has vouched for: an official of its own body, and of no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, insert, select

from directory import officials
from directory.oidc_tables import national_subject
from directory.tables import body, official
from groupware.errors import Refused
from groupware.sign_in import caller_of
from policies.vocabulary import Door

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.store import Tx

_n = national_subject.c
_EXTERNAL = (
    select(official.c.id)
    .join(body, body.c.id == official.c.body)
    .where(body.c.code == bindparam("of_body"), official.c.external_id == bindparam("name"))
    .limit(2)
)
_SUBJECT = select(_n.subject).where(_n.issuer == bindparam("by"), _n.official == bindparam("of"))
_FORGET = delete(national_subject).where(_n.issuer == bindparam("by"), _n.subject == bindparam("who"))
_ADD = insert(national_subject)


def whom(tx: Tx, body_code: str, issuer: str, subject: str, external: str) -> Caller:
    """The official of this body whose external id is what the provider says. Refused("sign-in") for anybody else.

    The provider's subject is remembered at the first sign-in: an external id that it gives to somebody else later
    doesn't open the account. Nobody is added to the directory here.
    """
    found = tx.connection.scalars(_EXTERNAL, {"of_body": body_code, "name": external}).all() if external else []
    if len(found) != 1 or not officials.in_office(tx.connection, found[0], tx.now):
        raise Refused("sign-in")
    known = tx.connection.execute(_SUBJECT, {"by": issuer, "of": found[0]}).scalar()
    if known is None:
        _remember(tx, issuer, subject, found[0])
    elif known != subject:
        raise Refused("sign-in")
    return caller_of(officials.get(tx.connection, found[0]), Door.PORTAL)


def _remember(tx: Tx, issuer: str, subject: str, number: int) -> None:
    """A subject is one official at a time: the directory's admin may have given the external id to another entry."""
    tx.connection.execute(_FORGET, {"by": issuer, "who": subject})
    tx.connection.execute(_ADD, {"issuer": issuer, "subject": subject, "official": number, "at": tx.now})
