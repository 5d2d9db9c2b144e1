"""What each door shows to an official, and what the oracle says that it should: a door that isn't here fails a test."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from model_demo import AMBER, ROOM
from model_door_bookings import taken
from model_views import canaries, words

from connectors import endpoints
from connectors.house import Address
from connectors.settings import Settings
from connectors.web.api.routes import OPERATIONS

if TYPE_CHECKING:
    from httpx import Response
    from model_demo import Doors
    from model_oracle import Post

    from connectors.web.api.operation import Operation

LATEST = 4
NAMES = frozenset[str]
AT_THE_SIGN_IN = ("held", "rooms", "releases")
"""All that is asked of the API as somebody who has left: each time it is a wrong sign-in, which soon takes seconds."""
ABSENT = "<absent@client.test>"
"""A Message-ID that no post has."""


@dataclass(frozen=True)
class Seen:
    """Canaries or logins that came; those that have to come, and others that may."""

    got: frozenset[str]
    due: frozenset[str]
    allowed: frozenset[str] = frozenset()

    @property
    def too_many(self) -> frozenset[str]:
        """What must not be seen."""
        return self.got - self.due - self.allowed

    @property
    def missing(self) -> frozenset[str]:
        """What is to come yet."""
        return self.due - self.got


View = Callable[["Doors", str], dict[str, Seen]]


def none(octets: bytes) -> Seen:
    """Where no item is to be seen at all."""
    return Seen(canaries(octets), frozenset())


def asks(doors: Doors, login: str) -> frozenset[str]:
    """The canaries of the asks that the official may know of, however they have signed in."""
    known = doors.model.may_know
    return frozenset(
        canary
        for release, canary in doors.canaries.items()
        if any(known(login, release, word, strong=True) for word in release.words)
    )


def told(doors: Doors, login: str) -> frozenset[str]:
    """Of all asks that the official ever was told of: what is in a mailbox already stays there."""
    own = doors.model.body_of(login)
    return frozenset(
        canary for release, canary in doors.canaries.items() if release.asker == login or own == release.post.body
    )


def entries(doors: Doors, login: str) -> frozenset[str]:
    """Of these officials, those whose entries are to be seen."""
    return frozenset(doors.model.entries(login)) & doors.people.keys()


# ---- for everybody, after each act


def imap(doors: Doors, login: str) -> dict[str, Seen]:
    """Folders, counts and searches, in a session that was there before."""
    model, latest = doors.model, [post.canary for post in doors.model.posts][-LATEST:]
    got = canaries(doors.clients[login].mailbox.everything(latest))
    kept = [post for post in model.kept.get(login, []) if model.remains(post)]
    due = words([*model.inbox(login), *model.listed(login, ROOM), *kept]) if model.active(login) else frozenset()
    return {"imap": Seen(got, due, told(doors, login))}


def api(doors: Doors, login: str) -> dict[str, Seen]:
    """The queue, bytes by name, the lists of rooms; what is forbidden reads as what isn't there."""
    model, client = doors.model, doors.clients[login].api
    named = [post for post in model.posts if post.message_id]
    held = {each["message_id"] for each in client.held()}
    answers = {post: client.raw(post.message_id) for post in named[-LATEST:]}
    readable = [post for post in answers if model.may_read(login, post)]
    absent = _said(client.raw(ABSENT), ABSENT)
    for post in answers.keys() - set(readable):
        assert _said(answers[post], post.message_id) == absent, f"{login} is told of {post}"
    paths = api_paths(doors, login) if model.active(login) else AT_THE_SIGN_IN
    lists = [client.get(path) for path in paths] if doors.whole else []
    return {
        "api held": Seen(
            words(post for post in named if post.message_id in held),
            words(post for post in model.posts if model.may_moderate(login, post)),
        ),
        "api raw": Seen(canaries(*(each.content for each in answers.values())), words(readable)),
        "api lists": Seen(
            canaries(*((each.content, repr(each.headers)) for each in lists)),
            frozenset(),
            words(post for post in named if model.may_read(login, post)) | asks(doors, login),
        ),
        **_releases(doors, login),
    }


def api_paths(doors: Doors, login: str) -> list[str]:
    """Whatever can be fetched of the API, with names in the place of its parameters; what is new joins by itself."""
    [resource, *_] = doors.server.endpoints["resources"]
    names = {
        "code": ROOM,
        "login": login,
        "address": resource["address"],
        "id": "absent",
        "number": "0",
        "post": "0",
        "message_id": quote(ABSENT, safe=""),
    }
    return [each.path.removeprefix("/").format(**names) for each in OPERATIONS if each.method == "GET"]


def _said(answer: Response, name: str) -> tuple[int, str, list[str]]:
    """An answer without what was asked for."""
    return answer.status_code, answer.text.replace(name, "*"), sorted(answer.headers)


def _releases(doors: Doors, login: str) -> dict[str, Seen]:
    """Asks by their canaries, packages by those of what is in them."""
    client, known = doors.clients[login].api, asks(doors, login)
    shown = [release for release in doors.model.releases if doors.canaries[release] in known]
    numbers = list(doors.numbers.values())[-LATEST:]
    of_them = [client.get(f"releases/{number}") for number in numbers]
    packages = [client.get(f"releases/{number}/package") for number in numbers]
    shown = [release for release in shown if doors.numbers[release] in numbers]
    read = [release for release in shown if release.left and _shown_text(doors, login, release.post)]
    return {
        "api releases": Seen(canaries(client.get("releases").content, *(each.content for each in of_them)), known),
        "api packages": Seen(
            canaries(*(each.content for each in packages)),
            words(release.post for release in read),
            frozenset(doors.canaries[release] for release in read),
        ),
    }


def _shown_text(doors: Doors, login: str, post: Post) -> bool:
    """What would leave, or has left, is for who reads it and who speaks for its owner; what was taken back is gone."""
    reads = doors.model.may_read(login, post) or doors.model.speaks(login, post.body)
    return post.state == "published" and reads


def matrix(doors: Doors, login: str) -> dict[str, Seen]:
    """The room and all others that one is in, its errors, and searches."""
    model, talk = doors.model, doors.clients[login].talk
    posts = [post for post in model.posts if post.state == "published" and post.marking <= AMBER]
    due = words(posts if model.sees_room(login, ROOM) else [])
    searches = b"".join(talk.finds(post.canary) for post in model.posts[-LATEST:])
    return {
        "matrix": Seen(canaries(talk.everything([doors.room])), due, told(doors, login)),
        "matrix search": Seen(canaries(searches), frozenset(), due),
    }


def calendars(doors: Doors, login: str) -> dict[str, Seen]:
    """What is taken, by the portal, the API, and what the rooms are told."""
    return {door: Seen(got, due) for door, (got, due) in taken(doors, login).items()} if doors.booked else {}


def submission(doors: Doors, _login: str) -> dict[str, Seen]:
    """What it says to whom it refuses: nothing of any message."""
    return {"submission": none(doors.refusals)}


def outbox(doors: Doors, _login: str) -> dict[str, Seen]:
    """At the partner lies what was consented to, in the mailbox that was named, and nothing else."""
    left, agreed = doors.left(), {release.recipient: release for release in doors.model.releases if release.left}
    assert left.keys() == agreed.keys(), f"at the partner: {left.keys()}, agreed: {agreed.keys()}"
    got = {recipient: canaries(octets) for recipient, octets in left.items()}
    return {
        f"outbox {recipient}": Seen(got[recipient], words([release.post]), frozenset({doors.canaries[release]}))
        for recipient, release in agreed.items()
    }


def log(doors: Doors, _login: str) -> dict[str, Seen]:
    """What the server writes to stderr at level info: of items, nothing."""
    return {"log": none(doors.server.log().encode())}


# ---- of people, when something happened to one


def ldap(doors: Doors, login: str) -> dict[str, Seen]:
    """Searched for, and among all; by a connection that was there before."""
    tree = doors.clients[login].tree
    found = {"ldap": Seen(frozenset(tree.finds(doors.people)), entries(doors, login))}
    if not doors.whole:
        return found
    everything = tree.everything()
    uids = frozenset(re.findall(r"uid=([a-z.-]+),", everything.decode())) & doors.people.keys()
    return found | {
        "ldap all": Seen(uids, entries(doors, login)),
        "ldap items": none(everything),
    }


def carddav(doors: Doors, login: str) -> dict[str, Seen]:
    """Asked for by address, and in the whole book."""
    cards = doors.clients[login].cards
    found = {"carddav": Seen(frozenset(cards.finds(doors.people)), entries(doors, login))}
    if not doors.whole:
        return found
    everything = cards.everything()
    addresses = frozenset(re.findall(r":([a-z.-]+)@", everything.decode())) & doors.people.keys()
    return found | {
        "carddav all": Seen(addresses, entries(doors, login)),
        "carddav items": none(everything),
    }


def scim(doors: Doors, _login: str) -> dict[str, Seen]:
    """A body's own, whatever they are, and nobody else."""
    own = frozenset(login for login in doors.people if doors.model.body_of(login) == doors.scims_body)
    return {"scim": Seen(frozenset(doors.scim.finds(doors.people)), own), "scim items": none(doors.scim.everything())}


def people_pages(doors: Doors, login: str) -> dict[str, Seen]:
    """Whose entries have a page."""
    return {"pages of people": Seen(frozenset(doors.clients[login].browser.finds(doors.people)), entries(doors, login))}


# ---- the portal, now and then


def web(doors: Doors, login: str) -> dict[str, Seen]:
    """Every page that links lead to, with its header fields."""
    model = doors.model
    waiting = [
        post
        for post in model.posts
        if model.may_moderate(login, post, strong=True)
        or (post.author == login and model.may_read(login, post, strong=True))
    ]
    due = words([*model.listed(login, ROOM, strong=True), *waiting]) | asks(doors, login)
    return {"portal": Seen(canaries(doors.clients[login].browser.everything()), due)}


VIEWS: dict[str, View] = {
    "submission": submission,
    "imap": imap,
    "ldap": ldap,
    "web": web,
    "api": api,
    "scim": scim,
    "carddav": carddav,
    "matrix": matrix,
    "outbox": outbox,
    "log": log,
    "people": people_pages,
    "calendars": calendars,
}
"""Each door by its name in endpoints.json; the last three are parts of the server and of the portal."""
ALWAYS = ("submission", "imap", "api", "matrix", "outbox", "log", "calendars")
OF_PEOPLE = ("ldap", "carddav", "scim", "people")
OF_PAGES = ("web",)
BESIDE = {"followers": "imap", "outbound": "outbox", "logouts": "", "certificate": "", "since": ""}
"""What runs beside the doors, and where what it does is seen; "" where it handles no items."""
PAGES_UNDER = {
    **dict.fromkeys(("", "rooms", "posts", "letter", "moderation", "unconfirmed", "releases"), "web"),
    **dict.fromkeys(("acknowledge", "drafts", "why"), "web"),
    **dict.fromkeys(("account", "administration", "audit", "duties", "people", "sessions"), "web"),
    "directory": "people",
    "resources": "calendars",
}
"""The portal's pages by the first part of their path, and which view follows links to them."""


OPENED_BY_FORM = frozenset({"/glass/{number}/posts/{post}"})
"""Bytes that an operation gives to who posts to it: no link leads there, so T2 and T3 try it in an emergency."""


def opened_unseen(operations: Iterable[Operation]) -> set[str]:
    """The paths of operations that give bytes to a form, at which nobody looks."""
    return {each.path for each in operations if each.method != "GET" and each.gives is None} - OPENED_BY_FORM


def unseen(doors: Mapping[str, object], beside: Iterable[str], pages: Iterable[str]) -> set[str]:
    """The ways in and out, by their names in endpoints.json or in code, that no view looks at."""
    address = Address("localhost", 1)
    named = {
        part for name in doors for part in endpoints.SHAPES.get(name, endpoints._line_door)(name, Settings(), address)
    }
    parts = {path.split("/")[1] for path in pages}
    assert {*BESIDE.values(), *PAGES_UNDER.values()} <= {*VIEWS, ""}
    return (named - VIEWS.keys()) | (set(beside) - BESIDE.keys()) | {f"/{part}" for part in parts - PAGES_UNDER.keys()}
