"""Who sees what, as plain set algebra: written from the promises in prose, by somebody who never saw the policies.

It knows no code of ICONet. Names stand for ids; times are whole numbers; markings go from 0 (CLEAR) to 4 (RED).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from model_oracle_beside import Booking, Glass, Hold

GREEN, STRICT, RED = 1, 3, 4
FOREVER = 2**62
DUTIES = frozenset({"directory-admin", "security-officer"})
UNPUBLISHED = frozenset({"draft", "unconfirmed", "held", "refused"})


@dataclass
class Unit:
    """Of a body, concerned with some competences; `above` is the unit that it is part of, "" for none."""

    body: str
    competences: set[str]
    above: str = ""


@dataclass
class Official:
    """Of a unit, in office from `since` until before `until` unless suspended."""

    unit: str
    clearance: int = 3
    listed: bool = True
    suspended: bool = False
    since: int = 0
    until: int = FOREVER


@dataclass
class Room:
    """With the defaults of its posts."""

    competence: str
    marking: int = 2
    handling: int = 0
    moderated: bool = True
    closed: bool = False
    bars: bool = False
    """What seems to hold personal data waits for its author's word."""


@dataclass
class Grant:
    """A role (or reader, poster) in a room or body, from `since` until before `until`."""

    official: str
    role: str
    scope: str
    since: int = 0
    until: int = FOREVER


@dataclass
class Rule:
    """The right (reader or poster) in a room of everybody, or of those of a body or unit, or of one official."""

    role: str
    room: str
    subject: str
    key: str
    since: int
    until: int


@dataclass(eq=False)
class Post:
    """What a submission became in one room. `canary` is a word that occurs in it and nowhere else."""

    canary: str
    message_id: str
    room: str
    author: str
    body: str
    marking: int
    handling: int
    state: str
    thread: Post | None = None
    due: int = FOREVER
    """When it is to be erased."""
    erased: bool = False
    loosener: str = ""
    """Who asked for a looser marking, which somebody else has to confirm."""

    @property
    def first(self) -> Post:
        """The post that began its thread."""
        return self.thread or self


@dataclass(eq=False)
class Mail:
    """From one official to another."""

    canary: str
    author: str
    recipient: str
    body: str
    marking: int


@dataclass(eq=False)
class Word:
    """What one owner has to say about a release: open, given, refused or withdrawn."""

    body: str
    post: Post
    state: str = "open"


@dataclass(eq=False)
class Release:
    """That a post be passed on to somebody outside, as it was marked when that was asked for.

    It is asked, agreed, refused, withdrawn or stopped; `left` once its package is on its way.
    """

    post: Post
    asker: str
    recipient: str
    marking: int
    handling: int
    words: list[Word]
    state: str = "asked"
    left: bool = False


@dataclass
class Network:
    """Everything that decides who sees what, at one moment."""

    units: dict[str, Unit]
    officials: dict[str, Official]
    rooms: dict[str, Room]
    now: int
    grants: list[Grant] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    suspended_bodies: set[str] = field(default_factory=set)
    posts: list[Post] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    copies: dict[str, list[Post]] = field(default_factory=dict)
    releases: list[Release] = field(default_factory=list)
    glasses: list[Glass] = field(default_factory=list)
    opened: dict[str, list[Post]] = field(default_factory=dict)
    """By whom, by a broken glass."""
    holds: list[Hold] = field(default_factory=list)
    kept: dict[str, list[Post]] = field(default_factory=dict)
    """By whom, in a folder of their own."""
    resources: dict[str, list[str]] = field(default_factory=dict)
    """What can be booked, by the rooms whose members may."""
    bookings: list[Booking] = field(default_factory=list)
    authority: str = "cc"
    """The body that governs all others."""

    # ---- facts

    def body_of(self, name: str) -> str:
        """Of an official."""
        return self.units[self.officials[name].unit].body

    def active(self, name: str) -> bool:
        """In office, and neither they nor their body suspended."""
        one = self.officials[name]
        shut_out = one.suspended or self.body_of(name) in self.suspended_bodies
        return not shut_out and one.since <= self.now < one.until

    def has(self, name: str, role: str, scope: str | None = None) -> bool:
        """Holds the role now, in this scope or (None) in any."""
        return self.by_rule(name, role, scope) or any(
            grant.official == name and grant.role == role and scope in (None, grant.scope)
            for grant in self.grants
            if grant.since <= self.now < grant.until
        )

    def by_rule(self, name: str, role: str, room: str | None) -> bool:
        """One of the room's rules says so."""
        mine = {
            ("everybody", ""),
            ("body", self.body_of(name)),
            ("unit", self.officials[name].unit),
            ("official", name),
        }
        return any(
            (rule.role, rule.room) == (role, room) and (rule.subject, rule.key) in mine
            for rule in self.rules
            if rule.since <= self.now < rule.until
        )

    def shut_off(self, name: str) -> bool:
        """Out of office, or one of those who run the network without seeing its content."""
        return not self.active(name) or any(self.has(name, duty) for duty in DUTIES)

    def cleared(self, name: str, item: Post | Mail, *, strong: bool) -> bool:
        """The marking and handling of the item let this official near it."""
        mine = item.author == name
        at_home = item.marking < STRICT or mine or self.body_of(name) == item.body
        signed_in = item.marking < RED or mine or strong
        handling = item.handling if isinstance(item, Post) else 0
        return at_home and signed_in and handling <= self.officials[name].clearance

    # ---- rooms

    def sees_room(self, name: str, room: str) -> bool:
        """Enters it: its readers whose unit it concerns, and its moderators."""
        reader = self.has(name, "reader", room) and self.competent(name, room)
        return not self.shut_off(name) and (reader or self.has(name, "moderator", room))

    def competent(self, name: str, room: str) -> bool:
        """The official's unit is concerned with what the room is about."""
        return self.rooms[room].competence in self.units[self.officials[name].unit].competences

    def may_post(self, name: str, room: str) -> bool:
        """At once, held, or as a draft."""
        drafter = self.has(name, "drafter", room) and self.competent(name, room)
        here = drafter and not self.shut_off(name) and not self.rooms[room].closed
        return here or self.may_post_alone(name, room)

    def may_post_alone(self, name: str, room: str) -> bool:
        """Without a colleague's word."""
        return self.posts_in(name, room) and not self.shut_off(name) and not self.rooms[room].closed

    def posts_in(self, name: str, room: str) -> bool:
        """Takes part there with a word of their own: a poster whose unit it concerns, or a moderator."""
        return (self.has(name, "poster", room) and self.competent(name, room)) or self.has(name, "moderator", room)

    def may_publish(self, name: str, room: str) -> bool:
        """Without being held."""
        free = not self.rooms[room].moderated or self.has(name, "moderator", room)
        return free and self.may_post_alone(name, room)

    # ---- posts

    def may_list(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """In folders, threads and counts."""
        visible = self.sees_room(name, post.room) or self.follows(name, post)
        return post.state == "published" and visible and self.cleared(name, post, strong=strong)

    def follows(self, name: str, post: Post) -> bool:
        """A liaison officer of the room's area, up to GREEN."""
        duty = self.has(name, "liaison-officer", post.room) and not self.shut_off(name)
        return duty and post.marking <= GREEN

    def may_read(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """Open it: what may be listed, what is unpublished for who is concerned, a draft for its colleagues."""
        if self.may_list(name, post, strong=strong):
            return True
        asked = post.state == "draft" and self.colleague(name, post)
        near = post.state in UNPUBLISHED and (asked or self.concerned(name, post)) and not self.shut_off(name)
        return near and self.cleared(name, post, strong=strong)

    def colleague(self, name: str, post: Post) -> bool:
        """Of the body that owns it, and posts there with a word of their own."""
        return self.body_of(name) == post.body and self.posts_in(name, post.room)

    def may_authorise(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """Let another's draft go on, or refuse it."""
        others = post.state == "draft" and post.author != name and self.colleague(name, post)
        return others and not self.shut_off(name) and self.cleared(name, post, strong=strong)

    def may_acknowledge(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """Say that they have taken note of what others wrote."""
        return post.author != name and self.may_list(name, post, strong=strong)

    def may_moderate(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """Approve or refuse it."""
        others = post.state == "held" and post.author != name
        here = self.has(name, "moderator", post.room) and not self.shut_off(name)
        return others and here and self.cleared(name, post, strong=strong)

    def may_withdraw(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """Take it back: its author, the room's moderators, and once it is published who speaks for its owner."""
        owns = post.state == "published" and self.speaks(name, post.body)
        may = owns or self.concerned(name, post)
        return may and not self.shut_off(name) and self.cleared(name, post, strong=strong)

    def may_confirm(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """Say that it may go on, where the author may still post."""
        mine = post.author == name and post.state == "unconfirmed" and not self.shut_off(name)
        return mine and self.cleared(name, post, strong=strong)

    def concerned(self, name: str, post: Post) -> bool:
        """Its author, and the room's moderators; while it waits for the author's or a colleague's word, the author."""
        waits = post.state in ("draft", "unconfirmed")
        return post.author == name or (not waits and self.has(name, "moderator", post.room))

    def may_mark(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """Say how widely it may be passed on: the owner's contact points, of what they can read, signed in strongly."""
        return self.owns_mark(name, post, strong=strong) and self.may_read(name, post, strong=True)

    def owns_mark(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """It is their body's to say, whether they have come upon it or not."""
        own = self.speaks(name, post.body) and not self.shut_off(name)
        return strong and own and post.state == "published" and self.cleared(name, post, strong=strong)

    def may_confirm_mark(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """A looser marking that somebody else has asked for."""
        return post.loosener not in ("", name) and self.owns_mark(name, post, strong=strong)

    def speaks(self, name: str, body: str) -> bool:
        """For their own body, as its contact point or as the deputy."""
        duty = self.has(name, "contact-point", body) or self.has(name, "deputy", body)
        return duty and self.body_of(name) == body

    def can_quote(self, name: str, post: Post) -> bool:
        """What they can read, behind whatever sign-in, wrote, or were ever given or opened."""
        had = post.author == name or post in [*self.copies.get(name, []), *self.opened.get(name, [])]
        return had or self.may_read(name, post, strong=True)

    def listed(self, name: str, room: str, *, strong: bool = False) -> list[Post]:
        """A room's posts that the official sees."""
        return [post for post in self.posts if post.room == room and self.may_list(name, post, strong=strong)]

    def remains(self, post: Post) -> bool:
        """In some room it isn't erased yet: what others keep of it stays as long."""
        return any(other.canary == post.canary and not other.erased for other in self.posts)

    # ---- releases

    def may_ask(self, name: str, post: Post, *, strong: bool = False) -> bool:
        """That a post which they can read be passed on; RED never is."""
        return post.marking < RED and self.may_list(name, post, strong=strong)

    def let_near(self, name: str, release: Release, word: Word, *, strong: bool) -> bool:
        """Markings hold for a word about a post as for the post; who asked is let as its author is."""
        at_home = release.marking < STRICT or release.asker == name or self.body_of(name) == word.body
        signed_in = release.marking < RED or release.asker == name or strong
        cleared = release.handling <= self.officials[name].clearance
        return at_home and signed_in and cleared and not self.shut_off(name)

    def may_know(self, name: str, release: Release, word: Word, *, strong: bool = False) -> bool:
        """That an owner is asked: who asked, and who speaks for the owner."""
        concerned = release.asker == name or self.speaks(name, word.body)
        return concerned and self.let_near(name, release, word, strong=strong)

    def may_consent(self, name: str, release: Release, word: Word, *, strong: bool = False) -> bool:
        """Say the owner's word, but never to one's own ask; what is to stay in a body needs a strong sign-in."""
        others = release.asker != name and self.speaks(name, word.body) and word.state == "open"
        signed_in = release.marking < RED and (release.marking < STRICT or strong)
        return others and signed_in and self.let_near(name, release, word, strong=strong)

    def may_take_back(self, name: str, release: Release, word: Word, *, strong: bool = False) -> bool:
        """A word that was given: whoever speaks for the owner; an ask: who asked."""
        own = self.speaks(name, word.body) and word.state == "given"
        asked = release.asker == name and word.state in ("open", "given")
        return (own or asked) and self.let_near(name, release, word, strong=strong)

    # ---- people

    def sees_entry(self, name: str, other: str) -> bool:
        """Who is listed, and all of the own body."""
        return self.active(name) and (self.officials[other].listed or self.body_of(name) == self.body_of(other))

    def entries(self, name: str) -> set[str]:
        """Of those in office, what the official finds in the directory."""
        return {other for other in self.officials if self.active(other) and self.sees_entry(name, other)}

    def reads_audit(self, name: str, body: str) -> bool:
        """A body's security officers read its log."""
        return self.active(name) and self.has(name, "security-officer", body)

    # ---- mail

    def may_mail(self, name: str, recipient: str) -> bool:
        """Write to somebody by name, whose entry one sees."""
        return self.active(recipient) and self.sees_entry(name, recipient)

    def may_read_mail(self, name: str, mail: Mail, *, strong: bool = False) -> bool:
        """Who wrote it, and whom it is to."""
        mine = name in (mail.author, mail.recipient) and self.active(name)
        return mine and self.cleared(name, mail, strong=strong)

    def may_get(self, mail: Mail) -> bool:
        """Its recipient could read it after the strongest sign-in."""
        return self.active(mail.recipient) and self.cleared(mail.recipient, mail, strong=True)

    def inbox(self, name: str) -> list[Post | Mail]:
        """Copies that were handed out when they were published and may still be listed, and personal mail."""
        copies = [post for post in self.copies.get(name, []) if self.may_list(name, post)]
        mails = [mail for mail in self.mails if mail.recipient == name and self.active(name)]
        return [*copies, *(mail for mail in mails if self.cleared(name, mail, strong=False))]

    # ---- what happens

    def publish(self, post: Post) -> None:
        """Now, with a copy for everybody who may list it now."""
        post.state = "published"
        self.hand_out(post)

    def hand_out(self, post: Post) -> None:
        """One copy each for those who may list it and have none."""
        for name in self.officials:
            if self.may_list(name, post) and post not in self.copies.get(name, []):
                self.copies.setdefault(name, []).append(post)

    def off_board(self, name: str) -> None:
        """Everything of this official ends."""
        self.officials[name].suspended = True
        self.end_grants(name)
        for glass in self.glasses:
            theirs = glass.asker == name or (glass.confirmer == name and glass.state == "broken")
            glass.state = "ended" if theirs and glass.state in ("asked", "broken") else glass.state

    def end_grants(self, name: str, role: str | None = None, scope: str | None = None) -> None:
        """All of an official's, or those of a role in a scope; one that hasn't begun never will."""
        for grant in self.grants:
            if grant.official == name and role in (None, grant.role) and scope in (None, grant.scope):
                grant.until = min(grant.until, self.now)
