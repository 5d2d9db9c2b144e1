"""Showing once more that it is them: what administration asks for when the last proof is older than 15 minutes.

Who has a second factor shows that one: the password alone would be less than what opened the session. Others show the
password again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import officials, sessions
from groupware.acts import turned_away
from groupware.identity import factors
from policies.vocabulary import Door

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.identity.factors import Judged
    from groupware.identity.proof import Attempt
    from groupware.sign_in import SignIn
    from groupware.store import Store, Tx


async def confirm(store: Store, sign_in: SignIn, key: bytes, caller: Caller, session: str, attempt: Attempt) -> None:
    """Make the session of this token fresh. Refused("sign-in") for a wrong proof, perhaps late; Busy.

    Refused(too-many-codes) as in `factors`.
    """
    has = await store.read(lambda snapshot: factors.of(snapshot.connection, caller.official))
    if has.second:
        await _by_factor(store, sign_in, key, caller, session, attempt)
        return
    await sign_in.check_again(caller, attempt.proof.password, attempt.address)
    await store.run(lambda tx: sessions.prove(tx.connection, sessions.digest(session), tx.now))


async def _by_factor(store: Store, sign_in: SignIn, key: bytes, caller: Caller, session: str, attempt: Attempt) -> None:
    def use_case(tx: Tx) -> Judged:
        judged = factors.judge(tx, key, officials.get(tx.connection, caller.official), attempt)
        if judged.means:
            sessions.prove(tx.connection, sessions.digest(session), tx.now)
        else:
            tx.acts.append(turned_away(caller.official, Door.PORTAL))
        return judged

    judged = await store.run(use_case)
    if not judged.means:
        await sign_in.refuse_late(Door.PORTAL, attempt.address, judged.pause)
