"""A running ICONet on a store of its own, and beside it the oracle's network: each act is done to both."""

from __future__ import annotations

import copy
import shutil
import tempfile
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import model_oracle_beside as oracle
from model_network import BEGIN, DOMAIN, HOUR, Ids, as_granted, network, plant
from model_oracle import FOREVER, Grant, Mail, Network, Post, Rule
from sqlalchemy import select

from directory import bodies, officials, roles, units
from groupware import clock, tables
from groupware.areas.access import Asked
from groupware.areas.rooms import State as RoomState
from groupware.caller import Caller
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.marks.changing import Wanted
from groupware.message.markings import Marks
from groupware.moderation import Word
from groupware.service import Groupware
from groupware.store import Conditions, open_store
from groupware.store.sqlite import SqliteStore
from policies.decision import Policies
from policies.vocabulary import Door, Handling, Marking

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator, Sequence

    from model_oracle import Release
    from model_oracle_beside import Glass, Hold

    from groupware.folders.numbering import State
    from groupware.message.parser import Parser
    from groupware.personal_data.searcher import Searcher
    from groupware.store import Tx

HIDDEN = 9000
"""Where the numbers of hidden canaries begin."""
BORN = b"He was born on 1 May 1990.\r\n"
NO = (NotFound, Forbidden)
"""Forbidden and absent, told alike at the doors."""


@dataclass
class Past:
    """What has been done to a world so far, in the oracle's words; `tokens` name posts in URLs."""

    model: Network = field(default_factory=network)
    submissions: list[tuple[str, bytes, tuple[str, ...], Any]] = field(default_factory=list)
    tokens: dict[Post, str] = field(default_factory=dict)
    releases: dict[int, Release] = field(default_factory=dict)
    glasses: dict[int, Glass] = field(default_factory=dict)
    rows: dict[Post, int] = field(default_factory=dict)
    holds: dict[int, Hold] = field(default_factory=dict)
    taken: set[tuple[str, int]] = field(default_factory=set)
    """What is booked, and on which day."""
    count: int = 0


class AtOnce(ThreadPoolExecutor):
    """Does it before it returns: thousands of queries, one after the other, needn't go to another thread and back."""

    def submit(self, work: Any, /, *values: Any, **named: Any) -> Future[Any]:  # noqa: ANN401 -- as its base
        done: Future[Any] = Future()
        try:
            done.set_result(work(*values, **named))
        except BaseException as error:  # noqa: BLE001 -- the caller gets it
            done.set_exception(error)
        return done


class Template:
    """A planted store to copy, with its past; and what all worlds share: the parser's child and one event loop."""

    def __init__(self, runner: asyncio.Runner, parser: Parser, searcher: Searcher) -> None:
        self.runner = runner
        self.parser = parser
        self.searcher = searcher
        self.past = Past()
        self.directory = fresh_directory()
        self.policies = Policies.load()
        self.tokens_of_bodies: dict[str, str] = {}
        self.ids = runner.run(self._make())

    def live(self, then: Callable[[World], None]) -> None:
        """Have a few posts made already, and what else is done, so that sequences begin in the middle of things."""
        world, planted = World(self), self.directory
        for author, room, label in FIRST_POSTS:
            world.post(author, [room], label)
        world.post("bruno", ["return"], parent=world.model.posts[0])
        then(world)
        world.wait(1)  # the followers' leases, in the name of another directory, end meanwhile
        world.shut()
        self.past, self.directory = world.past, world.directory
        shutil.rmtree(planted)

    async def _make(self) -> Ids:
        store = open_store(self.directory, conditions=Conditions(now=lambda: BEGIN))
        ids = await store.run(lambda tx: plant(tx, network()))
        made = Groupware(store, DOMAIN)
        for code in ids.bodies:
            _, self.tokens_of_bodies[code] = await made.provisioning.issue(code, code, 300)
        await store.close()
        return ids

    def copy_of_store(self) -> Path:
        """A fresh directory with the planted store."""
        target = fresh_directory()
        shutil.copytree(self.directory, target, dirs_exist_ok=True)
        return target


def fresh_directory() -> Path:
    """In memory where the machine has that: what is tested here is no disk."""
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="iconet-model-", dir=memory if memory.is_dir() else None))


@contextmanager
def clock_of(world: World) -> Iterator[None]:
    """Dates in messages come from the model's clock too."""
    real, clock.now = clock.now, lambda: world.model.now
    try:
        yield
    finally:
        clock.now = real


class World:
    """One store with its Groupware, and the oracle's network."""

    def __init__(self, template: Template) -> None:
        self.template = template
        self.ids = template.ids
        self.past = copy.deepcopy(template.past)
        self.model, self.submissions, self.tokens = self.past.model, self.past.submissions, self.past.tokens
        self.releases, self.tokens_of_bodies = self.past.releases, template.tokens_of_bodies
        self.glasses, self.rows, self.holds = self.past.glasses, self.past.rows, self.past.holds
        self.taken = self.past.taken
        self.directory = template.copy_of_store()
        self.sessions: dict[tuple[str, str], tuple[State, dict[int, frozenset[str]]]] = {}
        self.numbered: dict[tuple[str, str, int, int], frozenset[str]] = {}
        self.hidden, self.hidden_count = False, 0
        self.rules: dict[int, Rule] = {}
        self.looks = 0
        """At people, so far."""
        self.strong = True
        """How the next one to look is signed in, where one of both ways is enough."""
        self.gone: set[str] = set()
        self.rights_moved = True
        """Since somebody last looked at people."""
        self._open()

    def _open(self) -> None:
        self.groupware = self.template.runner.run(self._opened())

    async def _opened(self) -> Groupware:
        store = open_store(self.directory, conditions=Conditions(now=lambda: self.model.now))
        if isinstance(store, SqliteStore):
            store._readers.shutdown()
            store._readers = AtOnce()
        with patch.object(Policies, "load", lambda: self.template.policies):  # it is immutable, and takes 0.2 s to read
            made = Groupware(store, DOMAIN)
        made.parser = made.indexer._parser = self.template.parser
        made.confirmation._searcher = self.template.searcher
        return made

    def close(self) -> None:
        """For good."""
        self.shut()
        shutil.rmtree(self.directory)

    def shut(self) -> None:
        """Its process ends."""
        self.groupware.sign_in.close()
        self.template.runner.run(self.groupware.store.close())

    def restart(self) -> None:
        """The process ends and begins again; open sessions are gone."""
        self.shut()
        self.sessions.clear()
        self._open()

    def caller(self, name: str, *, strong: bool = False) -> Caller:
        """Somebody signed in: at the portal if `strong`, else with an app password."""
        door = Door.PORTAL if strong else Door.IMAP
        return Caller(self.ids.officials[name], name, f"{name}@{DOMAIN}", name.title(), door, strong)

    def run(self, call: Any) -> Any:  # noqa: ANN401 -- whatever the coroutine gives
        """In the loop that all worlds share, with the model's clock."""
        with clock_of(self):
            return self.template.runner.run(call)

    async def settle(self) -> None:
        """Let the followers act until they have nothing left to do."""
        while any([await follower.step() for follower in self.groupware.followers()]):
            pass

    def change(self, use_case: Any) -> None:  # noqa: ANN401 -- a use case
        """A change of the directory, in a transaction of its own."""
        self.rights_moved = True
        self.run(self.groupware.store.run(use_case))

    # ---- posting

    def canary(self) -> str:
        """A word that was never used before; one of a row of its own while what happens is `hidden`."""
        if self.hidden:
            self.hidden_count += 1
            return f"cnry{HIDDEN + self.hidden_count:04d}q"
        self.past.count += 1
        return f"cnry{self.past.count:04d}q"

    def post(
        self,
        author: str,
        rooms: Sequence[str],
        label: str = "",
        parent: Post | None = None,
        reference: str = "",
        *,
        personal: bool = False,
    ) -> str:
        """Hand in a new post, with `personal` data or without; returns its canary, whether it was taken or not."""
        canary = self.canary()
        named = parent.message_id if parent else reference
        headers = f"References: {named}\r\n" if named else ""
        subject = f"{label} subject {canary}".strip()
        raw = _message(author, ",".join(f"{room}@{DOMAIN}" for room in rooms), subject, canary, headers)
        raw += BORN if personal else b""
        may = all(self.model.may_post(author, room) for room in rooms)
        try:
            receipt = self.run(self._submit(author, raw, rooms))
        except Refused as error:
            assert error.rule == "nobody-may-moderate", error  # noqa: PT017 -- it may be raised or not
            posts = [self._as_post(author, room, canary, label, parent, personal=personal) for room in rooms]
            assert any(self._stranded(post) for post in posts), "refused though somebody could moderate it"
            return canary
        except NO:
            assert not may, f"{author} may post to {rooms}"
            return canary
        assert may, f"{author} must not post to {rooms}"
        self.submissions.append((author, raw, tuple(rooms), receipt))
        for room in rooms:
            self._keep(self._as_post(author, room, canary, label, parent, personal=personal))
        self.run(self.settle())
        return canary

    def _as_post(self, author: str, room: str, canary: str, label: str, parent: Post | None, *, personal: bool) -> Post:
        """An answer takes the strictest of what it answers, in any room, and hangs on what is in its own."""
        model, defaults = self.model, self.model.rooms[room]
        named = [
            post
            for post in model.posts
            if parent is not None and post.message_id == parent.message_id and model.can_quote(author, post)
        ]
        here = [
            post
            for post in named
            if post.room == room
            and (post.state == "published" or post.author == author)
            and model.may_read(author, post, strong=True)
        ]
        marking = max([defaults.marking, MARKINGS[label], *(post.marking for post in named)])
        handling = max([defaults.handling, *(post.handling for post in named)])
        waits = personal and defaults.bars
        state = "unconfirmed" if waits else "published" if model.may_publish(author, room) else "held"
        thread = here[-1].first if here else None
        return Post(canary, f"<{canary[4:8]}@x>", room, author, model.body_of(author), marking, handling, state, thread)

    def _stranded(self, post: Post) -> bool:
        beyond = post.marking >= Marking.AMBER_STRICT or post.handling > self.model.rooms[post.room].handling
        if post.state != "held" or not beyond:
            return False
        return not any(self.model.may_moderate(name, post, strong=True) for name in self.model.officials)

    def _keep(self, post: Post) -> None:
        assert not self._stranded(post), f"{post} waits for ever"
        self.model.posts.append(post)
        if post.state == "published":
            self.model.publish(post)
        oracle.date(self.model, post)
        named = self.run(self.groupware.store.read(lambda snapshot: _newest(snapshot, self, post)))
        self.rows[post], self.tokens[post] = named

    async def _submit(self, author: str, raw: bytes, to: Sequence[str]) -> Any:  # noqa: ANN401 -- Receipt
        caller = self.caller(author)
        recipients = [await self.groupware.recipient(caller, f"{local}@{DOMAIN}") for local in to]
        return await self.groupware.submit(caller, raw, recipients)

    def repeat(self, which: int) -> None:
        """The same bytes again: the same receipt, no second post; refused to who may not post any more."""
        author, raw, rooms, receipt = self.submissions[which % len(self.submissions)]
        may = all(self.model.may_post(author, room) for room in rooms)
        try:
            again = self.run(self._submit(author, raw, rooms))
        except NO:
            assert not may
        except Conflict:
            named = [post for post in self.model.posts if post.canary.encode() in raw]
            assert not any(self.model.remains(post) for post in named), "another message was known by its name"
        else:
            assert may
            assert again == receipt
        self.run(self.settle())

    def decide(self, name: str, post: Post, word: Word, *, strong: bool = True) -> None:
        """Approve or refuse; in a closed room nothing is published any more."""
        shut = word is Word.APPROVE and self.model.rooms[post.room].closed
        may = self.model.may_moderate(name, post, strong=strong) and not shut
        call = self.groupware.decide(self.caller(name, strong=strong), self.tokens[post], word, "because")
        try:
            self.run(call)
        except (*NO, Conflict) as error:
            assert not may, f"{name} may moderate {post}: {error}"  # noqa: PT017 -- as above
            decided = isinstance(error, Conflict)
            assert not decided or self.model.has(name, "moderator", post.room), f"{name} was told that it is decided"
            return
        assert may, f"{name} must not moderate {post}"
        if word is Word.APPROVE:
            self.model.publish(post)
        else:
            post.state = "refused"
        oracle.date(self.model, post)
        self.run(self.settle())

    def confirm(self, name: str, post: Post, *, strong: bool = True) -> None:
        """Say that what seems to be personal data may be there."""
        may = self.model.may_confirm(name, post, strong=strong)
        try:
            call = self.groupware.confirmation.confirm(self.caller(name, strong=strong), self.tokens[post], "because")
            state = self.run(call)
        except NO as error:
            assert not may, f"{name} may confirm {post}: {error}"  # noqa: PT017 -- as above
            return
        except Conflict:
            assert post.author == name, f"{name} was told of {post}"
            assert post.state != "unconfirmed", f"{name} may confirm {post}"
            return
        except Refused as error:
            stranded = error.rule == "nobody-may-moderate" and self._stranded(replace(post, state="held"))
            assert may, f"{name} was told of {post}"
            assert stranded or not self.model.may_post(name, post.room)
            return
        assert may, f"{name} must not confirm {post}"
        assert self.model.may_post(name, post.room)
        post.state = "published" if self.model.may_publish(name, post.room) else "held"
        assert post.state == state
        if state == "published":
            self.model.publish(post)
        oracle.date(self.model, post)
        self.run(self.settle())

    def withdraw(self, name: str, post: Post, *, strong: bool = True) -> None:
        """Take a post back; what was refused stays so, and what was taken back, too."""
        may = self.model.may_withdraw(name, post, strong=strong)
        try:
            self.run(self.groupware.areas.withdraw(self.caller(name, strong=strong), self.tokens[post], "because"))
        except NO as error:
            assert not may, f"{name} may withdraw {post}: {error}"  # noqa: PT017 -- as above
            return
        except Conflict:
            assert may, f"{name} was told of {post}"
            assert post.state == "refused", f"{name} may withdraw {post}"
            return
        assert may, f"{name} must not withdraw {post}"
        assert post.state != "refused", f"{name} withdrew {post}"
        post.state = "withdrawn"
        oracle.date(self.model, post)
        self.run(self.settle())

    def mark(self, name: str, post: Post, marking: int, *, strong: bool = True) -> None:
        """Mark a post anew, if it is theirs to do."""
        may = self.model.may_mark(name, post, strong=strong)
        wanted = Wanted(self.tokens[post], Marks(Marking(marking), Handling(post.handling)), "because")
        try:
            self.run(self.groupware.marks.mark(self.caller(name, strong=strong), wanted))
        except NO as error:
            assert not may, f"{name} may mark {post}: {error}"  # noqa: PT017 -- as above
            return
        except Conflict:
            assert may, f"{name} was told of {post}"
            assert post.marking == marking, f"{name} may mark {post}"
            return
        assert may, f"{name} must not mark {post}"
        post.marking = marking
        self.model.hand_out(post)
        self.run(self.settle())

    def mail(self, author: str, recipient: str, label: str) -> None:
        """Write to somebody by name."""
        canary = self.canary()
        raw = _message(author, f"{recipient}@{DOMAIN}", f"{label} subject {canary}".strip(), canary, "")
        mail = Mail(canary, author, recipient, self.model.body_of(author), max(Marking.AMBER, MARKINGS[label]))
        may = self.model.may_mail(author, recipient) and self.model.may_get(mail)
        try:
            self.run(self._submit(author, raw, [recipient]))
        except (*NO, Refused) as error:
            assert not may, f"{author} may mail {recipient}: {error}"  # noqa: PT017 -- as above
            return
        assert may, f"{author} must not mail {recipient}"
        self.model.mails.append(mail)
        self.run(self.settle())

    # ---- rights

    def grant(self, grant: Grant) -> None:
        """A role for some time."""
        self.model.grants.append(grant)
        self.change(lambda tx: roles.grant(tx.connection, as_granted(self.ids, grant)))

    def revoke(self, name: str, role: str, scope: str) -> None:
        """End all grants of a role in a scope."""
        self.model.end_grants(name, role, scope)
        key = {"official": self.ids.officials[name], "role": role, "scope": self.ids.scope(scope), "access": 0}
        ended = select(_granted.id).where(*(_granted[column] == value for column, value in key.items()))

        def use_case(tx: Tx) -> None:
            for number in tx.connection.execute(ended).scalars().all():
                roles.revoke(tx.connection, number, tx.now)

        self.change(use_case)

    def alter(self, name: str, **to: Any) -> None:  # noqa: ANN401 -- columns' values
        """Change an official: suspended, clearance, unit, since or until."""
        for key, value in to.items():
            setattr(self.model.officials[name], key, value)
        one, number = self.model.officials[name], self.ids.officials[name]

        def use_case(tx: Tx) -> None:
            changed = replace(
                officials.get(tx.connection, number),
                suspended=one.suspended,
                clearance=one.clearance,
                listed=one.listed,
                unit=self.ids.units[one.unit],
                valid_from=one.since,
                valid_until=one.until,
            )
            officials.change(tx.connection, changed)

        self.change(use_case)

    def off_board(self, name: str) -> None:
        """Somebody leaves."""
        self.rights_moved = True
        self.gone.add(name)
        self.model.off_board(name)
        for release in self.model.releases:
            if release.asker == name and release.state in ("asked", "agreed"):
                release.state = "lapsed"
                for word in release.words:
                    word.state = "closed" if word.state == "open" else word.state
        self.run(self.groupware.off_board(self.caller(name)))

    def suspend_body(self, code: str, *, suspended: bool) -> None:
        """Shut all of a body out, or let them in again."""
        (self.model.suspended_bodies.add if suspended else self.model.suspended_bodies.discard)(code)
        self.change(lambda tx: bodies.suspend(tx.connection, self.ids.bodies[code], suspended=suspended))

    def set_competence(self, unit: str, competence: str, *, given: bool) -> None:
        """Give a unit a competence or take it."""
        mine = self.model.units[unit].competences
        (mine.add if given else mine.discard)(competence)
        act = units.give_competence if given else units.take_competence
        self.change(lambda tx: act(tx.connection, self.ids.units[unit], self.ids.competences[competence]))

    def alter_room(self, code: str, *, moderated: bool, closed: bool) -> None:
        """As the operator does."""
        room, areas = self.model.rooms[code], self.groupware.areas
        room.moderated, room.closed = moderated, closed
        settings = self.run(areas.room(None, code)).settings
        self.run(areas.change_room(None, code, replace(settings, moderated=moderated)))
        self.run(areas.set_state(None, code, RoomState.CLOSED if closed else RoomState.OPEN))
        self.run(self.settle())

    def bar(self, code: str, *, bars: bool) -> None:
        """As the operator does."""
        self.model.rooms[code].bars = bars
        settings = self.run(self.groupware.areas.room(None, code)).settings
        self.run(self.groupware.areas.change_room(None, code, replace(settings, bars_personal_data=bars)))
        self.run(self.settle())

    def give_access(self, rule: Rule) -> None:
        """Let in whom a rule names."""
        self.model.rules.append(rule)
        key = f"{self.model.units[rule.key].body}/{rule.key}" if rule.subject == "unit" else rule.key
        whom = f"{rule.subject}:{key}" if key else rule.subject
        asked = Asked(rule.role, whom, "because", rule.since, rule.until)
        number = self.run(self.groupware.areas.give_access(None, rule.room, asked))
        self.rules[number] = rule
        self.run(self.settle())

    def end_access(self, which: int) -> None:
        """End one of the rules."""
        number = sorted(self.rules)[which % len(self.rules)]
        rule = self.rules[number]
        rule.until = min(rule.until, self.model.now)
        self.run(self.groupware.areas.end_access(None, rule.room, number))
        self.run(self.settle())

    def wait(self, hours: int) -> None:
        """Time passes."""
        self.rights_moved = True
        self.model.now += hours * HOUR


def span_from(now: int, span: tuple[int, int]) -> tuple[int, int]:
    """The times that one of SPANS means."""
    since, until = span
    return now + since * HOUR, until if until == FOREVER else now + until * HOUR


FIRST_POSTS = (
    ("dora", "return", ""),
    ("anna", "return", "[TLP:AMBER+STRICT]"),
    ("bruno", "return", ""),
    ("emil", "liaison", "[TLP:AMBER+STRICT]"),
    ("anna", "liaison", ""),
)
"""The moderators' are published; the others' wait."""
MARKINGS = {"": 0, "[TLP:GREEN]": 1, "TLP:AMBER": 2, "[TLP:AMBER+STRICT]": 3, "TLP:RED": 4}
"""What labels in a Subject say; none says nothing."""
SPANS = ((0, FOREVER), (-2, 0), (-1, 1), (0, 1), (0, 2), (1, 2), (1, FOREVER))
"""When grants begin and end, in hours from now."""
_post, _granted = tables.post.c, roles.role_grant.c
_NAMED = (
    select(_post.id, _post.token)
    .join(tables.submission, tables.submission.c.id == _post.submission)
    .join(tables.room, tables.room.c.id == _post.room)
)


def _newest(snapshot: Any, world: World, post: Post) -> tuple[int, str]:  # noqa: ANN401 -- Snapshot
    key = (
        tables.submission.c.message_id == post.message_id,
        _post.author == world.ids.officials[post.author],
        tables.room.c.code == post.room,
    )
    number, token = snapshot.connection.execute(_NAMED.where(*key)).one()
    return number, token


def _message(author: str, to: str, subject: str, canary: str, headers: str) -> bytes:
    """Word for word as long as any other, with the canary in its body and its subject, not in its Message-ID."""
    head = (
        f"From: {author.title()} <{author}@{DOMAIN}>\r\nTo: {to}\r\nSubject: {subject}\r\n"
        f"Date: Sun, 22 Nov 2026 09:00:00 +0000\r\nMessage-ID: <{canary[4:8]}@x>\r\n{headers}"
    )
    return f"{head}\r\nbody {canary} ends\r\n".encode()
