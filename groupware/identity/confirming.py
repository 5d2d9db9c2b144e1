"""Showing once more that it is them: what administration asks for when the last proof is older than 15 minutes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import sessions
from policies.vocabulary import Door

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.sign_in import SignIn
    from groupware.store import Store, Tx


@dataclass(frozen=True, slots=True)
class Proof:
    """What was handed in: one of them, the others empty."""

    password: str = ""


async def confirm(store: Store, sign_in: SignIn, caller: Caller, session: str, proof: Proof, address: str) -> None:
    """Make the session of this token fresh. Refused("sign-in") for a wrong proof, perhaps late; Busy."""
    await sign_in.check(Door.PORTAL, caller.login, proof.password, address)
    await store.run(lambda tx: _prove(tx, session))


def _prove(tx: Tx, session: str) -> None:
    sessions.prove(tx.connection, sessions.digest(session), tx.now)
