"""Who has nothing here to show, and only their state's word: the first factor of a holder of a role is no small thing.

By it a session that isn't strong would become so. It needs a strong sign-in there, or a link, which takes two persons;
and they and all who watch over the body's entries are told of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials, roles, watchers
from groupware import notices
from groupware.errors import Refused
from groupware.identity import factors
from policies.vocabulary import Role

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.store import Tx

RULE = "first-factor"
NEEDS = (
    "You hold a role: your first factor needs a strong sign-in at your state, or a link for credentials. Ask for one."
)
TEXT = (
    "{name} ({login}) is setting up the first factor, signed in by their state's word alone.\n"
    "If that isn't them, tell your contact point or security officer at once."
)


def guard(tx: Tx, caller: Caller, domain: str) -> bool:
    """Called before one is kept; whether they were told. Raises Refused(first-factor)."""
    has = factors.of(tx.connection, caller.official)
    held = roles.all_of(tx.connection, caller.official, tx.now)
    if has.password or has.second or not any(each.role in set(Role) for each in held):
        return False
    if not caller.strong:
        raise Refused(RULE, NEEDS)
    body = officials.get(tx.connection, caller.official).body
    told = sorted({caller.official, *watchers.of(tx.connection, body, tx.now)})
    notices.send(tx, domain, told, "A first factor was set up", TEXT.format(name=caller.name, login=caller.login))
    return True
