"""The keys that sign: one of each algorithm at a time, its successor shown a day before it signs (OIDC Core 10.1.1).

Private keys are rows, sealed under a key that follows from DIR/server.key: a copy of the database alone signs nothing.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from joserfc.jwk import ECKey, KeySet, RSAKey
from sqlalchemy import Row, bindparam, delete, insert, select, update

from directory.oidc_tables import oidc_key
from directory.tables import FOREVER
from groupware import clock
from groupware.errors import StoreFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.provider.sealing import Seal
    from groupware.store import Snapshot, Tx

DAY = 24 * 3600 * clock.MICROSECONDS
ROTATE_AFTER = 90 * DAY
AHEAD = DAY
"""How long clients may keep our keys without asking again."""
SHOWN_AFTER = 30 * DAY
"""How long an ID token is known again as a hint of who signed in."""
RSA_BITS = 2048
ES256, RS256 = "ES256", "RS256"
ALGORITHMS = (ES256, RS256)
"""RS256 because each provider has to have it (OIDC Discovery 3); the first is what clients get who don't choose."""

_k = oidc_key.c
_ALL = select(oidc_key).where(_k.shown_until > bindparam("at")).order_by(_k.signs_from, _k.kid)
_ADD = insert(oidc_key)
_END = (
    update(oidc_key)
    .where(_k.algorithm == bindparam("of"), _k.shown_until == FOREVER, _k.kid != bindparam("but"))
    .values(shown_until=bindparam("until"))
)
_END_ALL = update(oidc_key).values(shown_until=0)
"""For ever: a clock that is set back shows none of them again."""
_SWEEP = delete(oidc_key).where(_k.shown_until <= bindparam("before"))

SigningKey = ECKey | RSAKey


@dataclass(frozen=True, slots=True)
class Dated:
    """A key and the moment from which it signs."""

    kid: str
    algorithm: str
    key: SigningKey
    signs_from: int


@dataclass(frozen=True, slots=True)
class Ring:
    """All keys that are shown at the moment `at`, oldest first."""

    keys: tuple[Dated, ...]
    at: int

    def signer(self, algorithm: str) -> Dated:
        """The one that signs; the first, if the clock was set back before it. LookupError if there is none."""
        fit = [each for each in self.keys if each.algorithm == algorithm]
        if not fit:
            raise LookupError(algorithm)
        return ([each for each in fit if each.signs_from <= self.at] or fit[:1])[-1]

    def due(self) -> Sequence[str]:
        """The algorithms that lack a key, or whose key's successor should be shown."""
        newest = {each.algorithm: each.signs_from for each in self.keys}
        return [name for name in ALGORITHMS if newest.get(name, -FOREVER) + ROTATE_AFTER - AHEAD <= self.at]

    def public(self) -> dict[str, object]:
        """The JWK Set (RFC 7517 5)."""
        return {"keys": [each.key.as_dict(private=False) for each in self.keys]}

    def verifying(self) -> KeySet:
        """What a signature of ours is checked with."""
        return KeySet([each.key for each in self.keys])


def made(algorithm: str) -> SigningKey:
    """A new key, named by its thumbprint (RFC 7638). Slow for RSA: some 100 ms."""
    key = ECKey.generate_key("P-256") if algorithm == ES256 else RSAKey.generate_key(RSA_BITS)
    told = {**key.as_dict(private=True), "kid": key.thumbprint(), "use": "sig", "alg": algorithm}
    return type(key).import_key(told)


def ring(snapshot: Snapshot, seal: Seal) -> Ring:
    """The keys; StoreFailed if they were sealed under another server's key."""
    return Ring(
        tuple(_opened(row, seal) for row in snapshot.connection.execute(_ALL, {"at": snapshot.now})), snapshot.now
    )


def add(tx: Tx, seal: Seal, fresh: Sequence[SigningKey]) -> None:
    """Take new keys in where they are still due: another process may have been quicker."""
    known = ring(tx, seal)
    for key in fresh:
        algorithm = str(key.get("alg"))
        if algorithm in known.due():
            first = not any(each.algorithm == algorithm for each in known.keys)
            _succeed(tx, seal, key, tx.now if first else tx.now + AHEAD)
    tx.connection.execute(_SWEEP, {"before": tx.now - SHOWN_AFTER})


def replace(tx: Tx, seal: Seal, fresh: Sequence[SigningKey]) -> None:
    """Show and use no key but these, at once: for keys that somebody else may have."""
    tx.connection.execute(_END_ALL)
    for key in fresh:
        _succeed(tx, seal, key, tx.now)


def _succeed(tx: Tx, seal: Seal, key: SigningKey, signs_from: int) -> None:
    kid, algorithm = str(key.kid), str(key.get("alg"))
    sealed = seal.seal(json.dumps(key.as_dict(private=True)).encode())
    row = {"kid": kid, "algorithm": algorithm, "sealed": sealed, "signs_from": signs_from}
    tx.connection.execute(_ADD, row)
    tx.connection.execute(_END, {"of": algorithm, "but": kid, "until": signs_from + SHOWN_AFTER})


def _opened(row: Row[Any], seal: Seal) -> Dated:
    text = seal.unseal(bytes(row.sealed))
    if text is None:
        raise StoreFailed("the signing keys were sealed under another server.key")
    kind = ECKey if row.algorithm == ES256 else RSAKey
    return Dated(row.kid, row.algorithm, kind.import_key(json.loads(text)), row.signs_from)
