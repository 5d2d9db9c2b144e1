"""Signing in to the portal: the password, then the second factor if there is one; or a passkey and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from directory import officials, sign_in_steps
from groupware.acts import turned_away
from groupware.errors import NotFound
from groupware.identity import ceremonies, factors
from groupware.sign_in import caller_of
from groupware.web_sessions import begin
from policies.vocabulary import Door

if TYPE_CHECKING:
    from directory.officials import Official
    from directory.sessions import Start
    from groupware.caller import Caller
    from groupware.identity.factors import Factors, Judged
    from groupware.identity.proof import Attempt
    from groupware.sign_in import SignIn
    from groupware.store import Snapshot, Store, Tx


@dataclass(frozen=True, slots=True)
class Entered:
    """How far a sign-in got: a session's token, or, when the second factor is owed, a step's."""

    session: str = ""
    step: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an attempt comes from: the network address, and what the browser's cookie says (directory.devices)."""

    address: str
    device: str = ""


async def by_password(store: Store, sign_in: SignIn, name: str, password: str, origin: Origin, start: Start) -> Entered:
    """Raises as SignIn.check: Refused("sign-in") for whatever is wrong, perhaps late; Busy."""
    caller = await sign_in.check(Door.PORTAL, name, password, origin.address, origin.device)
    return await store.run(lambda tx: _after_password(tx, caller, start))


async def by_second_factor(store: Store, sign_in: SignIn, key: bytes, step: str, attempt: Attempt, start: Start) -> str:
    """A session's token. NotFound for a step that is too old: it begins with the password again.

    Refused("sign-in") for a wrong factor, perhaps late; Refused(too-many-codes); Busy.
    """

    def use_case(tx: Tx) -> tuple[Judged, str]:
        who = _owing(tx, step)
        judged = factors.judge(tx, key, who, attempt)
        if not judged.means:
            tx.acts.append(turned_away(who.id, Door.PORTAL))
            return judged, ""
        sign_in_steps.end(tx.connection, step)
        return judged, begin(tx, caller_of(who, Door.PORTAL), replace(start, means=f"password and {judged.means}"))

    judged, session = await store.run(use_case)
    if not session:
        await sign_in.refuse_late(Door.PORTAL, attempt.address, judged.pause)
    return session


async def by_passkey(store: Store, sign_in: SignIn, key: bytes, attempt: Attempt, start: Start) -> str:
    """A session's token for whoever's passkey it is. Refused("sign-in") for whatever is wrong, perhaps late; Busy."""

    def use_case(tx: Tx) -> tuple[Judged, str]:
        number = ceremonies.get(tx, key, attempt)
        if not number or not officials.in_office(tx.connection, number, tx.now):
            return factors.wrong(tx, None, attempt), ""
        who = officials.get(tx.connection, number)
        return factors.Judged("passkey"), begin(tx, caller_of(who, Door.PORTAL), replace(start, means="passkey"))

    judged, session = await store.run(use_case)
    if not session:
        await sign_in.refuse_late(Door.PORTAL, attempt.address, judged.pause)
    return session


def owed(snapshot: Snapshot, step: str) -> Factors:
    """What whoever stands at this step may show. NotFound when it is too old."""
    return factors.of(snapshot.connection, _owing(snapshot, step).id)


def _after_password(tx: Tx, caller: Caller, start: Start) -> Entered:
    if factors.of(tx.connection, caller.official).second:
        return Entered(step=sign_in_steps.begin(tx.connection, caller.official, tx.now))
    return Entered(session=begin(tx, caller, start))


def _owing(snapshot: Snapshot, step: str) -> Official:
    number = sign_in_steps.find(snapshot.connection, step, snapshot.now)
    if not officials.in_office(snapshot.connection, number, snapshot.now):
        raise NotFound("sign-in step")
    return officials.get(snapshot.connection, number)
