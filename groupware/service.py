"""The one object that doors are given: ICONet's use cases, each a call.

It owns the store, the monitor, the one login and the followers. Doors know no table and no transaction.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from groupware import (
    admission,
    catalogue,
    checking,
    content,
    copies,
    demo_people,
    draft_mail,
    installation,
    ledger,
    listing,
    moderation,
    notices,
    off_boarding,
    outbound,
    posting,
    preview,
    reading,
    release_mail,
    why,
)
from groupware.acknowledging.desk import Acknowledging
from groupware.areas.areas import Areas
from groupware.audit.audit import Audit
from groupware.backup.desk import Backups
from groupware.bodies.facade import Bodies
from groupware.book.book import Book
from groupware.cards.desk import AddressBooks
from groupware.composing import Parent, Voices, written
from groupware.confirmation.desk import Confirmation
from groupware.directory_pages.pages import DirectoryPages
from groupware.drafting.desk import Drafting
from groupware.duties import inheriting, telling
from groupware.duties.sending_for import author_of
from groupware.duty_desk import Duties
from groupware.errors import NotFound, Refused, StoreFailed
from groupware.explaining import Explaining
from groupware.folders.desk import Desk
from groupware.followers import Follower
from groupware.glass.desk import GlassDesk
from groupware.house_rules import HouseRules
from groupware.identity.identity import Identity
from groupware.indexing import Indexer
from groupware.live import Live
from groupware.marked import Alarm
from groupware.marks.desk import MarkDesk
from groupware.matrix.exchange import Exchange
from groupware.matrix.saying import House
from groupware.meetings import calendar, resources
from groupware.message import attachments
from groupware.message.parser import Parser
from groupware.message.scan import Scanned, effort, scan
from groupware.message.unfit import Classified
from groupware.monitor import Monitor
from groupware.people.facade import People
from groupware.provider.provider import Provider
from groupware.provisioning.provisioning import Provisioning
from groupware.reading import RoomPage
from groupware.recipients import Desk as ReleaseDesk
from groupware.recipients import DraftReply, Receipts, Reply, resolve
from groupware.release_mail import Letter
from groupware.releases.desk import Releases
from groupware.retention.desk import Retention
from groupware.secrecy.desk import Secrecy
from groupware.secrecy.opening import require_keys, seals_for
from groupware.sign_in import SignIn
from groupware.store import Conditions, open_store
from groupware.web_sessions import WebSessions
from policies.decision import shipped
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence
    from pathlib import Path

    from groupware.caller import Caller
    from groupware.composing import Draft
    from groupware.demo_town import Town
    from groupware.meetings.calendar import Span, Timetable
    from groupware.meetings.resources import ResourceCard
    from groupware.message.markings import Marks
    from groupware.message.text import Attachment, Display
    from groupware.moderation import Held, Word
    from groupware.monitor import View
    from groupware.outbound import Claimed
    from groupware.posting import Receipt
    from groupware.preview import Preview
    from groupware.reading import Overview, PostCard, RoomCard
    from groupware.recipients import Recipient
    from groupware.store import Snapshot, Store
    from groupware.why import Answer
    from policies.vocabulary import Door

T = TypeVar("T")
VERY_LARGE = 1 << 20
AT_ONCE = 1
"""Messages of more than VERY_LARGE octets that are in memory at once, with up to three copies; others wait in files."""
LARGE = 64 * 1024
"""Octets of a message from which on the work on it is done in a thread: a hop there and back costs more than a scan."""


async def open_groupware(
    where: str | Path,
    *,
    directory: Path,
    domain: str,
    on_fatal: Callable[[StoreFailed], object] | None = None,
    part: str = "",
    rules: HouseRules | None = None,
) -> Groupware:
    """ICONet on the store of a directory (SQLite) or of a `postgresql://` URL; large contents lie in `directory`.

    `on_fatal` is called in the loop when the store has to stop for good; `part` tells the processes on one directory
    from each other. Raises StoreFailed, which names the path.
    """
    seals = seals_for(rules.secrecy if rules else None, directory)
    store = open_store(where, directory=directory, conditions=Conditions(on_fatal=on_fatal, seals=seals))
    try:
        await require_keys(store)
    except StoreFailed:
        await store.close()
        raise
    return Groupware(store, domain, part, rules)


class Groupware:
    """ICONet for one mail domain on one store. `run` until cancelled keeps the followers going."""

    def __init__(self, store: Store, domain: str, part: str = "", rules: HouseRules | None = None) -> None:
        policies = shipped()
        lacking = catalogue.missing(policies.paths)
        if lacking:
            raise StoreFailed(f"no table has what the policies read: {', '.join(lacking)}")
        self.store = store
        self.domain = domain
        self.monitor = Monitor(policies, (rules or HouseRules()).second_person)
        self.server_key = installation.server_key(store.directory)
        self.sign_in = SignIn(store, self.server_key)
        self.rules = rules or HouseRules()
        self.web_sessions = WebSessions(store, self.rules)
        self.identity = Identity(store, self.sign_in, self.server_key, self.rules, domain)
        self.provisioning = Provisioning(store, self.server_key, domain)
        self.live = Live(store)
        self.book = Book(store, self.monitor)
        self.duties = Duties(store, self.monitor, self.live)
        self.parser = Parser()
        self.indexer = Indexer(store, self.parser)
        self.address_books = AddressBooks(store, self.monitor, self.server_key)
        self.directory_pages = DirectoryPages(store, self.monitor, self.book)
        self.marks = MarkDesk(store, self.monitor, domain, self.parser)
        self.alarm = Alarm(store, self.monitor, domain)
        self.folders = Desk(store, self.monitor, self.indexer, self.alarm)
        self.areas = Areas(store, self.monitor, domain)
        self.people = People(store, self.monitor, domain)
        self.bodies = Bodies(store, self.monitor)
        self._places = asyncio.Semaphore(AT_ONCE)
        self._me = ":".join((socket.gethostname(), str(store.directory.absolute()), *filter(None, (part,))))
        self.releases = Releases(store, self.monitor, self.parser, domain, self._me)
        self.retention = Retention(store, self.monitor, self._me)
        self.explaining = Explaining(store, self.monitor)
        self.acknowledging = Acknowledging(store, self.monitor)
        self.glass = GlassDesk(store, self.monitor, self.parser, domain, self.rules.glass_hours)
        self.provider = Provider(store, self.monitor, self.server_key, self._me)
        self.secrecy = Secrecy(store, self.rules.secrecy.backup_days)
        self.backups = Backups(store, domain, self.secrecy)
        self.audit = Audit(store, self.monitor, domain, self.rules.checkpoints, self.backups.head)
        matrix = House(self.monitor, domain, self.server_key, store.directory, store.seals)
        self.confirmation = Confirmation(store, self.monitor, domain, self._me)
        self.drafting = Drafting(store, self.monitor, self.parser, self.confirmation, domain, self._me)
        self.matrix = Exchange(store, matrix, self.parser, self.confirmation, self._me, self.alarm)

    async def run(self) -> None:
        """Follow the log until cancelled."""
        await content.sweep(self.store)
        async with asyncio.TaskGroup() as tasks:
            people = (self.live, self.indexer, self.identity, self.areas, self.people, self.duties)
            record = (self.audit, self.secrecy, self.retention)
            posts = (self.confirmation, self.drafting, self.marks, self.releases, self.glass)
            for part in (*people, *record, *posts):
                tasks.create_task(part.run())
            for follower in self.followers():
                tasks.create_task(follower.run())

    def followers(self) -> Sequence[Follower]:
        """This process's copies of those who act on the log.

        Their name is the same after a restart, so that one that was killed needn't wait for its own lease to end.
        """
        return [
            Follower(self.store, copies.NAME, self._me, copies.KINDS, copies.Copies(self.monitor)),
            Follower(
                self.store,
                notices.NAME,
                self._me,
                notices.KINDS,
                notices.Notices(self.domain, self.monitor),
                gather=notices.GATHER,
            ),
            Follower(
                self.store,
                telling.NAME,
                self._me,
                telling.KINDS,
                telling.Telling(self.domain, self.monitor, self.people.where),
            ),
            *self.marks.followers(self._me),
            Follower(self.store, inheriting.NAME, self._me, inheriting.KINDS, inheriting.Inheritance(self.monitor)),
            self.confirmation.follower(),
            self.drafting.follower(),
            self.releases.follower(),
            self.glass.follower(self._me),
        ]

    async def close(self) -> None:
        """Let go of threads, children and, once what waits is written, of the store."""
        await self.sign_in.end()
        await self.parser.close()
        await self.confirmation.close()
        await self.store.close()

    # ---- posting

    async def recipient(self, caller: Caller, address: str) -> Recipient:
        """Whom an address names for this caller. Raises NotFound or Forbidden (told alike), or Refused."""
        return await self.store.read(lambda snapshot: resolve(snapshot, self.monitor, caller, address, self.domain))

    async def submit(self, caller: Caller, raw: bytes, to: Sequence[Recipient]) -> Receipt:
        """Take a message for all of its recipients or for none; it is on disk when this returns.

        Raises message.errors.Unacceptable for bytes that no message has, Refused, Conflict, NotFound or Forbidden by
        rule, and the store's temporary errors.
        """
        seeming = await self.confirmation.seeming(raw, to)
        try:
            prepared = await self.aside(effort(raw), partial(self._prepare, caller, raw, tuple(to), seeming))
        except Classified as refused:
            await self.alarm.refused(caller, refused)
            raise
        if any(isinstance(each, Receipts) for each in to):
            await self.acknowledging.take(prepared)
            return posting.Receipt(prepared.message_id, ())
        special = next((each for each in to if isinstance(each, ReleaseDesk | Reply | DraftReply)), None)
        if special is not None:
            return await self._about_release(prepared, special)
        if prepared.leaves:
            prepared = replace(prepared, prints=await self.releases.prints_of(raw))
        return await self.store.run(lambda tx: posting.submit(tx, self.monitor, prepared))

    async def compose(self, caller: Caller, code: str, draft: Draft, parent: str = "") -> Receipt:
        """Hand in what was written in the portal, as an answer to the post with the token `parent` if there is one.

        Raises as `submit` does; NotFound for a room or a parent that isn't the caller's.
        """

        def query(snapshot: Snapshot) -> tuple[RoomCard, Parent | None, Voices]:
            room = reading.room(self._enter(snapshot, caller), code)
            address = draft.author or caller.address
            voices = Voices(caller, author_of(snapshot, self.monitor, caller, address))
            if voices.author.address != address:
                raise Refused("from-is-not-sender", "you may not send in this official's name")
            if not parent:
                return room, None, voices
            card = reading.by_token(self._read(snapshot, caller), parent)
            return room, Parent(card, reading.rendered(snapshot, card.rendering, self.store.directory)[0]), voices

        room, answered, voices = await self.store.read(query)
        raw = written(voices, self.domain, room, draft, answered)
        return await self.submit(caller, raw, [await self.recipient(caller, f"{code}@{self.domain}")])

    async def preview(self, caller: Caller, code: str, asked: Marks, answered: str = "") -> Preview:
        """Who could read a post before it is sent: see groupware.preview."""
        return await self.store.read(
            lambda snapshot: preview.preview(snapshot, self.monitor, caller, code, asked, answered)
        )

    async def _about_release(self, what: posting.Submission, to: ReleaseDesk | Reply | DraftReply) -> posting.Receipt:
        """A mail that asks for a release, or decides about one or about a draft."""
        display = await self.parser.display(what.raw)
        found = await self.releases.printer.of_message(what.raw)
        mail = Letter(what.caller, what.scanned, what.message_id, what.bytes, what.recipients, display.text, found)
        if isinstance(to, DraftReply):
            await self.store.run(lambda tx: draft_mail.answer(tx, self.monitor, mail, to))
        elif isinstance(to, Reply):
            await self.store.run(lambda tx: release_mail.answer(tx, self.monitor, mail, to))
        else:
            card = await self.store.read(lambda snapshot: release_mail.meant(snapshot, self.monitor, mail))
            prints = await self.releases.prints_of_post(card)
            await self.store.run(lambda tx: release_mail.ask(tx, self.monitor, mail, card.id, prints))
        return posting.Receipt(what.message_id, ())

    def _prepare(
        self, caller: Caller, raw: bytes, to: tuple[Recipient, ...], seeming: tuple[str, ...] | None
    ) -> posting.Submission:
        scanned: Scanned = scan(raw)
        kept = content.prepare(self.store.directory, raw, self.store.seals)
        return posting.prepare(caller, self.domain, raw, scanned, kept, to, seeming)

    @staticmethod
    async def aside(size: int, work: Callable[[], T]) -> T:
        """Do what takes time in proportion to a message of this size: in a thread unless it is small."""
        return work() if size < LARGE else await asyncio.to_thread(work)

    def place(self, size: int) -> AbstractAsyncContextManager[object]:
        """To be held while a message of this size is in memory: there are few places for large ones, for all doors."""
        return self._places if size > VERY_LARGE else nullcontext()

    # ---- reading

    async def rooms(self, caller: Caller) -> Sequence[RoomCard]:
        """The rooms that the caller may enter."""
        return await self.store.read(lambda snapshot: reading.rooms(self._enter(snapshot, caller)))

    async def newest(
        self, caller: Caller, code: str, before: int = reading.LAST
    ) -> tuple[RoomCard, Sequence[PostCard]]:
        """A room and a page of its posts, newest first. Raises NotFound."""

        def query(snapshot: Snapshot) -> tuple[RoomCard, Sequence[PostCard]]:
            room = reading.room(self._enter(snapshot, caller), code)
            return room, reading.newest(self._list(snapshot, caller), room.id, before)

        return await self.store.read(query)

    async def overview(self, caller: Caller) -> Sequence[Overview]:
        """The rooms that the caller may enter, with what there is to see in each."""

        def query(snapshot: Snapshot) -> Sequence[Overview]:
            view = self._list(snapshot, caller)
            rooms = reading.in_order(reading.rooms(self._enter(snapshot, caller)))
            return [reading.overview(view, room) for room in rooms]

        return await self.store.read(query)

    async def room(self, caller: Caller, code: str, before: str = "") -> RoomPage:
        """A page of a room: the newest posts, or those older than the one with the token `before`. Raises NotFound."""

        def query(snapshot: Snapshot) -> RoomPage:
            room = reading.room(self._enter(snapshot, caller), code)
            view, readable = self._list(snapshot, caller), self._read(snapshot, caller)
            last = reading.by_token(view, before).id if before else reading.LAST
            posts = reading.newest(view, room.id, last, reading.PAGE + 1)
            waiting = () if before else reading.own_waiting(readable, room.id)
            may_post = self.monitor.decide(snapshot, caller, Action.POST, Kind.ROOM, room.id).allowed
            return RoomPage(room, posts[: reading.PAGE], len(posts) > reading.PAGE, waiting, may_post)

        return await self.store.read(query)

    async def conversation(self, caller: Caller, token: str) -> Sequence[PostCard]:
        """The thread around a post, oldest first. Raises NotFound, the same for forbidden and absent."""
        return await self.store.read(
            lambda snapshot: reading.conversation(self._list(snapshot, caller), self._read(snapshot, caller), token)
        )

    async def post(self, caller: Caller, token: str) -> PostCard:
        """One post that the caller may read, held ones included. Raises NotFound."""
        return await self.store.read(lambda snapshot: reading.by_token(self._read(snapshot, caller), token))

    async def display(self, caller: Caller, token: str) -> tuple[PostCard, Display]:
        """One post and what a page shows of it, worked out by the parser's child process. Raises NotFound."""

        def query(snapshot: Snapshot) -> tuple[PostCard, tuple[bytes, bytes]]:
            card = self._opened(snapshot, caller, token)
            return card, reading.rendered(snapshot, card.rendering, self.store.directory)

        card, (head, body) = await self.store.read(query)
        return card, await self.parser.display(head, body)

    async def rendered(self, caller: Caller, token: str) -> tuple[PostCard, bytes]:
        """One post as its readers get it, header block and body. Raises NotFound."""

        def query(snapshot: Snapshot) -> tuple[PostCard, bytes]:
            card = self._opened(snapshot, caller, token)
            return card, b"".join(reading.rendered(snapshot, card.rendering, self.store.directory))

        return await self.store.read(query)

    async def attachment(self, caller: Caller, token: str, path: str) -> tuple[Attachment, bytes]:
        """An attachment that `display` names, decoded, by its part number. Raises NotFound."""

        def query(snapshot: Snapshot) -> tuple[bytes, bytes]:
            card = self._opened(snapshot, caller, token)
            return reading.rendered(snapshot, card.rendering, self.store.directory)

        head, body = await self.store.read(query)
        shown = await self.parser.display(head, body)
        found = next((each for each in shown.attachments if each.path == path), None)
        if found is None:
            raise NotFound(path)
        return found, await self.aside(len(body), partial(attachments.decoded, head + body, path))

    async def raw(self, caller: Caller, message_id: str) -> bytes:
        """The bytes of a post as they were received, by Message-ID (with or without angle brackets). NotFound."""
        name = message_id if message_id.startswith("<") else f"<{message_id}>"

        def query(snapshot: Snapshot) -> bytes:
            view = self._read(snapshot, caller)
            card = reading.by_message_id(view, name)
            ledger.opened(snapshot, caller, Kind.POST, card.id, card.marking, card.state)
            return reading.raw(view, card, self.store.directory)

        return await self.store.read(query)

    # ---- meetings

    async def resources(self, caller: Caller) -> Sequence[ResourceCard]:
        """What the caller may book."""

        def query(snapshot: Snapshot) -> Sequence[ResourceCard]:
            entered = self.monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM)
            return resources.all_of(self._see_bookings(snapshot, caller), entered)

        return await self.store.read(query)

    async def timetable(self, caller: Caller, address: str, span: Span) -> Timetable:
        """When a resource is taken. Raises NotFound, the same for forbidden and absent."""

        def query(snapshot: Snapshot) -> Timetable:
            readable = self.monitor.view(snapshot, caller, Action.READ, Kind.BOOKING)
            entered = self.monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM)
            sight = calendar.Sight(self._see_bookings(snapshot, caller), readable, entered)
            return calendar.of_resource(sight, address, span)

        return await self.store.read(query)

    # ---- moderation

    async def held(self, caller: Caller) -> Sequence[Held]:
        """What the caller may moderate, oldest first."""
        return await self.store.read(
            lambda snapshot: moderation.queue(self.monitor.view(snapshot, caller, Action.MODERATE, Kind.POST))
        )

    async def moderates(self, caller: Caller) -> tuple[bool, int]:
        """Whether the caller is a moderator, and how many posts await their decision."""

        def query(snapshot: Snapshot) -> tuple[bool, int]:
            if not moderation.moderates(snapshot, caller):
                return False, 0
            return True, len(moderation.queue(self.monitor.view(snapshot, caller, Action.MODERATE, Kind.POST)))

        return await self.store.read(query)

    async def review(self, caller: Caller, token: str) -> PostCard:
        """A held post that the caller may decide about. Raises as `decide` does."""
        return await self.store.read(
            lambda snapshot: moderation.review(self._read(snapshot, caller), self.monitor, token)
        )

    async def decide(self, caller: Caller, token: str, word: Word, reason: str = "") -> None:
        """Approve or refuse a held post. Raises NotFound or Forbidden (told alike), Conflict(already-decided)."""
        await self.store.run(lambda tx: moderation.decide(tx, self.monitor, caller, token, word, reason))

    async def why(self, caller: Caller, action: Action, item: str) -> Answer:
        """May the caller do this to that, and which rules say so. Raises NotFound for an item that isn't there."""
        return await self.store.read(lambda snapshot: why.explain(snapshot, self.monitor, caller, action, item))

    async def why_own(self, caller: Caller, action: Action, item: str) -> Answer:
        """The same for what the caller may know to exist. Raises NotFound alike for forbidden and absent."""
        return await self.store.read(lambda snapshot: why.explain_own(snapshot, self.monitor, caller, action, item))

    async def somebody(self, name: str) -> Caller:
        """An official as the operator names them, with the rights of a sign-in that isn't strong. Raises NotFound."""
        return await self.store.read(lambda snapshot: why.somebody(snapshot, name))

    # ---- admission, for a door that keeps sessions of its own

    async def in_office(self, login: str, door: Door) -> Caller | None:
        """The official of this login, who signed in at `door` earlier; None once they may do nothing at all."""
        return await self.store.read(lambda snapshot: admission.in_office(snapshot, login, door))

    async def out_of_office(self) -> frozenset[str]:
        """The logins of all who may do nothing at all now."""
        return await self.store.read(admission.out_of_office)

    async def may_enter(self, caller: Caller, room: int) -> bool:
        """Whether the caller may enter the room with this id."""
        return await self.store.read(lambda snapshot: admission.may_enter(snapshot, self.monitor, caller, room))

    async def may_post_somewhere(self, caller: Caller) -> bool:
        """Whether there is a room to which the caller may post."""
        return await self.store.read(lambda snapshot: admission.may_post_somewhere(snapshot, self.monitor, caller))

    # ---- the operator

    def check(self) -> AsyncIterator[checking.Fault | checking.Count]:
        """Whether rows, bytes and indexes fit together."""
        return checking.check(self.store)

    def listing(self) -> AsyncIterator[listing.Listed]:
        """Every post's name, room, state and hash."""
        return listing.posts(self.store)

    async def off_board(self, caller: Caller) -> None:
        """End everything of an official who leaves."""
        await self.store.run(lambda tx: off_boarding.off_board(tx, caller.official))

    async def plant_demo(self, town: Town) -> Sequence[demo_people.Person]:
        """The demo's town and credentials, in a store that has none yet."""
        return await demo_people.plant(self.store, town, self.server_key, self.rules.terms.version)

    # ---- mail to partners

    async def claim_outbound(self, most: int = 20) -> Sequence[tuple[Claimed, bytes]]:
        """What is to be sent now, with its bytes, under a lease; what the disk has lost fails here."""
        claimed = await self.store.run(lambda tx: outbound.claim(tx, self.monitor, self.domain, self._me, most))

        if not claimed:
            return []
        found, unreadable = await self.store.read(
            lambda snapshot: outbound.messages(snapshot, claimed, self.store.directory)
        )
        for each, error in unreadable:
            await self.store.run(partial(outbound.unreadable, domain=self.domain, claimed=each, error=error))
        return found

    async def outbound_sent(self, claimed: Claimed, reply: str) -> None:
        """The partner's server took it."""
        await self.store.run(lambda tx: outbound.sent(tx, claimed, reply))

    async def outbound_failed(self, claimed: Claimed, reply: str, *, temporary: bool) -> None:
        """It didn't: it is tried again later, or given up, of which its author is told."""
        await self.store.run(lambda tx: outbound.failed(tx, self.domain, claimed, reply, temporary=temporary))

    async def next_outbound(self) -> int | None:
        """When something is to be sent next (microseconds), if ever."""
        return await self.store.read(outbound.next_due)

    # ---- views

    def _opened(self, snapshot: Snapshot, caller: Caller, token: str) -> PostCard:
        """A post whose contents the caller is about to have. Raises NotFound."""
        card = reading.by_token(self._read(snapshot, caller), token)
        ledger.opened(snapshot, caller, Kind.POST, card.id, card.marking, card.state)
        return card

    def _enter(self, snapshot: Snapshot, caller: Caller) -> View:
        return self.monitor.view(snapshot, caller, Action.ENTER, Kind.ROOM)

    def _see_bookings(self, snapshot: Snapshot, caller: Caller) -> View:
        return self.monitor.view(snapshot, caller, Action.SEE_BOOKINGS, Kind.RESOURCE)

    def _list(self, snapshot: Snapshot, caller: Caller) -> View:
        return self.monitor.view(snapshot, caller, Action.LIST, Kind.POST)

    def _read(self, snapshot: Snapshot, caller: Caller) -> View:
        return self.monitor.view(snapshot, caller, Action.READ, Kind.POST)
