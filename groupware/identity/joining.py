"""Credentials by a one-time link: the first ones of a newcomer, or new ones for somebody who lost theirs.

Opening the page uses nothing up: mail scanners open links. A link for a reset replaces all: the second factor, passkeys
and recovery codes go with the old password, and so do app passwords; what is signed in ends.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import app_passwords as app_password_rows
from directory import invitations, officials, passwords, terms, watchers
from directory.invitations import Invitation, Purpose
from groupware.errors import NotFound, Refused
from groupware.identity import app_passwords, authenticator, ceremonies, changing_password
from groupware.off_boarding import forget_credentials
from groupware.sign_in import caller_of
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.house_rules import HouseRules
    from groupware.identity.proof import Attempt
    from groupware.sign_in import SignIn
    from groupware.store import Snapshot, Store, Tx

__all__ = ["Choice", "Invited", "Purpose"]


@dataclass(frozen=True, slots=True)
class Invited:
    """Whose link it is, what for, and which terms they have yet to accept."""

    caller: Caller
    purpose: Purpose
    owes_terms: bool


@dataclass(frozen=True, slots=True)
class Choice:
    """What they chose: a passkey (the browser's answer, in `attempt`) or a password, with an app's code beside it."""

    attempt: Attempt
    accepts: bool
    password: str = ""
    sealed: str = ""
    code: str = ""
    label: str = ""


def invited(snapshot: Snapshot, rules: HouseRules, token: str) -> Invited:
    """Who may use a link now. NotFound, the same for unknown, used and expired ones and for who is out of office."""
    found = _found(snapshot, token)
    who = officials.get(snapshot.connection, found.official)
    owes = not terms.has_accepted(snapshot.connection, who.id, rules.terms.version)
    return Invited(caller_of(who, Door.PORTAL), found.purpose, owes)


async def join(
    store: Store, sign_in: SignIn, key: bytes, rules: HouseRules, token: str, choice: Choice
) -> Sequence[str]:
    """Use the link up and keep what was chosen; recovery codes, to be shown once, if there is a second factor now.

    NotFound as `invited`; Refused(terms), Refused(unfit-password), Refused(code), Refused(passkey) with a text; Busy.
    """
    who = await store.read(lambda snapshot: invited(snapshot, rules, token))
    if who.owes_terms and not choice.accepts:
        raise Refused("terms", "Nobody takes part without accepting the terms of use.")
    kept = ""
    if not choice.attempt.proof.passkey:
        official = who.caller.official
        second = bool(choice.code)
        await store.read(
            lambda snapshot: changing_password.fit(snapshot, official, choice.password, second_factor=second)
        )
        kept = await sign_in.gate.hashed(choice.password)
    return await store.run(lambda tx: _join(tx, key, rules, token, choice, kept))


def _join(tx: Tx, key: bytes, rules: HouseRules, token: str, choice: Choice, kept: str) -> Sequence[str]:
    found = _found(tx, token)
    official = found.official
    if not invitations.spend(tx.connection, found.id, tx.now):
        raise NotFound("invitation")
    forget_credentials(tx.connection, official, tx.now)
    for each in app_password_rows.of(tx.connection, official):
        if each.works(tx.now):
            app_passwords.revoke(tx, official, each.id)
    terms.accept(tx.connection, official, rules.terms.version, tx.now)
    if not kept:
        ceremonies.create(tx, key, official, choice.attempt, choice.label)
        return authenticator.codes_if_none(tx, key, official)
    passwords.keep(tx.connection, official, kept, tx.now, short=passwords.is_short(choice.password))
    return authenticator.keep(tx, key, official, choice.sealed, choice.code) if choice.code else ()


def _found(snapshot: Snapshot, token: str) -> Invitation:
    found = invitations.find(snapshot.connection, token, snapshot.now)
    if found is None or not officials.in_office(snapshot.connection, found.official, snapshot.now):
        raise NotFound("invitation")
    body = officials.get(snapshot.connection, found.official).body
    if found.created_by and found.created_by not in watchers.of(snapshot.connection, body, snapshot.now):
        raise NotFound("invitation: who made it keeps no entries any more")
    return found
