"""What an official has to show who they are, and whether what was handed in as a second factor is right.

A second factor is an authenticator app or a passkey; recovery codes stand in for either. Wrong ones are counted with
the wrong passwords of the same name and network. One-time codes have six digits, which alone would not withstand who
knows the password and tries them all: after ten wrong ones no code is looked at for a quarter of an hour. That holds up
nobody but those who have the password, and passkeys and recovery codes (120 bits) still open.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import login_failures, passkeys, passwords, recovery_codes, totp
from groupware.errors import Refused
from groupware.identity import ceremonies

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from directory.officials import Official
    from directory.passkeys import Passkey
    from groupware.identity.proof import Attempt
    from groupware.store import Tx

MOST_CODES = 10
"""Wrong one-time codes: a guesser has 960 a day, which find the right one of a million (three are good) in a year."""
MANY_CODES = "too-many-codes"
TRY_LATER = "Too many wrong codes. Wait a quarter of an hour, or use a passkey or a recovery code."


@dataclass(frozen=True, slots=True)
class Factors:
    """What somebody has. `short`: the password opens nothing alone."""

    password: bool
    short: bool
    app: bool
    passkeys: tuple[Passkey, ...]
    codes: int

    @property
    def second(self) -> bool:
        """Whether there is a second factor, which a sign-in with a password then needs."""
        return self.app or bool(self.passkeys)


@dataclass(frozen=True, slots=True)
class Judged:
    """`means`: what was right, "" if nothing; `pause`: for how long, in microseconds, the answer then waits."""

    means: str
    pause: int = 0


def of(connection: Connection, official: int) -> Factors:
    """All of them."""
    kept = passwords.kept_hash(connection, official)
    return Factors(
        password=kept is not None,
        short=passwords.needs_second_factor(connection, official),
        app=totp.has(connection, official),
        passkeys=tuple(passkeys.of(connection, official)),
        codes=recovery_codes.left(connection, official),
    )


def judge(tx: Tx, key: bytes, who: Official, attempt: Attempt) -> Judged:
    """Use up a passkey's answer or a code, or count a failure. Refused(too-many-codes) when no code is looked at."""
    proof = attempt.proof
    if proof.passkey:
        means = "passkey" if ceremonies.get(tx, key, attempt, who.id) else ""
    elif recovery_codes.is_one(proof.code):
        means = "recovery code" if recovery_codes.spend(tx.connection, who.id, proof.code, key, tx.now) else ""
    else:
        return _by_code(tx, key, who, attempt)
    return Judged(means) if means else wrong(tx, who, attempt)


def wrong(tx: Tx, who: Official | None, attempt: Attempt, *more: str) -> Judged:
    """Count a failure for the name, if it is known, and for the network."""
    by_name = (login_failures.of_name(who.login),) if who else ()
    keys = (*by_name, *login_failures.of_address(attempt.address))
    return Judged("", login_failures.note(tx.connection, (*keys, *more), tx.now))


def _by_code(tx: Tx, key: bytes, who: Official, attempt: Attempt) -> Judged:
    counted = login_failures.of_codes(who.id)
    if login_failures.failures(tx.connection, counted, tx.now) >= MOST_CODES:
        raise Refused(MANY_CODES, TRY_LATER)
    if totp.spend(tx.connection, who.id, attempt.proof.code, key, tx.now):
        return Judged("code")
    return wrong(tx, who, attempt, counted)
