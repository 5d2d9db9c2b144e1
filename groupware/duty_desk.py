"""What doors call about duties: each a use case of groupware/duties, in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from directory import departures, proposals
from directory.proposals import ProposalState
from groupware import off_boarding
from groupware.duties import (
    appointing,
    arranging,
    choosing,
    deciding,
    handing_over,
    inheriting,
    keeping,
    looking,
    naming,
    noting,
    posting_abroad,
    proposing,
    resuming,
    revoking,
    sending_for,
    tending,
)
from groupware.duties.closings import Closing, Closings, Gone
from groupware.duties.words import a_reason
from groupware.errors import Conflict, Forbidden
from groupware.steadily import steadily
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from directory.postings import Posting
    from groupware.caller import Caller
    from groupware.duties.arranging import Arrangement
    from groupware.duties.handing_over import Offer
    from groupware.duties.proposing import Wanted
    from groupware.live import Live
    from groupware.monitor import Monitor
    from groupware.off_boarding import OffBoarded
    from groupware.store import Store, Tx
    from policies.vocabulary import Access, Role

T = TypeVar("T")
TEND_EVERY = 15.0
"""Seconds between looks at what comes with time."""


class Duties:
    """For one store. Every act asks the monitor, and needs a strong sign-in."""

    def __init__(self, store: Store, monitor: Monitor, live: Live) -> None:
        self._store = store
        self._monitor = monitor
        self.closings = Closings(live)

    async def _act(self, caller: Caller, use_case: Callable[[Tx], T]) -> T:
        """Do it for somebody who is signed in strongly: to accept duties is to act as much as to give them is."""
        if not caller.strong:
            raise Forbidden("admin-needs-strong-login")
        return await self._store.run(use_case)

    # ---- roles

    async def propose(self, caller: Caller, wanted: Wanted) -> int:
        """See proposing.propose."""
        return await self._act(caller, lambda tx: proposing.propose(tx, self._monitor, caller, wanted))

    async def approve(self, caller: Caller, number: int) -> int:
        """See deciding.approve. Raises Conflict(proposal-withdrawn) where its proposer may no longer propose it."""
        made = await self._act(caller, lambda tx: deciding.approve(tx, self._monitor, caller, number))
        if not made:
            raise Conflict("proposal-withdrawn", f"{deciding.PROPOSER_GONE} It is withdrawn.")
        return made

    async def waits(self, number: int) -> bool:
        """Whether a proposal waits for a second word."""
        found = await self._store.read(lambda snapshot: proposals.get(snapshot.connection, number))
        return found.state is ProposalState.PROPOSED

    async def refuse(self, caller: Caller, number: int) -> None:
        """See deciding.refuse."""
        await self._act(caller, lambda tx: deciding.refuse(tx, self._monitor, caller, number))

    async def withdraw(self, caller: Caller, number: int) -> None:
        """See deciding.withdraw."""
        await self._act(caller, lambda tx: deciding.withdraw(tx, caller, number))

    async def revoke(self, caller: Caller, number: int, reason: str) -> None:
        """See revoking.revoke."""
        await self._act(caller, lambda tx: revoking.revoke(tx, self._monitor, caller, number, reason))

    async def held_by(self, caller: Caller, official: int) -> Sequence[looking.Held]:
        """See looking.held_by."""
        return await self._store.read(lambda snapshot: looking.held_by(snapshot, self._monitor, caller, official))

    async def mine(self, caller: Caller) -> looking.Mine:
        """See looking.mine."""
        return await self._store.read(lambda snapshot: looking.mine(snapshot, self._monitor, caller))

    async def held_by_operator(self, official: int) -> Sequence[looking.Held]:
        """See looking.held_by_operator."""
        return await self._store.read(lambda snapshot: looking.held_by_operator(snapshot, official))

    async def waiting_for_operator(self) -> Sequence[looking.Proposed]:
        """See looking.waiting_for_operator."""
        return await self._store.read(looking.waiting_for_operator)

    async def revoke_by_operator(self, number: int, reason: str) -> None:
        """See revoking.revoke_by_operator."""
        await self._store.run(lambda tx: revoking.revoke_by_operator(tx, number, reason))

    # ---- contact points

    async def arrange(self, caller: Caller, wanted: Arrangement) -> int:
        """See arranging.arrange."""
        return await self._act(caller, lambda tx: arranging.arrange(tx, self._monitor, caller, wanted))

    async def bodies_without_contact_point(self) -> Sequence[tuple[str, str]]:
        """Code and name of each."""
        return await self._store.read(looking.without_contact_point)

    async def appoint(self, caller: Caller, body: int, official: int, act: str) -> int:
        """See appointing.appoint."""
        return await self._act(caller, lambda tx: appointing.appoint(tx, self._monitor, caller, body, official, act))

    async def appoint_by_operator(self, official: int, act: str) -> int:
        """See appointing.appoint_by_operator."""
        return await self._store.run(lambda tx: appointing.appoint_by_operator(tx, official, act))

    async def answer_appointment(self, caller: Caller, number: int, *, accepted: bool) -> None:
        """See appointing.accept and decline. Raises Conflict(appointment-withdrawn)."""
        if not accepted:
            await self._act(caller, lambda tx: appointing.decline(tx, caller, number))
        elif not await self._act(caller, lambda tx: appointing.accept(tx, self._monitor, caller, number)):
            raise Conflict("appointment-withdrawn", "Who appointed you may not any more. It counts as declined.")

    # ---- postings

    async def post_abroad(self, caller: Caller, new: Posting) -> int:
        """See posting_abroad.add."""
        return await self._act(caller, lambda tx: posting_abroad.add(tx, self._monitor, caller, new))

    async def post_abroad_by_operator(self, new: Posting) -> int:
        """The same at the operator's word."""
        return await self._store.run(lambda tx: posting_abroad.add(tx, self._monitor, None, new))

    async def end_posting_by_operator(self, number: int) -> None:
        """See posting_abroad.end; the operator ends it as it is."""
        await self._store.run(lambda tx: posting_abroad.end_by_operator(tx, self._monitor, number))

    async def postings_for_operator(self) -> Sequence[posting_abroad.Line]:
        """See posting_abroad.lines."""
        return await self._store.read(posting_abroad.lines)

    async def change_posting(self, caller: Caller, changed: Posting) -> None:
        """See posting_abroad.change."""
        await self._act(caller, lambda tx: posting_abroad.change(tx, self._monitor, caller, changed))

    async def end_posting(self, caller: Caller, number: int, seen: int) -> None:
        """See posting_abroad.end."""
        await self._act(caller, lambda tx: posting_abroad.end(tx, self._monitor, caller, number, seen))

    async def declare_interest(self, caller: Caller, number: int, note: str) -> None:
        """See posting_abroad.declare_interest."""
        await self._act(caller, lambda tx: posting_abroad.declare_interest(tx, self._monitor, caller, number, note))

    async def withdraw_interest(self, caller: Caller, number: int) -> None:
        """See posting_abroad.withdraw_interest."""
        await self._act(caller, lambda tx: posting_abroad.withdraw_interest(tx, self._monitor, caller, number))

    # ---- hand-over

    async def offer(self, caller: Caller, offer: Offer) -> int:
        """See handing_over.propose."""
        return await self._act(caller, lambda tx: handing_over.propose(tx, self._monitor, caller, offer))

    async def take_over(self, caller: Caller, number: int) -> bool:
        """See handing_over.accept."""
        return await self._agreed(
            number, await self._act(caller, lambda tx: handing_over.accept(tx, self._monitor, caller, number))
        )

    async def confirm_offer(self, caller: Caller, number: int) -> bool:
        """See handing_over.confirm."""
        return await self._agreed(
            number, await self._act(caller, lambda tx: handing_over.confirm(tx, self._monitor, caller, number))
        )

    async def _agreed(self, number: int, done: bool) -> bool:  # noqa: FBT001 -- what was answered
        """`done`, or Conflict(hand-over-withdrawn) where it ended instead."""
        if not done and await self._store.read(lambda snapshot: handing_over.is_withdrawn(snapshot, number)):
            raise Conflict("hand-over-withdrawn", "Who offered it may not any more. It is withdrawn.")
        return done

    async def decline_offer(self, caller: Caller, number: int) -> None:
        """See handing_over.decline."""
        await self._act(caller, lambda tx: handing_over.decline(tx, caller, number))

    async def withdraw_offer(self, caller: Caller, number: int) -> None:
        """See handing_over.withdraw."""
        await self._act(caller, lambda tx: handing_over.withdraw(tx, self._monitor, caller, number))

    # ---- in another's name

    async def heads(self, caller: Caller) -> Sequence[Caller]:
        """See sending_for.heads."""
        return await self._store.read(lambda snapshot: sending_for.heads(snapshot, self._monitor, caller))

    async def may_send_as(self, caller: Caller, address: str) -> bool:
        """Whether mail from this address may be handed in by the caller."""
        author = await self._store.read(
            lambda snapshot: sending_for.author_of(snapshot, self._monitor, caller, address)
        )
        return author.address.lower() == address.lower()

    # ---- who leaves

    async def off_board(self, caller: Caller, official: int, reason: str) -> tuple[OffBoarded, Sequence[Closing]]:
        """End everything of an official, then wait until every door says so. Raises Forbidden or NotFound."""

        def use_case(tx: Tx) -> OffBoarded:
            self._monitor.require(tx, caller, Action.ADMINISTER, Kind.OFFICIAL, official)
            return self._off_board(tx, official, caller.official, a_reason(reason))

        return await self._and_report(official, await self._act(caller, use_case))

    async def off_board_by_operator(self, official: int) -> tuple[OffBoarded, Sequence[Closing]]:
        """The same at the operator's word. Raises NotFound."""
        done = await self._store.run(lambda tx: self._off_board(tx, official))
        return await self._and_report(official, done)

    def _off_board(self, tx: Tx, official: int, by: int = 0, why: str = "") -> OffBoarded:
        done = off_boarding.off_board(tx, official, by, why)
        if done.at == tx.now:
            noting.note(tx, official, by, noting.LEFT)
        inheriting.inherit(tx, self._monitor, official, by)
        return replace(done, followed=inheriting.followed(tx, official, done.at))

    async def _and_report(self, official: int, done: OffBoarded) -> tuple[OffBoarded, Sequence[Closing]]:
        report = await self.closings.report(Gone(official, done.login, done.at))
        doors = [(each.door, each.sessions, each.at) for each in report]
        known = await self._store.read(lambda snapshot: departures.last(snapshot.connection, official))
        if known is not None and not known.doors:
            await self._store.run(lambda tx: departures.closed(tx.connection, official, done.at, doors))
        return done, report

    async def departure(self, caller: Caller, official: int) -> looking.Left:
        """See looking.departure."""
        return await self._store.read(lambda snapshot: looking.departure(snapshot, self._monitor, caller, official))

    async def resume(self, caller: Caller, official: int) -> None:
        """See resuming.resume."""
        await self._act(caller, lambda tx: resuming.resume(tx, self._monitor, caller, official))

    async def resume_by_operator(self, official: int) -> None:
        """See resuming.put_back."""
        await self._store.run(lambda tx: resuming.put_back(tx, official))

    async def official(self, caller: Caller, login: str) -> looking.Person:
        """See looking.person."""
        return await self._store.read(lambda snapshot: looking.person(snapshot, self._monitor, caller, login))

    async def choices(self, caller: Caller) -> choosing.Choices:
        """See choosing.choices."""
        return await self._store.read(lambda snapshot: choosing.choices(snapshot, self._monitor, caller))

    async def scope(self, caller: Caller, official: int, role: Role | Access, named: str) -> int:
        """The id of what a role of somebody is to be held for; see naming.scope_named."""
        return await self._store.read(
            lambda snapshot: naming.scope_named(snapshot, self._monitor, caller, official, role, named)
        )

    async def area(self, caller: Caller | None, code: str) -> int:
        """See naming.area_coded."""
        return await self._store.read(lambda snapshot: naming.area_coded(snapshot, self._monitor, caller, code))

    async def body(self, code: str) -> int:
        """See naming.body_coded."""
        return await self._store.read(lambda snapshot: naming.body_coded(snapshot, code))

    async def keeps(self, caller: Caller) -> int:
        """See keeping.kept."""
        return await self._store.read(lambda snapshot: keeping.kept(snapshot, self._monitor, caller))

    # ---- time

    async def run(self) -> None:
        """Do what comes with time, until cancelled."""
        await steadily(self._store, "what comes with time in duties", self._tend)

    async def tend(self) -> int:
        """One look; how much was done."""
        ready, lapsed = await self._store.read(tending.due)
        return await self._store.run(tending.tend) if ready or lapsed else 0

    async def _tend(self) -> None:
        await self.tend()
        await asyncio.sleep(TEND_EVERY)
