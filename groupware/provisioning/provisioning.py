"""What the SCIM door and the operator are given of all this: each use case, run in the store."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from groupware.provisioning import (
    changing,
    closing,
    designating,
    finding,
    founding,
    issuing,
    leaving,
    opening,
    reforming,
    token_secret,
    unit_finding,
)

if TYPE_CHECKING:
    from groupware.provisioning.authority import Machine
    from groupware.provisioning.criteria import Search
    from groupware.provisioning.issuing import Token
    from groupware.provisioning.person import Person, Wanted
    from groupware.provisioning.unit import Unit, WantedUnit
    from groupware.store import Store


class Provisioning:
    """For one store and mail domain; `key` is the server's. Errors are those of the use cases."""

    def __init__(self, store: Store, key: bytes, domain: str) -> None:
        self._store = store
        self._key = key
        self._gate = opening.Gate(store, key, domain)

    async def open(self, token: str, address: str) -> Machine:
        """Who presents a token from a network address. Refused("sign-in"), perhaps late; Busy."""
        return await self._gate.open(token, address)

    async def person(self, machine: Machine, number: int) -> Person:
        """An official of the body."""
        return await self._store.read(partial(finding.one, machine=machine, number=number))

    async def people(self, machine: Machine, search: Search) -> tuple[int, list[Person]]:
        """How many officials meet a criterion, and a page of them."""
        return await self._store.read(partial(finding.page, machine=machine, search=search))

    async def designate(self, machine: Machine, wanted: Wanted) -> Person:
        """A new official of the body."""
        return await self._store.run(partial(designating.designate, machine=machine, wanted=wanted))

    async def change(self, machine: Machine, number: int, version: int, wanted: Wanted) -> Person:
        """An official's entry, written anew."""
        return await self._store.run(
            partial(changing.change, machine=machine, number=number, version=version, wanted=wanted)
        )

    async def remove(self, machine: Machine, number: int, version: int | None = None) -> None:
        """An official is gone."""
        await self._store.run(partial(leaving.remove, machine=machine, number=number, version=version))

    async def unit(self, machine: Machine, number: int) -> Unit:
        """A unit of the body."""
        return await self._store.read(partial(unit_finding.one, machine=machine, number=number))

    async def units(self, machine: Machine, search: Search) -> tuple[int, list[Unit]]:
        """How many units meet a criterion, and a page of them."""
        return await self._store.read(partial(unit_finding.page, machine=machine, search=search))

    async def unit_codes(self, machine: Machine) -> list[str]:
        """The codes of the body's units."""
        return await self._store.read(partial(unit_finding.codes, machine=machine))

    async def found(self, machine: Machine, wanted: WantedUnit) -> Unit:
        """A new unit of the body."""
        return await self._store.run(partial(founding.found, machine=machine, wanted=wanted))

    async def reform(self, machine: Machine, number: int, version: str, wanted: WantedUnit) -> Unit:
        """A unit's entry, written anew."""
        return await self._store.run(
            partial(reforming.reform, machine=machine, number=number, version=version, wanted=wanted)
        )

    async def close(self, machine: Machine, number: int, version: str) -> None:
        """A unit is no more."""
        await self._store.run(partial(closing.close, machine=machine, number=number, version=version))

    async def issue(self, code: str, label: str, days: int) -> tuple[int, str]:
        """A new token of a body: its id, and the secret, which nobody can be told again."""
        text = token_secret.made()
        return await self.keep(code, text, label, days), text

    async def keep(self, code: str, text: str, label: str, days: int) -> int:
        """A token that was made elsewhere, for a body."""
        digest = token_secret.digest(text, self._key)
        return await self._store.run(partial(issuing.issue, code=code, digest=digest, label=label, days=days))

    async def is_kept(self, text: str) -> bool:
        """Whether this token was ever issued, revoked or not."""
        digest = token_secret.digest(text, self._key)
        return await self._store.read(partial(issuing.is_kept, digest=digest))

    async def tokens(self, code: str = "") -> list[Token]:
        """All tokens, or a body's."""
        return await self._store.read(partial(issuing.listed, code=code))

    async def revoke(self, code: str, number: int) -> None:
        """End a token of a body."""
        await self._store.run(partial(issuing.revoke, code=code, number=number))
