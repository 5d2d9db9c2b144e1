"""What doors call to have a body's people kept: each call asks for leave first, in the transaction that acts.

`who` is the caller, or OPERATOR for a command on the machine. A body is meant by its code, "" for the caller's own;
an official or a unit by its id. All raise NotFound or Forbidden, which doors tell alike, for what isn't theirs.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from itertools import count
from typing import TYPE_CHECKING

from groupware.errors import Conflict, IconetError, Refused
from groupware.people import (
    adding,
    changing,
    closing,
    comparing,
    drafts,
    exporting,
    importing,
    inviting,
    looking,
    own,
    reminding,
    resetting,
    reviewing,
    sheet,
    unbinding,
    units,
)
from groupware.people.leave import Leave, Operator, code_of, over_body, over_official, over_releases, over_unit
from groupware.people.looking import State
from groupware.people.mailing import Mailing
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from directory.officials import Official
    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.people.comparing import Diff
    from groupware.people.entry import Entry
    from groupware.people.inviting import Link
    from groupware.people.looking import Card, Page
    from groupware.people.own import Own
    from groupware.people.resetting import Waiting
    from groupware.people.reviewing import Ending, Late, Review
    from groupware.people.sheet import Sheet
    from groupware.people.units import Branch, UnitEntry
    from groupware.store import Snapshot, Store, Tx

    Who = Caller | Operator

MINUTELY = 60.0
PER_HOUR = 60
logger = logging.getLogger(__name__)


class People:
    """The keeping of officials and units, on one store, for one mail domain."""

    def __init__(self, store: Store, monitor: Monitor, domain: str) -> None:
        self._store = store
        self._monitor = monitor
        self._domain = domain
        self.portal: Callable[[], str] = str
        """Says the portal's address, for links in mails; whoever knows it sets it."""

    def where(self) -> str:
        """The portal's address as of now, "" while nobody knows it: whoever does says so after this was made."""
        return self.portal()

    # ---- entries

    async def keeps(self, caller: Caller) -> str:
        """The code of the body whose entries the caller keeps; "" for who keeps none."""

        def query(snapshot: Snapshot) -> str:
            try:
                return code_of(snapshot, over_body(snapshot, self._monitor, caller))
            except IconetError:
                return ""

        return await self._store.read(query)

    async def entries(
        self, who: Who, body: str = "", words: str = "", state: State = State.ALL, after: str = ""
    ) -> Page:
        """A page of a body's entries, by login."""
        return await self._store.read(lambda s: looking.entries(s, self._over(s, who, body), words, state, after))

    async def entry(self, who: Who, official: int) -> Card:
        """One entry, with its history."""
        return await self._store.read(
            lambda s: looking.card(s, over_official(s, self._monitor, who, official), official)
        )

    async def entry_of(self, who: Who, login: str) -> Card:
        """The same, by login."""

        def query(snapshot: Snapshot) -> Card:
            number = looking.number_of(snapshot, login)
            return looking.card(snapshot, over_official(snapshot, self._monitor, who, number), number)

        return await self._store.read(query)

    async def add(self, who: Who, body: str, login: str, entry: Entry) -> int:
        """A new official; returns the id. Raises BadEntry."""
        return await self._store.run(lambda tx: adding.add(tx, self._over(tx, who, body), login, entry, self._domain))

    async def change(self, who: Who, official: int, entry: Entry, seen: int) -> int:
        """Write an entry anew; `seen` is the version that it was made from, and the answer the one it has now.

        Raises Conflict(changed-meanwhile), BadEntry, Refused(departed), Refused(last-contact-point).
        """

        def use_case(tx: Tx) -> int:
            leave = over_official(tx, self._monitor, who, official)
            return changing.change(tx, leave, official, entry, seen, self._domain)

        return await self._store.run(use_case)

    async def suspend(self, who: Who, official: int, seen: int) -> int:
        """Shut somebody out at once. Raises as `change` does."""
        return await self._suspended(who, official, seen, suspended=True)

    async def resume(self, who: Who, official: int, seen: int) -> int:
        """Let them in again. Raises as `change` does."""
        return await self._suspended(who, official, seen, suspended=False)

    async def end_national(self, who: Who, official: int) -> bool:
        """Have no account of a state open somebody's; False if none did. They are told."""
        return await self._store.run(
            lambda tx: unbinding.unbind(tx, over_official(tx, self._monitor, who, official), official, self._mailing)
        )

    async def own(self, caller: Caller) -> Official:
        """The caller's own entry."""
        return await self._store.read(lambda s: own.own_entry(s, self._monitor, caller))

    async def change_own(self, caller: Caller, new: Own, seen: int) -> int:
        """Write what people may say of themselves. Raises Conflict(changed-meanwhile) or BadEntry."""
        return await self._store.run(lambda tx: own.change_own(tx, self._monitor, caller, new, seen))

    # ---- units

    async def units(self, who: Who, body: str = "") -> Sequence[Branch]:
        """A body's units, each followed by those below it."""
        return await self._store.read(lambda s: units.tree(s, self._over(s, who, body)))

    async def add_unit(self, who: Who, body: str, code: str, entry: UnitEntry) -> int:
        """A new unit; returns the id. Raises BadEntry."""
        return await self._store.run(lambda tx: units.add(tx, self._over(tx, who, body), code, entry, self._domain))

    async def change_unit(self, who: Who, unit: int, entry: UnitEntry, seen: int) -> int:
        """Rename or move a unit. Raises Conflict(changed-meanwhile), BadEntry or Refused(own-unit)."""
        return await self._store.run(
            lambda tx: units.change(tx, over_unit(tx, self._monitor, who, unit), unit, entry, seen, self._domain)
        )

    async def close_unit(self, who: Who, unit: int, seen: int, into: str = "") -> None:
        """End a unit, merged into the one of this code if it has anything. Raises as closing.close."""
        await self._store.run(lambda tx: closing.close(tx, over_unit(tx, self._monitor, who, unit), unit, seen, into))

    # ---- import and export

    async def compare(self, who: Who, body: str, octets: bytes) -> Diff:
        """What a file would change, written nowhere. Raises Refused by the rule that the file as a whole breaks."""
        return (await self._compared(who, body, octets))[0]

    async def apply(self, who: Who, body: str, octets: bytes, digest: str) -> Diff:
        """Do what `compare` said under this digest, whole or not at all.

        Raises Conflict(changed-meanwhile) when it would say something else now, Refused(faulty-file).
        """
        diff, before, named = await self._compared(who, body, octets)
        if diff.digest != digest:
            raise Conflict("changed-meanwhile", importing.CHANGED)
        if diff.faults:
            raise Refused("faulty-file", "Mend the lines that are wrong first; nothing has been changed.")
        work = await asyncio.to_thread(importing.prepared, diff, before, self._domain)
        write = partial(importing.apply, work=work, before=before, named=named, domain=self._domain)
        await self._store.run(lambda tx: write(tx, self._over(tx, who, body)))
        return diff

    async def propose(self, caller: Caller, body: str, octets: bytes) -> Diff:
        """As `compare`, and the file is kept for an hour, so that `accept` can name it."""
        diff = await self.compare(caller, body, octets)
        await self._store.run(lambda tx: drafts.keep(tx, self._over(tx, caller, body), diff.digest, octets))
        return diff

    async def accept(self, caller: Caller, body: str, digest: str) -> Diff:
        """As `apply`, of the file that the caller proposed."""
        octets = await self._store.read(lambda s: drafts.find(s, self._over(s, caller, body), digest))
        diff = await self.apply(caller, body, octets, digest)
        await self._store.run(lambda tx: drafts.drop(tx, self._over(tx, caller, body)))
        return diff

    async def export(self, who: Who, body: str = "") -> bytes:
        """A body's entries as a file that an import takes again."""
        state = await self._store.read(lambda s: importing.state(s, self._over(s, who, body), (), self._domain))
        return await asyncio.to_thread(exporting.written, state)

    # ---- invitations

    async def invite(self, who: Who, official: int) -> Link:
        """A one-time link to hand over. Raises Refused(not-in-office), Refused(two-persons)."""
        return await self._store.run(
            lambda tx: inviting.invite(tx, over_official(tx, self._monitor, who, official), official, self._domain)
        )

    async def withdraw_invitation(self, who: Who, official: int) -> bool:
        """End somebody's open link; False if there was none."""
        return await self._store.run(
            lambda tx: inviting.withdraw(tx, over_official(tx, self._monitor, who, official), official)
        )

    async def ask_reset(self, caller: Caller, official: int, reason: str) -> int:
        """Ask for new credentials; until when another may release it. Errors as `resetting.ask`."""

        def use_case(tx: Tx) -> int:
            leave = over_official(tx, self._monitor, caller, official)
            return resetting.ask(tx, leave, official, reason, self._mailing)

        return await self._store.run(use_case)

    async def release_reset(self, caller: Caller, login: str) -> Link:
        """As the second person, have the link made, and hand it over. Errors as `resetting.release`."""

        def use_case(tx: Tx) -> Link:
            leave = over_releases(tx, self._monitor, caller)
            return resetting.release(tx, leave, looking.number_of(tx, login), self._mailing)

        return await self._store.run(use_case)

    async def resets(self, caller: Caller) -> Sequence[Waiting]:
        """What awaits a second person in the caller's body. Forbidden for who can't be one."""
        return await self._store.read(lambda s: resetting.waiting(s, over_releases(s, self._monitor, caller)))

    async def awaited_resets(self, caller: Caller) -> int | None:
        """How many wait for the caller's word; None for who can't be the second person."""

        def query(snapshot: Snapshot) -> int | None:
            try:
                return resetting.awaits(snapshot, over_releases(snapshot, self._monitor, caller))
            except IconetError:
                return None

        return await self._store.read(query)

    async def own_reset(self, caller: Caller) -> bool:
        """Whether new credentials are asked for, or released, for the caller."""
        return await self._store.read(lambda s: resetting.own(s, caller))

    async def withdraw_own_reset(self, caller: Caller) -> None:
        """End that. NotFound."""
        await self._store.run(lambda tx: resetting.withdraw_own(tx, caller, self._domain))

    # ---- the half-yearly review

    async def review(self, who: Who, body: str = "") -> Review:
        """Whom to confirm first, and how many are late."""
        return await self._store.read(lambda s: reviewing.review(s, self._over(s, who, body)))

    async def confirm(self, who: Who, body: str, officials: Sequence[int]) -> int:
        """Say of some that they still take part; all of them or none."""
        return await self._store.run(lambda tx: reviewing.confirm(tx, self._over(tx, who, body), officials))

    async def ending(self, who: Who, body: str = "") -> Sequence[Ending]:
        """Whose service or role ends within thirty days."""
        return await self._store.read(lambda s: reviewing.ending(s, self._over(s, who, body)))

    async def late_bodies(self, caller: Caller) -> Sequence[Late]:
        """How the bodies that the caller's governs stand with their reviews: numbers, no names."""
        return await self._store.read(
            lambda s: reviewing.late_bodies(self._monitor.view(s, caller, Action.GOVERN, Kind.BODY))
        )

    async def remind(self) -> int:
        """Tell the keepers of each body what is due; returns how many people were told."""
        told = 0
        for code in await self._store.read(reminding.untold):
            told += await self._store.run(
                partial(reminding.remind, monitor=self._monitor, code=code, mailing=self._mailing)
            )
        return told

    async def forget_drafts(self) -> None:
        """Delete the files that nobody has applied within the hour."""
        if await self._store.read(drafts.is_old):
            await self._store.run(drafts.sweep)

    async def run(self, every: float = MINUTELY) -> None:
        """Forget old drafts, and remind once an hour, until cancelled; what fails is tried again the next time."""
        for number in count(1):
            await asyncio.sleep(every)
            try:
                await self.forget_drafts()
                if number % PER_HOUR == 0:
                    await self.remind()
            except IconetError as error:
                logger.warning("nobody was reminded of reviews, or drafts stay: %s", error)

    # ---- inside

    @property
    def _mailing(self) -> Mailing:
        return Mailing(self._domain, self.portal())

    def _over(self, snapshot: Snapshot, who: Who, body: str) -> Leave:
        return over_body(snapshot, self._monitor, who, body)

    async def _suspended(self, who: Who, official: int, seen: int, *, suspended: bool) -> int:
        def use_case(tx: Tx) -> int:
            leave = over_official(tx, self._monitor, who, official)
            return changing.suspend(tx, leave, official, seen, suspended=suspended)

        return await self._store.run(use_case)

    async def _compared(self, who: Who, body: str, octets: bytes) -> tuple[Diff, comparing.State, Sequence[str]]:
        await self._store.read(lambda s: self._over(s, who, body))
        read: Sheet = await asyncio.to_thread(sheet.read, octets)
        named = importing.logins(read)
        state = await self._store.read(lambda s: importing.state(s, self._over(s, who, body), named, self._domain))
        return await asyncio.to_thread(comparing.compare, read, state, octets), state, named
