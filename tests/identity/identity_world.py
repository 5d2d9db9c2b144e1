"""A town whose anna has a password, on a clock that a test turns, with the portal's use cases at hand."""

from __future__ import annotations

from base64 import b32decode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from town import DOMAIN, Town, build

from directory import passwords, totp
from groupware import tables
from groupware.identity.proof import Attempt, Proof, Site
from groupware.service import Groupware
from groupware.store import Conditions
from groupware.web_sessions import Start
from policies.vocabulary import Door

if TYPE_CHECKING:
    from conftest import Place

    from groupware.caller import Caller
    from groupware.identity.identity import Identity

HERE, THERE = "192.0.2.7", "198.51.100.7"
SITE = Site("localhost", "https://localhost:8443")
PASSWORD = "correct horse battery"
MINUTE = 60_000_000


@dataclass
class IdentityWorld:
    """Time is what `now` says."""

    groupware: Groupware
    town: Town
    now: list[int]

    @property
    def identity(self) -> Identity:
        return self.groupware.identity

    @property
    def anna(self) -> Caller:
        return self.person("anna")

    def person(self, name: str) -> Caller:
        return self.town.caller(name, Door.PORTAL, strong=True)

    async def app(self, name: str = "anna") -> bytes:
        """Set up an authenticator app; its secret. Its first code is used up."""
        offered = self.identity.offer_app(self.person(name))
        secret = b32decode(offered.spelled.replace(" ", ""))
        await self.identity.keep_app(self.person(name), offered.sealed, self.code(secret))
        return secret

    def code(self, secret: bytes) -> str:
        """What the app shows now."""
        return totp.code(secret, self.now[0] // totp.STEP)

    async def step(self, name: str = "anna") -> str:
        """Halfway in."""
        entered = await self.identity.enter(name, PASSWORD, HERE, Start())
        assert not entered.session
        return entered.step

    async def finish(self, step: str, *, code: str = "", passkey: str = "", address: str = HERE) -> str:
        attempt = Attempt(Proof(code=code, passkey=passkey), "second-step", step, SITE, address)
        return await self.identity.finish(step, attempt, Start())

    async def means(self, session: str) -> str:
        """How a session began."""
        caller = await self.groupware.web_sessions.resume(session)
        assert caller
        found = await self.groupware.web_sessions.of(caller)
        return next(each.means for each in found if each.digest == self.groupware.web_sessions.digest(session))


async def told(world: IdentityWorld) -> list[str]:
    """The subjects of all notices, in their order."""
    heads = select(tables.rendering.c.head).join(tables.mail, tables.mail.c.rendering == tables.rendering.c.id)
    rows = await world.groupware.store.read(lambda s: s.connection.scalars(heads.order_by(tables.mail.c.id)).all())
    return [head.decode().partition("\r\nSubject: ")[2].partition("\r\n")[0] for head in rows]


async def opened(place: Place, kept: str) -> IdentityWorld:
    now = [1_800_000_000_000_000]
    groupware = Groupware(place.open(Conditions(now=lambda: now[0])), DOMAIN)
    town = await groupware.store.run(build)
    await groupware.store.run(lambda tx: passwords.keep(tx.connection, town.people["anna"], kept, tx.now))
    return IdentityWorld(groupware, town, now)
