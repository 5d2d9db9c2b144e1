"""What doors call about releases: each a use case of groupware/releases, in one transaction."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from groupware import content, reading
from groupware.followers import Follower
from groupware.message.errors import Unacceptable
from groupware.releases import asking, chat, deciding, lapsing, looking, packing, sending, telling, withdrawing
from groupware.releases.printing import Printer
from groupware.releases.rows import of_row
from groupware.reply_addresses import RELEASE_DESK
from groupware.steadily import steadily
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.message.parser import Parser
    from groupware.message.prints import Prints
    from groupware.message.text import Display
    from groupware.monitor import Monitor
    from groupware.reading import PostCard
    from groupware.releases.chat import Telling
    from groupware.releases.looking import Card, Entry
    from groupware.releases.sending import Ready
    from groupware.releases.words import Asked, State, Word
    from groupware.store import Snapshot, Store


@dataclass(frozen=True, slots=True)
class Shown:
    """A release, and the text that the caller is shown of it, if any."""

    card: Card
    display: Display | None


class Releases:
    """For one store and mail domain. `run` until cancelled takes fingerprints, makes packages and lets asks lapse."""

    def __init__(self, store: Store, monitor: Monitor, parser: Parser, domain: str, me: str) -> None:
        self._store = store
        self._monitor = monitor
        self._parser = parser
        self._domain = domain
        self._me = me
        self.printer = Printer(store, parser)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.printer.run())
            tasks.create_task(steadily(self._store, "packages", self.pack))
            tasks.create_task(steadily(self._store, "releases that lapse", self.tend))

    def follower(self) -> Follower:
        """This process's copy of who tells of what happens."""
        handler = telling.Telling(self._domain, self._monitor)
        return Follower(self._store, telling.NAME, self._me, telling.KINDS, handler)

    # ---- who asks

    async def post(self, caller: Caller, token: str) -> tuple[PostCard, str]:
        """A post that the caller reads, and the rules by which it may not be asked for; "" where it may. NotFound."""

        def query(snapshot: Snapshot) -> tuple[PostCard, str]:
            card = reading.by_token(self._monitor.view(snapshot, caller, Action.READ, Kind.POST), token)
            decision = self._monitor.decide(snapshot, caller, Action.ASK_RELEASE, Kind.POST, card.id)
            return card, "" if decision.allowed else " ".join(decision.rules)

        return await self._store.read(query)

    async def ask(self, caller: Caller, token: str, wanted: Asked) -> int:
        """Ask for a post by its token; see asking.ask. Raises Busy while its owners can't be told."""
        card, _ = await self.post(caller, token)
        found = await self.prints_of_post(card)
        return await self._store.run(lambda tx: asking.ask(tx, self._monitor, caller, card.id, found, wanted))

    async def ask_by_name(self, caller: Caller, message_id: str, wanted: Asked) -> int:
        """The same by Message-ID, with or without angle brackets."""
        name = message_id if message_id.startswith("<") else f"<{message_id}>"

        def query(snapshot: Snapshot) -> str:
            return reading.by_message_id(self._monitor.view(snapshot, caller, Action.READ, Kind.POST), name).token

        return await self.ask(caller, await self._store.read(query), wanted)

    async def prints_of_post(self, card: PostCard) -> Prints:
        """Those of what would leave, while the owners of all that stands in it can be told. Raises Busy."""
        head, body = await self._store.read(partial(self._rendered, card.rendering))
        return await self.prints_of(head + body)

    # ---- who decides

    async def waiting(self, caller: Caller) -> Sequence[int]:
        """The numbers of the releases that await the caller's word, oldest first."""
        return await self._store.read(lambda snapshot: looking.waiting(snapshot, self._monitor, caller))

    async def known_to(self, caller: Caller) -> Sequence[Card]:
        """All that the caller may know of, newest first."""
        return await self._store.read(lambda snapshot: looking.known_to(snapshot, self._monitor, caller))

    async def card(self, caller: Caller, number: int) -> Card:
        """One of them. Raises NotFound, the same for forbidden and absent."""
        return await self._store.read(lambda snapshot: looking.card(snapshot, self._monitor, caller, number))

    async def show(self, caller: Caller, number: int) -> Shown:
        """The same with the text that would leave, or of the caller's that is in it. Raises NotFound."""

        def query(snapshot: Snapshot) -> tuple[Card, tuple[bytes, bytes] | None]:
            card = looking.card(snapshot, self._monitor, caller, number)
            return card, looking.text_of(snapshot, caller, card.shows, self._store.directory) if card.shows else None

        card, octets = await self._store.read(query)
        return Shown(card, await self._parser.display(*octets) if octets else None)

    async def decide(self, caller: Caller, number: int, word: Word, note: str = "") -> State:
        """See deciding.decide."""
        return await self._store.run(lambda tx: deciding.decide(tx, self._monitor, caller, number, word, note))

    async def withdraw(self, caller: Caller, number: int, reason: str = "") -> State:
        """See withdrawing.withdraw."""
        return await self._store.run(lambda tx: withdrawing.withdraw(tx, self._monitor, caller, number, reason))

    # ---- in a chat

    async def untold(self) -> Sequence[Telling]:
        """What delegates are to be told in the rooms that they have with ICONet alone."""
        return await self._store.read(chat.untold)

    async def told(self, what: Telling) -> None:
        """It is in their room."""
        await self._store.run(lambda tx: chat.told(tx, what.key))

    async def has_room(self, official: int, matrix: str) -> None:
        """This is their room."""
        await self._store.run(lambda tx: chat.remember(tx, official, matrix))

    async def whose_room(self, matrix: str) -> str:
        """The login of whose room it is; "" for a room of another kind."""
        return await self._store.read(lambda snapshot: chat.whose(snapshot, matrix))

    async def say(self, caller: Caller, text: str) -> str:
        """What they say there has its effect; how they are answered."""
        return await self._store.run(lambda tx: chat.say(tx, self._monitor, caller, text))

    # ---- what has left

    async def package(self, caller: Caller, number: int) -> bytes:
        """The mail that left, or is to leave. Raises NotFound where there is none that the caller may see."""
        return await self._store.read(
            lambda snapshot: looking.package_of(snapshot, self._monitor, caller, number, self._store.directory)
        )

    async def ledger(self) -> Sequence[Entry]:
        """All releases in a line each, oldest first, for the operator: without any text of a post."""
        return await self._store.read(looking.entries)

    # ---- what goes on by itself

    async def prints_of(self, raw: bytes) -> Prints:
        """What a message for somebody outside is compared by. Raises Busy while that can't be done."""
        found = await self.printer.of_message(raw)
        await self.printer.complete()
        return found

    async def pack(self) -> int:
        """Make the packages of what is agreed; how many there were."""
        ready = await self._store.read(lambda snapshot: sending.agreed(snapshot, self._store.directory))
        for each in ready:
            await self._pack(each)
        return len(ready)

    async def _pack(self, each: Ready) -> None:
        display = await self._parser.display(each.head, each.body)
        now = max(consenting.decided for consenting in each.owners)
        try:
            made = await asyncio.to_thread(
                packing.pack, each.release, each.leaf(display), each.owners, self._domain, now
            )
            rendered = await asyncio.to_thread(sending.rendered, made)
        except (ValueError, Unacceptable):
            await self._store.run(lambda tx: sending.cannot(tx, each.release.id))
            return
        kept = await asyncio.to_thread(content.prepare, self._store.directory, made.message, self._store.seals)
        sender = f"{RELEASE_DESK}@{self._domain}"
        await self._store.run(lambda tx: sending.send(tx, self._monitor, each, made, kept, rendered, sender))

    async def tend(self) -> int:
        """Let lapse, and remind of, what is due; how many that were."""
        return await lapsing.DEADLINES.tend(
            self._store, lapsing.lapse, lambda tx, row: telling.remind(tx, self._monitor, self._domain, of_row(row))
        )

    def _rendered(self, rendering: int, snapshot: Snapshot) -> tuple[bytes, bytes]:
        return reading.rendered(snapshot, rendering, self._store.directory)
