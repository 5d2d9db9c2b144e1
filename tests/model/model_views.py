"""What an official gets through every view, as canaries in all of the bytes; and what the oracle says they should."""

from __future__ import annotations

import re
from dataclasses import astuple, is_dataclass
from typing import TYPE_CHECKING, Any

from model_booking_acts import booking_views, due_bookings
from model_glass_acts import due_glass, glass_views
from model_network import DOMAIN
from model_people_views import (
    audit_views,
    due_audit,
    due_people,
    due_releases,
    due_scim,
    people_views,
    release_views,
)
from model_retention_acts import KEPT_IN, due_retention, retention_views
from model_worlds import NO

from groupware.errors import NotFound, Refused
from groupware.folders import searching
from groupware.folders.fetching import RightsMovedError, Want

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from model_oracle import Post
    from model_worlds import World

    from groupware.caller import Caller
    from groupware.folders.desk import Desk
    from groupware.folders.numbering import State

EVERYTHING = Want.DATE | Want.SIZE | Want.ENVELOPE | Want.BODY | Want.BODYSTRUCTURE | Want.HEAD | Want.BYTES
NOTHING_THERE = "nothing there"
"""The answer for what is absent or forbidden."""
_CANARY = re.compile(rb"cnry\d{4}q")
Views = dict[str, Any]


def canaries(*received: object) -> frozenset[str]:
    """All that occur in whatever was received, in its bytes or its representation."""
    octets = b"\n".join(each if isinstance(each, bytes) else repr(each).encode() for each in received)
    return frozenset(found.decode() for found in _CANARY.findall(octets))


def words(items: Iterable[Any]) -> frozenset[str]:
    """The canaries of the oracle's items."""
    return frozenset(item.canary for item in items)


async def fetched(desk: Desk, caller: Caller, state: State, uids: Sequence[int]) -> list[tuple[Any, ...]]:
    """All of each message; the UID comes first."""
    rows: Sequence[Any] = await desk.fetch(caller, state, uids, EVERYTHING) if uids else []
    return [astuple(row) if is_dataclass(row) else tuple(row) for row in rows]


async def _or_nothing(call: Awaitable[Any]) -> Any:  # noqa: ANN401 -- what the call gives, or NOTHING_THERE
    try:
        return await call
    except NO:
        return NOTHING_THERE


# ---- folders, as the mail door asks for them


class FolderViews:
    """One official's folders."""

    def __init__(self, world: World, name: str) -> None:
        self.world = world
        self.name = name
        self.caller = world.caller(name)
        self.desk = world.groupware.folders

    async def collect(self) -> Views:
        """Each folder's names, contents, counts and search, in a new session and in the one that is still open."""
        found: Views = {"imap names": frozenset(each.name for each in await self.desk.names(self.caller))}
        own = ["INBOX", KEPT_IN] if self.world.model.kept.get(self.name) else ["INBOX"]
        for folder in (*own, *(f"Areas/{room}" for room in self.world.model.rooms)):
            found |= await self._folder(folder)
        return found

    async def _folder(self, folder: str) -> Views:
        try:
            return await self._looked_at(folder)
        except Refused:
            assert not self.world.model.active(self.name), f"{self.name} may open {folder}"
            return {}

    async def _looked_at(self, folder: str) -> Views:
        still_open = await self._still_open(folder)
        try:
            _, state, places = await self.desk.open(self.caller, folder)
        except NotFound:
            return {f"imap {folder}": NOTHING_THERE, **still_open}
        by_uid = await self._fetch(state, [uid for uid, _ in places])
        self._remember(folder, state, by_uid)
        if not still_open:
            self.world.sessions[self.name, folder] = (state, by_uid)
        counts = (await self.desk.status(self.caller, folder))[-1]
        assert len(places) == len(by_uid) == counts.messages == counts.unseen
        return {
            f"imap {folder}": frozenset().union(*by_uid.values()),
            f"imap {folder} search": await self._search(state, by_uid),
            **still_open,
        }

    async def _fetch(self, state: State, uids: Sequence[int]) -> dict[int, frozenset[str]]:
        rows = await fetched(self.desk, self.caller, state, uids)
        return {row[0]: canaries(*row) for row in rows}

    def _remember(self, folder: str, state: State, by_uid: dict[int, frozenset[str]]) -> None:
        """A UID names one message for ever (RFC 9051 2.3.1.1), and there is no gap beyond what was seen."""
        for uid, found in by_uid.items():
            known = self.world.numbered.setdefault((self.name, folder, state.uidvalidity, uid), found)
            assert known == found, f"{self.name} {folder}: UID {uid} was {known} and is {found}"
            assert uid < state.uidnext

    async def _still_open(self, folder: str) -> Views:
        """A session that has the folder open since some time: what it can fetch as it is, and once it looked again."""
        kept = self.world.sessions.get((self.name, folder))
        if kept is None:
            return {}
        state, known = kept
        try:
            at_once = frozenset().union(*(await self._fetch(state, list(known))).values())
        except RightsMovedError:
            at_once = None
        state, changes = await self.desk.catch_up(self.caller, state)
        if changes is not None:
            left = set(known) - set(changes.gone) | {uid for uid, _ in changes.placed}
            known = await self._fetch(state, sorted(left))
        self.world.sessions[self.name, folder] = (state, known)
        return {f"open {folder}": frozenset().union(*known.values()), f"open {folder} at once": at_once}

    async def _search(self, state: State, by_uid: dict[int, frozenset[str]]) -> frozenset[str]:
        """The canaries among those asked for that SEARCH TEXT finds: all of the latest ones, seen here or not."""
        found = set()
        everything = [post.canary for post in self.world.model.posts] + [mail.canary for mail in self.world.model.mails]
        for canary in everything[-SEARCHED:]:
            uids = await self.desk.search(self.caller, state, _leaf(canary), words=True)
            assert uids <= set(by_uid), f"{self.name}: search for {canary} found {uids} of {set(by_uid)}"
            assert all(canary in by_uid[uid] for uid in uids)
            found |= {canary} if uids else set()
        return frozenset(found)


SEARCHED = 2


def _leaf(canary: str) -> Any:  # noqa: ANN401 -- one of folders.searching's functions
    return lambda snapshot, state: searching.having_words(snapshot, state, searching.Where.TEXT, canary)


# ---- pages and the API


async def portal_views(world: World, name: str) -> Views:
    """Rooms, lists and the thread of each post, after the sign-in at the portal."""
    caller, groupware = world.caller(name, strong=True), world.groupware
    found: Views = {"portal rooms": frozenset(card.code for card in await groupware.rooms(caller))}
    for room in world.model.rooms:
        found[f"portal newest {room}"] = _words(await _or_nothing(_part(groupware, caller, room, "posts")))
        found[f"portal waiting {room}"] = _words(await _or_nothing(_part(groupware, caller, room, "waiting")))
    found["portal held"] = canaries(*await groupware.held(caller))
    for post, token in _latest(world):
        where = f"{post.canary} in {post.room}"
        found[f"portal thread of {where}"] = _words(await _or_nothing(groupware.conversation(caller, token)))
        found[f"portal page of {where}"] = _words(await _or_nothing(groupware.rendered(caller, token)))
    for post, token in _latest(world)[-1:]:
        shown = _words(await _or_nothing(groupware.display(caller, token)))
        found[f"portal text of {post.canary} in {post.room}"] = shown
    return found


async def _part(groupware: Any, caller: Any, room: str, part: str) -> Any:  # noqa: ANN401 -- a part of a RoomPage
    return getattr(await groupware.room(caller, room), part)


async def api_views(world: World, name: str) -> Views:
    """With an app password, which is no strong sign-in: the queue, bytes by Message-ID, and which rooms take mail."""
    caller, groupware = world.caller(name), world.groupware
    found: Views = {"api held": canaries(*await groupware.held(caller))}
    for post, _ in _latest(world):
        found[f"api raw {post.canary}"] = _words(await _or_nothing(groupware.raw(caller, post.message_id)))
    for room in world.model.rooms:
        answer = await _or_nothing(groupware.recipient(caller, f"{room}@{DOMAIN}"))
        found[f"submission to {room}"] = answer != NOTHING_THERE
    return found


def _words(answer: object) -> object:
    return answer if answer == NOTHING_THERE else canaries(answer)


LATEST = 4


def _latest(world: World) -> list[tuple[Post, str]]:
    return list(world.tokens.items())[-LATEST:]


async def seen(world: World, name: str) -> Views:
    """Everything that an official gets now; of people and of the log only when something happened to rights."""
    world.strong = not world.strong
    views = await FolderViews(world, name).collect()
    views |= await portal_views(world, name) | await api_views(world, name)
    views |= await retention_views(world, name)
    if world.releases:
        views |= await release_views(world, name)
    if world.glasses:
        views |= await glass_views(world, name)
    if world.rights_moved:
        world.rights_moved = False
        views |= await people_views(world, name) | await audit_views(world, name) | await booking_views(world, name)
    return views


# ---- the oracle's answers to the same questions


def due(world: World, name: str, got: Views) -> Views:
    """What the oracle says for each of the views that were looked at."""
    return {view: _due(world, name, view, got[view]) for view in got}


def _due(world: World, name: str, view: str, got: object) -> object:
    door, _, rest = view.partition(" ")
    return _DOORS[door](world, name, rest, got)


def _due_imap(world: World, name: str, view: str, _: object) -> object:
    if view == "names":
        rooms = {f"Areas/{room}" for room in world.model.rooms if world.model.sees_room(name, room)}
        return frozenset({"INBOX", "Drafts", "Sent", "Trash"} | rooms)
    folder, _, search = view.partition(" ")
    listed = _folder(world, name, folder)
    if listed is None:
        return NOTHING_THERE
    if not search:
        return listed
    everything = [post.canary for post in world.model.posts] + [mail.canary for mail in world.model.mails]
    return listed & set(everything[-SEARCHED:])


def _due_open(world: World, name: str, view: str, got: object) -> object:
    """A session that looked again has what a new one would; before that it may have less, but nothing besides."""
    folder, _, at_once = view.partition(" ")
    listed = _folder(world, name, folder) or frozenset()
    return got if at_once and (got is None or set(got) <= listed) else listed  # type: ignore[call-overload] # one type for lists and sets of each door


def _folder(world: World, name: str, folder: str) -> frozenset[str] | None:
    if folder == "INBOX":
        return words(world.model.inbox(name))
    if folder == KEPT_IN:
        return (
            words(post for post in world.model.kept[name] if world.model.remains(post))
            if world.model.active(name)
            else frozenset()
        )
    room = folder.removeprefix("Areas/")
    return words(world.model.listed(name, room)) if world.model.sees_room(name, room) else None


def _due_portal(world: World, name: str, view: str, _: object) -> object:
    model = world.model
    what, _, rest = view.partition(" ")
    if what == "rooms":
        return frozenset(room for room in model.rooms if model.sees_room(name, room))
    if what == "held":
        return words(post for post in model.posts if model.may_moderate(name, post, strong=True))
    if what in ("newest", "waiting"):
        return _due_list(world, name, what, rest)
    post = _named(world, rest)
    if what == "thread":
        thread = [other for other in model.listed(name, post.room, strong=True) if other.first is post.first]
        return words({*thread, post}) if model.may_read(name, post, strong=True) else NOTHING_THERE
    return words([post]) if model.may_read(name, post, strong=True) else NOTHING_THERE


def _due_list(world: World, name: str, what: str, room: str) -> object:
    model = world.model
    if not model.sees_room(name, room):
        return NOTHING_THERE
    if what == "newest":
        return words(model.listed(name, room, strong=True))
    mine = [post for post in model.posts if (post.author, post.room) == (name, room) and post.state != "published"]
    return words(post for post in mine if model.may_read(name, post, strong=True))


def _named(world: World, where: str) -> Post:
    canary, _, room = where.removeprefix("of ").partition(" in ")
    return next(post for post in world.model.posts if (post.canary, post.room) == (canary, room))


def _due_api(world: World, name: str, view: str, _: object) -> object:
    what, _, canary = view.partition(" ")
    if what == "held":
        return words(post for post in world.model.posts if world.model.may_moderate(name, post))
    readable = [post for post in world.model.posts if post.canary == canary and world.model.may_read(name, post)]
    return words(readable) if readable else NOTHING_THERE


def _due_submission(world: World, name: str, view: str, _: object) -> object:
    return world.model.may_post(name, view.removeprefix("to "))


_DOORS = {
    "imap": _due_imap,
    "open": _due_open,
    "portal": _due_portal,
    "api": _due_api,
    "submission": _due_submission,
    "people": due_people,
    "scim": due_scim,
    "releases": due_releases,
    "audit": due_audit,
    "glass": due_glass,
    "bookings": due_bookings,
    "retention": due_retention,
}


def difference(world: World, name: str, got: Views) -> list[str]:
    """The views in which ICONet and the oracle differ; empty if all is well."""
    wanted = due(world, name, got)
    return [
        f"{name}: {view}: ICONet {_text(got[view])}, oracle {_text(wanted[view])}"
        for view in got
        if got[view] != wanted[view]
    ]


def _text(answer: object) -> str:
    return f"{{{', '.join(sorted(map(str, answer)))}}}" if isinstance(answer, frozenset) else str(answer)
