"""Whom a national identity provider has vouched for: an official of its own body, and of no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, insert, select

from directory import invitations, newcomers, officials
from directory.oidc_tables import national_leave, national_subject
from directory.tables import body, official
from groupware.clock import MICROSECONDS
from groupware.errors import Forbidden, Refused
from groupware.sign_in import caller_of
from policies.vocabulary import Door

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.store import Tx

_n = national_subject.c
_EXTERNAL = (
    select(official.c.id)
    .join(body, body.c.id == official.c.body)
    .where(func.lower(body.c.code) == bindparam("of_body"), official.c.external_id == bindparam("name"))
    .limit(2)
)
_SUBJECT = select(_n.subject).where(_n.issuer == bindparam("by"), _n.official == bindparam("of"))
LEAVE_LASTS = 3600 * MICROSECONDS
ALLOW = "Sign in with your ICONet password or passkey first, and allow the other account under Account."
_n_leave = national_leave.c
_LET = select(_n_leave.until).where(_n_leave.official == bindparam("of"), _n_leave.until > bindparam("at"))
_END_LEAVE = delete(national_leave).where(_n_leave.official == bindparam("of"))
_LEAVE = insert(national_leave)
_FORGET = delete(national_subject).where(_n.issuer == bindparam("by"), _n.subject == bindparam("who"))
_ADD = insert(national_subject)


def whom(tx: Tx, body_code: str, issuer: str, subject: str, external: str) -> Caller:
    """The official of this body whose external id is what the provider says. Refused("sign-in") for anybody else.

    The provider's subject is remembered at the first sign-in: an external id that it gives to somebody else later
    doesn't open the account. Nobody is added to the directory here. An account that has credentials of its own is bound
    only if its owner, signed in with them, has said so within the hour: whoever writes external ids can't take it.
    """
    found = tx.connection.scalars(_EXTERNAL, {"of_body": body_code.lower(), "name": external}).all() if external else []
    if len(found) != 1 or not officials.in_office(tx.connection, found[0], tx.now):
        raise Refused("sign-in")
    known = tx.connection.execute(_SUBJECT, {"by": issuer, "of": found[0]}).scalar()
    if known is None:
        _require_leave(tx, found[0])
        _remember(tx, issuer, subject, found[0])
    elif known != subject:
        raise Refused("sign-in")
    return caller_of(officials.get(tx.connection, found[0]), Door.PORTAL)


def allow(tx: Tx, caller: Caller) -> None:
    """The caller, signed in by local means, lets the account of their body's provider be bound within the hour."""
    if not caller.strong:
        raise Forbidden("portal-only")
    tx.connection.execute(_END_LEAVE, {"of": caller.official})
    tx.connection.execute(_LEAVE, {"official": caller.official, "until": tx.now + LEAVE_LASTS})


def _require_leave(tx: Tx, number: int) -> None:
    let = tx.connection.execute(_LET, {"of": number, "at": tx.now}).first() is not None
    if not let and newcomers.has_local(tx.connection, number):
        raise Refused("sign-in", ALLOW)
    tx.connection.execute(_END_LEAVE, {"of": number})


def _remember(tx: Tx, issuer: str, subject: str, number: int) -> None:
    """A subject is one official at a time: the directory's admin may have given the external id to another entry.

    A link for first credentials is for who hasn't come yet, and ends.
    """
    invitations.end_all(tx.connection, number, tx.now)
    tx.connection.execute(_FORGET, {"by": issuer, "who": subject})
    tx.connection.execute(_ADD, {"issuer": issuer, "subject": subject, "official": number, "at": tx.now})
