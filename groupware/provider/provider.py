"""ICONet as an OpenID Connect provider: what its endpoints, commands and queue call."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from groupware import clock
from groupware.errors import Refused
from groupware.provider import authorizing, claims, clients, inspecting, logging_out, national, own, redeeming
from groupware.provider.signing import Signing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.provider.authorizing import Asked
    from groupware.provider.clients import Client
    from groupware.provider.logging_out import Logout
    from groupware.provider.own import SignedOn
    from groupware.provider.redeeming import Given
    from groupware.store import Store

AT_ONCE = 20


@dataclass(slots=True)
class Provider:
    """For one store; `key` is the server's, `me` names this process among those on the store."""

    store: Store
    monitor: Monitor
    key: bytes
    me: str
    signing: Signing = field(init=False)

    def __post_init__(self) -> None:
        self.signing = Signing(self.store, self.key)

    # ---- clients

    async def clients(self) -> Sequence[Client]:
        """All, by name."""
        return await self.store.read(clients.every)

    async def client(self, name: str) -> Client | None:
        """The client with this client_id."""
        return await self.store.read(lambda snapshot: clients.find(snapshot, name))

    async def proven(self, name: str, secret: str) -> Client:
        """The client that knows its secret. Refused("invalid-client")."""
        found = await self.store.read(lambda snapshot: clients.proven(snapshot, self.key, name, secret))
        if found is None:
            raise Refused("invalid-client")
        return found

    async def add_client(self, client: Client) -> str:
        """Add one and return its secret, "" for a public one. Refused or Conflict."""
        secret = "" if client.public else clients.secret()
        await self.store.run(lambda tx: clients.add(tx, self.key, client, secret))
        return secret

    async def have_client(self, client: Client, secret: str) -> None:
        """Add one of ICONet's own, or bring it up to date."""
        await self.store.run(lambda tx: clients.have(tx, self.key, client, secret))

    async def remove_client(self, name: str) -> None:
        """Remove one with all of its tokens. NotFound."""
        await self.store.run(lambda tx: clients.remove(tx, name))

    # ---- signing on

    async def authorize(self, asked: Asked, session: str, issuer: str, *, agreed: bool = False) -> str:
        """A code, for the official of this session. Refused by the rule that the client is told."""
        return await self.store.run(
            lambda tx: authorizing.authorize(tx, self.monitor, asked, session, issuer, agreed=agreed)
        )

    async def redeem(self, client: Client, code: str, redirect: str, verifier: str) -> dict[str, Any]:
        """The answer of the token endpoint to a code. Refused("invalid-grant")."""
        return await self._answer(
            await self.store.run(lambda tx: redeeming.redeem(tx, self.monitor, client, code, redirect, verifier))
        )

    async def refresh(self, client: Client, token: str, scope: str) -> dict[str, Any]:
        """The answer of the token endpoint to a refresh token. Refused("invalid-grant")."""
        return await self._answer(
            await self.store.run(lambda tx: redeeming.refresh(tx, self.monitor, client, token, scope))
        )

    async def _answer(self, given: Given | None) -> dict[str, Any]:
        """OIDC Core 3.1.3.3."""
        if given is None:
            raise Refused("invalid-grant")
        said = claims.id_token(self.key, given)
        signed = await self.signing.signed(said, given.living.client.algorithm)
        answer = {
            "access_token": given.access,
            "token_type": "Bearer",
            "expires_in": (given.until - given.now) // clock.MICROSECONDS,
            "scope": given.scope,
            "id_token": signed,
        }
        return answer | {"refresh_token": given.refresh} if given.refresh else answer

    # ---- tokens

    async def userinfo(self, token: str) -> dict[str, Any] | None:
        """Whom an access token is of; None unless it is good."""
        return await self.store.read(lambda snapshot: inspecting.userinfo(snapshot, self.monitor, self.key, token))

    async def introspect(self, client: Client, token: str) -> dict[str, Any]:
        """Whether a token is good, for a client that may know."""
        return await self.store.read(
            lambda snapshot: inspecting.introspect(snapshot, self.monitor, self.key, client, token)
        )

    async def revoke(self, client: Client, token: str) -> None:
        """Forget a token of the client's."""
        await self.store.run(lambda tx: inspecting.revoke(tx, client, token))

    async def jwks(self) -> dict[str, object]:
        """The public keys."""
        return (await self.signing.ring()).public()

    async def replace_keys(self) -> None:
        """New keys at once, for when somebody else may have the old ones."""
        await self.signing.replace()

    # ---- what officials see of it

    async def signed_on(self, caller: Caller) -> Sequence[SignedOn]:
        """Where the caller has signed on, newest first."""
        return await self.store.read(lambda snapshot: own.signed_on(snapshot, caller.official))

    async def sign_off(self, caller: Caller, name: str) -> None:
        """End all that the caller has at a client, and ask for consent again there. NotFound."""
        await self.store.run(lambda tx: own.sign_off(tx, caller.official, name))

    # ---- signing out

    async def claim_logouts(self) -> Sequence[tuple[Logout, str]]:
        """Clients that have to be told now that somebody is gone, each with its logout token, under a lease."""
        if await self.store.read(logging_out.left):
            await self.store.run(logging_out.end_left)
        if not await self.store.read(logging_out.is_due):
            return []
        claimed = await self.store.run(lambda tx: logging_out.claim(tx, self.me, AT_ONCE))
        return [(each, await self._logout_token(each)) for each in claimed]

    async def logout_sent(self, logout: Logout, reply: str) -> None:
        """The client knows."""
        await self.store.run(lambda tx: logging_out.sent(tx, logout, reply))

    async def logout_failed(self, logout: Logout, reply: str, *, temporary: bool) -> None:
        """It doesn't yet, or never will."""
        await self.store.run(lambda tx: logging_out.failed(tx, logout, reply, temporary=temporary))

    async def _logout_token(self, logout: Logout) -> str:
        said = claims.logout_token(self.key, logout.family, logout.client.name, logout.now)
        return await self.signing.signed(said, logout.client.algorithm, "logout+jwt")

    async def hint(self, token: str, issuer: str) -> dict[str, Any] | None:
        """The claims of an ID token of ours, however old; None for anything else."""
        return await self.signing.known(token, issuer)

    # ---- signing in from elsewhere

    async def vouched_for(self, body: str, issuer: str, subject: str, external: str) -> Caller:
        """The official of a body for whom its identity provider vouches. Refused("sign-in")."""
        return await self.store.run(lambda tx: national.whom(tx, body, issuer, subject, external))

    async def allow_national(self, caller: Caller) -> None:
        """Let the account of the caller's body's provider be bound to theirs within the hour. Forbidden by mail."""
        await self.store.run(lambda tx: national.allow(tx, caller))

    def subject(self, official: int) -> str:
        """`sub` of an official."""
        return claims.subject(self.key, official)
