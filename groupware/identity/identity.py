"""Who somebody is, and what proves it: the facade that the portal calls, a use case a method.

Each acts on the caller's own account; a proof of who is there, fresh enough, is the portal's to ask for
(connectors.web.step_up).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from directory import app_passwords as app_password_rows
from directory import challenges, national_accounts, passkeys, recovery_codes, terms
from groupware import clock
from groupware.identity import (
    app_passwords,
    authenticator,
    ceremonies,
    changing_password,
    confirming,
    factors,
    first_factor,
    joining,
    recognising,
    signing_in,
    telling,
)
from groupware.identity.signing_in import Origin

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from directory.app_passwords import AppPassword
    from directory.national_accounts import Bound
    from directory.sessions import Start
    from groupware.caller import Caller
    from groupware.house_rules import HouseRules
    from groupware.identity.authenticator import SetUp
    from groupware.identity.factors import Factors
    from groupware.identity.joining import Choice, Invited
    from groupware.identity.proof import Attempt, Site
    from groupware.identity.signing_in import Entered
    from groupware.sign_in import SignIn
    from groupware.store import Snapshot, Store, Tx
    from policies.vocabulary import Door


@dataclass(frozen=True, slots=True)
class Identity:
    """For one store and its one sign-in; `key` is the server's, `issuer` the mail domain, which apps show."""

    store: Store
    sign_in: SignIn
    key: bytes
    rules: HouseRules
    issuer: str

    async def run(self) -> None:
        """What has to be done by the clock, until cancelled."""
        await app_passwords.watch_expiry(self.store)

    # ---- coming in

    async def enter(self, name: str, password: str, address: str, start: Start, device: str = "") -> Entered:
        """Sign in with a password; `device` is what the browser's cookie says, as `recognise` has it.

        Refused("sign-in") for whatever is wrong, perhaps late; Busy if too many try.
        """
        origin = Origin(address, device)
        return await signing_in.by_password(self.store, self.sign_in, name, password, origin, start)

    async def recognise(self, session: str, address: str, device: str) -> str:
        """Know the browser and network of this session again; what its cookie is to say, "" if that needs no change."""
        return await self.store.run(lambda tx: recognising.recognise(tx, self.key, session, address, device))

    async def finish(self, step: str, attempt: Attempt, start: Start) -> str:
        """The session of a sign-in that owed the second factor. NotFound when it begins anew; errors as `enter`.

        Refused(too-many-codes) when one-time codes aren't looked at for now.
        """
        return await signing_in.by_second_factor(self.store, self.sign_in, self.key, step, attempt, start)

    async def enter_by_passkey(self, attempt: Attempt, start: Start) -> str:
        """The session of whoever's passkey it is. Errors as `enter`."""
        return await signing_in.by_passkey(self.store, self.sign_in, self.key, attempt, start)

    async def owed(self, step: str) -> Factors:
        """What may be shown at a step of signing in. NotFound when it is too old."""
        return await self.store.read(lambda snapshot: signing_in.owed(snapshot, step))

    async def confirm(self, caller: Caller, session: str, attempt: Attempt) -> None:
        """Make the session of this token fresh for 15 minutes: by the second factor, or the password without one.

        Errors as `finish`.
        """
        await confirming.confirm(self.store, self.sign_in, self.key, caller, session, attempt)

    async def accept_terms(self, caller: Caller, version: str) -> bool:
        """Write down that the caller accepted these terms; False when they are no longer the ones in force."""
        if version != self.rules.terms.version:
            return False
        await self.store.run(lambda tx: terms.accept(tx.connection, caller.official, version, tx.now))
        return True

    # ---- one-time links

    async def invited(self, token: str) -> Invited:
        """Whose link it is. NotFound, the same for unknown, used and expired ones."""
        return await self.store.read(lambda snapshot: joining.invited(snapshot, self.rules, token))

    async def set_password_by_link(self, token: str, choice: Choice) -> Sequence[str]:
        """Use a link up for a password or a passkey; recovery codes to be shown once. Errors as `joining.join`."""
        return await joining.join(self.store, self.sign_in, self.key, self.rules, token, choice)

    # ---- what one has

    async def factors(self, caller: Caller) -> Factors:
        """What the caller has to show who they are."""
        return await self.store.read(lambda snapshot: factors.of(snapshot.connection, caller.official))

    async def change_password(self, caller: Caller, session: str, old: str, new: str, address: str) -> None:
        """Replace the password and end all sessions but this. Refused(unfit-password), with a text; as `enter`."""
        wanted = changing_password.Change(session, old, new, address)
        await changing_password.change(self.store, self.sign_in, self.issuer, caller, wanted)

    def offer_app(self, caller: Caller, sealed: str = "") -> SetUp:
        """A secret for an authenticator app, new or from an earlier form."""
        return authenticator.offer(self.key, caller.official, caller.login, self.issuer, sealed)

    async def keep_app(self, caller: Caller, sealed: str, code: str) -> Sequence[str]:
        """Set the app up; recovery codes, to be shown once, if there were none.

        Refused(code) for a wrong one, Refused(first-factor).
        """

        def use_case(tx: Tx) -> Sequence[str]:
            told = first_factor.guard(tx, caller, self.issuer)
            codes = authenticator.keep(tx, self.key, caller.official, sealed, code)
            if not told:
                telling.tell(tx, self.issuer, caller, telling.APP)
            return codes

        return await self.store.run(use_case)

    async def remove_app(self, caller: Caller) -> None:
        """Take the app away. NotFound; Conflict(last-way-in) and Conflict(short-password) when it can't go."""
        await self.store.run(lambda tx: authenticator.remove_app(tx, caller.official))

    async def add_passkey(self, caller: Caller, attempt: Attempt, label: str) -> Sequence[str]:
        """Keep a new passkey; recovery codes as `keep_app`. Refused(passkey, first-factor), Conflict(passkey-known)."""

        def use_case(tx: Tx) -> Sequence[str]:
            told = first_factor.guard(tx, caller, self.issuer)
            ceremonies.create(tx, self.key, caller.official, attempt, label)
            if not told:
                telling.tell(tx, self.issuer, caller, telling.PASSKEY, label)
            return authenticator.codes_if_none(tx, self.key, caller.official)

        return await self.store.run(use_case)

    async def remove_passkey(self, caller: Caller, number: int) -> None:
        """Take a passkey away; errors as `remove_app`."""
        await self.store.run(lambda tx: authenticator.remove_passkey(tx, caller.official, number))

    async def nationals(self, caller: Caller) -> Sequence[Bound]:
        """The accounts of states that open the caller's."""
        return await self.store.read(lambda snapshot: national_accounts.of(snapshot.connection, caller.official))

    async def end_national(self, caller: Caller) -> None:
        """Have none open it any more; the caller is told. Errors as `remove_app`."""

        def use_case(tx: Tx) -> None:
            authenticator.end_national(tx, caller.official)
            telling.tell(tx, self.issuer, caller, telling.NATIONAL)

        await self.store.run(use_case)

    async def renew_codes(self, caller: Caller) -> Sequence[str]:
        """Ten new recovery codes, shown once; the earlier ones are good for nothing."""

        def use_case(tx: Tx) -> Sequence[str]:
            telling.tell(tx, self.issuer, caller, telling.CODES)
            return recovery_codes.renew(tx.connection, caller.official, self.key)

        return await self.store.run(use_case)

    # ---- what browsers are asked for passkeys

    async def to_create(self, site: Site, purpose: str, asker: str, caller: Caller) -> str:
        """The options for a new passkey of the caller, as JSON, for one page of one browser."""

        def query(snapshot: Snapshot) -> str:
            known = passkeys.of(snapshot.connection, caller.official)
            challenge = challenges.made(self.key, purpose, asker, snapshot.now)
            return ceremonies.to_create(site, challenge, caller, known, passkeys.handle_of(caller.official, self.key))

        return await self.store.read(query)

    def to_get(self, site: Site, purpose: str, asker: str, has: Factors | None = None) -> str:
        """The options for using a passkey: any, or those that somebody `has`. It asks nothing of the store."""
        challenge = challenges.made(self.key, purpose, asker, clock.now())
        return ceremonies.to_get(site, challenge, has.passkeys if has else ())

    # ---- app passwords

    async def app_passwords(self, caller: Caller) -> tuple[list[AppPassword], int]:
        """Those that still work, oldest first, and what time it is."""

        def query(snapshot: Snapshot) -> tuple[list[AppPassword], int]:
            found = app_password_rows.of(snapshot.connection, caller.official)
            return [each for each in found if each.works(snapshot.now)], snapshot.now

        return await self.store.read(query)

    async def make_app_password(self, caller: Caller, label: str, doors: Collection[Door], days: int = 0) -> str:
        """A new one, as its owner sees it, once; for so many days, or (0) until it is revoked.

        Refused(label), Refused(doors), each with a text; Conflict(too-many-app-passwords).
        """

        def use_case(tx: Tx) -> str:
            text = app_passwords.make(tx, self.key, caller.official, label, doors, days)
            telling.tell(tx, self.issuer, caller, telling.FOR_A_PROGRAM, " ".join(label.split()))
            return text

        return await self.store.run(use_case)

    async def revoke_app_password(self, caller: Caller, number: int) -> None:
        """End one, and what it has open at any door. NotFound."""
        await self.store.run(lambda tx: app_passwords.revoke(tx, caller.official, number))
