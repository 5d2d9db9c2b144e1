"""Signs what we say, and knows again what we signed. Keys are made in a thread, and kept by the store."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from groupware.provider import keys
from groupware.provider.keys import ALGORITHMS, Ring
from groupware.provider.sealing import Seal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.provider.claims import Claims
    from groupware.store import Snapshot, Store

LONGEST_HINT = 4000
PURPOSE = "signing keys"


@dataclass(slots=True)
class Signing:
    """For one store; `key` is the server's."""

    store: Store
    key: bytes
    _seal: Seal = field(init=False)

    def __post_init__(self) -> None:
        self._seal = Seal(self.key, PURPOSE)

    async def ring(self) -> Ring:
        """The keys of now, with those made that are due."""
        found, due = await self.store.read(self._look)
        if not due:
            return found
        fresh = await _made(due)
        await self.store.run(lambda tx: keys.add(tx, self._seal, fresh))
        return (await self.store.read(self._look))[0]

    async def replace(self) -> None:
        """New keys at once, and none of the old ones any more."""
        fresh = await _made(ALGORITHMS)
        await self.store.run(lambda tx: keys.replace(tx, self._seal, fresh))

    async def signed(self, claims: Claims, algorithm: str, kind: str = "JWT") -> str:
        """A JWT (RFC 7519) of the given `typ`."""
        dated = (await self.ring()).signer(algorithm)
        header = {"alg": algorithm, "kid": dated.kid, "typ": kind}
        return jwt.encode(header, claims, dated.key, algorithms=[algorithm])

    async def known(self, token: str, issuer: str) -> dict[str, Any] | None:
        """The claims of an ID token of ours, also of one that has ended: a hint of who signed in, never a proof."""
        if len(token) > LONGEST_HINT:
            return None
        registry = JWSRegistry(algorithms=list(ALGORITHMS))
        try:
            found = jwt.decode(token, (await self.ring()).verifying(), registry=registry)
        except (JoseError, ValueError):
            return None
        return found.claims if found.header.get("typ") == "JWT" and found.claims.get("iss") == issuer else None

    def _look(self, snapshot: Snapshot) -> tuple[Ring, Sequence[str]]:
        found = keys.ring(snapshot, self._seal)
        return found, found.due()


async def _made(algorithms: Sequence[str]) -> list[keys.SigningKey]:
    return [await asyncio.to_thread(keys.made, algorithm) for algorithm in algorithms]
