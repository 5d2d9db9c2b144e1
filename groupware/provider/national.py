"""Whom a national identity provider has vouched for: an official of its own body, and of no other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, func, select

from directory import invitations, national_accounts, newcomers, officials
from directory.tables import body, official
from groupware.clock import MICROSECONDS
from groupware.errors import Forbidden, Refused
from groupware.sign_in import caller_of
from policies.vocabulary import Door

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.store import Tx

_EXTERNAL = (
    select(official.c.id)
    .join(body, body.c.id == official.c.body)
    .where(func.lower(body.c.code) == bindparam("of_body"), official.c.external_id == bindparam("name"))
    .limit(2)
)
LEAVE_LASTS = 3600 * MICROSECONDS
ALLOW = "Sign in with your ICONet password or passkey first, and allow the other account under Account."


def whom(tx: Tx, body_code: str, issuer: str, subject: str, external: str) -> Caller:
    """The official of this body whose external id is what the provider says. Refused("sign-in") for anybody else.

    The provider's subject is remembered at the first sign-in: an external id that it gives to somebody else later
    doesn't open the account. Nobody is added to the directory here. An account that has credentials of its own is bound
    only if its owner, signed in with them, has said so within the hour: whoever writes external ids can't take it.
    """
    found = tx.connection.scalars(_EXTERNAL, {"of_body": body_code.lower(), "name": external}).all() if external else []
    if len(found) != 1 or not officials.in_office(tx.connection, found[0], tx.now):
        raise Refused("sign-in")
    known = national_accounts.subject(tx.connection, issuer, found[0])
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
    national_accounts.let(tx.connection, caller.official, tx.now + LEAVE_LASTS)


def _require_leave(tx: Tx, number: int) -> None:
    """For who has, or had, another way in: an account that ended with a reset or off-boarding isn't bound again."""
    been = newcomers.has_local(tx.connection, number) or national_accounts.had(tx.connection, number)
    if been and not national_accounts.is_let(tx.connection, number, tx.now):
        raise Refused("sign-in", ALLOW)
    national_accounts.forbid(tx.connection, number)


def _remember(tx: Tx, issuer: str, subject: str, number: int) -> None:
    """A subject is one official at a time: the directory's admin may have given the external id to another entry.

    A link for first credentials is for who hasn't come yet, and ends.
    """
    invitations.end_all(tx.connection, number, tx.now)
    national_accounts.bind(tx.connection, issuer, subject, number, tx.now)
