"""Setting up an authenticator app, and taking a second factor away."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING

import segno

from directory import national_accounts, passkeys, recovery_codes, totp
from groupware.errors import Conflict, NotFound, Refused
from groupware.identity import factors

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from groupware.identity.factors import Factors
    from groupware.store import Tx

_PURPOSE = b"totp-set-up"
LAST_WAY = "last-way-in"
SHORT = "short-password"


@dataclass(frozen=True, slots=True)
class SetUp:
    """A secret on its way into an app: as a picture (an SVG path in a square of `side` units), as text to type.

    The form carries it back `sealed` for this official, so nothing is kept of set-ups that are never finished.
    """

    sealed: str
    spelled: str
    path: str
    side: int
    address: str


def offer(key: bytes, official: int, login: str, issuer: str, sealed: str = "") -> SetUp:
    """A new secret, or the one that an earlier form carries."""
    secret = _opened(key, official, sealed) or totp.made()
    kept = urlsafe_b64encode(totp.sealed(secret, key, official, _PURPOSE)).decode()
    address = totp.address(secret, issuer, login)
    path, side = _picture(address)
    return SetUp(kept, totp.spelled(secret), path, side, address)


def keep(tx: Tx, key: bytes, official: int, sealed: str, code: str) -> Sequence[str]:
    """Make the secret the official's, once the app has shown its code; new recovery codes if there are none.

    Refused(code) for a wrong one.
    """
    secret = _opened(key, official, sealed)
    step = totp.matching_step(secret, code, tx.now) if secret else 0
    if secret is None or not step:
        raise Refused("code", "That isn't the code that the app shows now.")
    totp.keep(tx.connection, official, secret, key, step=step, now=tx.now)
    return codes_if_none(tx, key, official)


def codes_if_none(tx: Tx, key: bytes, official: int) -> Sequence[str]:
    """Ten recovery codes for whoever has none left."""
    if recovery_codes.left(tx.connection, official):
        return ()
    return recovery_codes.renew(tx.connection, official, key)


def remove_app(tx: Tx, official: int) -> None:
    """Take the app away. NotFound without one; Conflict as `_still_in`."""
    if not totp.forget(tx.connection, official):
        raise NotFound("authenticator app")
    _still_in(tx, official)


def remove_passkey(tx: Tx, official: int, number: int) -> None:
    """Take a passkey away. NotFound without it; Conflict as `_still_in`."""
    if not passkeys.forget(tx.connection, official, number):
        raise NotFound("passkey")
    _still_in(tx, official)


def end_national(tx: Tx, official: int) -> None:
    """Have no account of a state open this one. NotFound without one; Conflict as `_still_in`."""
    if not national_accounts.end_all(tx.connection, official, tx.now):
        raise NotFound("national account")
    _still_in(tx, official)


def _still_in(tx: Tx, official: int) -> Factors:
    """Conflict when they could not sign in any more, or with a short password alone. Codes go with the last factor."""
    left = factors.of(tx.connection, official)
    if not left.password and not left.passkeys:
        raise Conflict(LAST_WAY)
    if left.short and not left.second:
        raise Conflict(SHORT)
    if not left.second:
        recovery_codes.forget(tx.connection, official)
    return left


def _opened(key: bytes, official: int, sealed: str) -> bytes | None:
    try:
        octets = urlsafe_b64decode(sealed.encode("ascii", "replace"))
    except ValueError:
        return None
    return totp.opened(octets, key, official, _PURPOSE)


def _picture(text: str) -> tuple[str, int]:
    """The dark modules of a QR code (ISO/IEC 18004) as one SVG path of horizontal strokes, with its quiet zone of 4."""
    rows = list(segno.make(text, error="m", micro=False).matrix_iter(border=4))
    return "".join(f"M{x} {y}h{long}v1h-{long}z" for y, row in enumerate(rows) for x, long in _strokes(row)), len(rows)


def _strokes(row: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many follow each other."""
    place = 0
    for dark, run in groupby(row):
        long = len(list(run))
        if dark:
            yield place, long
        place += long
