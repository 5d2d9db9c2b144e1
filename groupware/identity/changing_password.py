"""A new password, in place of one that is known, or the first for somebody who came in with a passkey."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import bodies, known_sites, officials, passwords, sessions, sign_in_steps
from directory.errors import UnfitError
from groupware.errors import Refused
from groupware.identity import factors, telling

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.sign_in import SignIn
    from groupware.store import Snapshot, Store, Tx

UNFIT = "unfit-password"


@dataclass(frozen=True, slots=True)
class Change:
    """From an old password to a new one, typed in the session of this token at a network address."""

    session: str
    old: str
    new: str
    address: str


async def change(store: Store, sign_in: SignIn, domain: str, caller: Caller, wanted: Change) -> None:
    """Replace the caller's password and end their other sessions; they are told.

    Refused(unfit-password), whose text is for them; Refused("sign-in") if `old` isn't right, perhaps late; Busy.
    """
    has = await store.read(lambda snapshot: factors.of(snapshot.connection, caller.official))
    await store.read(lambda snapshot: fit(snapshot, caller.official, wanted.new, second_factor=has.second))
    if has.password:
        await sign_in.check_again(caller, wanted.old, wanted.address)
    kept = await sign_in.gate.hashed(wanted.new)

    def use_case(tx: Tx) -> None:
        _keep(tx, caller, wanted.session, kept, short=passwords.is_short(wanted.new))
        telling.tell(tx, domain, caller, telling.CHANGED)

    await store.run(use_case)


def fit(snapshot: Snapshot, official: int, new: str, *, second_factor: bool) -> None:
    """Refused(unfit-password) unless it is fit for an official who will have a second factor beside it, or won't."""
    connection = snapshot.connection
    who = officials.get(connection, official)
    home = bodies.get(connection, who.body)
    known = (who.login, who.name, who.given_name, who.surname, home.name, home.code)
    try:
        passwords.check_fitness(new, known, second_factor=second_factor)
    except UnfitError as error:
        raise Refused(UNFIT, str(error)) from error


def _keep(tx: Tx, caller: Caller, session: str, kept: str, *, short: bool) -> None:
    """Looked at again: the second factor may have gone meanwhile."""
    if short and not factors.of(tx.connection, caller.official).second:
        raise Refused(UNFIT, f"A password has at least {passwords.SHORTEST} characters.")
    passwords.keep(tx.connection, caller.official, kept, tx.now, short=short)
    sessions.revoke_others(tx.connection, caller.official, sessions.digest(session))
    sign_in_steps.end_all(tx.connection, caller.official)
    known_sites.forget(tx.connection, caller.official)
