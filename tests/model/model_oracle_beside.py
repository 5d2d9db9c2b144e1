"""The oracle on break-glass, retention and bookings, from the promises in prose (decisions 0015, 0030, 0032)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from model_oracle import FOREVER, RED, STRICT

if TYPE_CHECKING:
    from model_oracle import Network, Post

OFFICER = "security-officer"
HOUR = 3_600_000_000
KEPT, KEPT_UNPUBLISHED = 6 * HOUR, 3 * HOUR
"""For how long; here it is hours."""


@dataclass(eq=False)
class Glass:
    """That an officer of a body reads in an emergency: asked, broken, lapsed, over or ended.

    It is about a post, the thread of it, or a room: `item` is the post that the asker named, or the room's code, None
    where that name stands for nothing. `until` is when the ask lapses and, once it is broken, when reading ends.
    """

    asker: str
    body: str
    scope: str
    item: Post | str | None
    handling: int
    until: int
    state: str = "asked"
    confirmer: str = ""
    hours: int = 1
    asked: int = 0
    confirmed: int = 0


@dataclass(eq=False)
class Hold:
    """A body's security officer keeps a post or its thread."""

    post: Post
    thread: bool
    by: str
    body: str
    lifted: bool = False


@dataclass(eq=False)
class Booking:
    """Of a resource, by an official of a unit; no `canary` is left of one whose message was erased."""

    canary: str
    resource: str
    author: str
    unit: str
    marking: int
    handling: int = 0


# ---- break-glass


def watches(model: Network, name: str) -> bool:
    """In office as a security officer of their own body."""
    return model.active(name) and model.has(name, OFFICER, model.body_of(name))


def may_ask_glass(model: Network, name: str, body: str, *, strong: bool) -> bool:
    """A body's security officers."""
    return strong and watches(model, name) and model.body_of(name) == body


def may_confirm_glass(model: Network, name: str, glass: Glass, *, strong: bool) -> bool:
    """A security officer of another body, while the ask waits and its asker could ask; never one's own."""
    waits = glass.state == "asked" and model.now < glass.until and asker_stands(model, glass)
    return strong and waits and name != glass.asker and watches_another(model, name, glass)


def may_break_glass(model: Network, name: str, glass: Glass, *, strong: bool) -> bool:
    """Read by it: who asked, until its time is over, while both of the two are what they were when they said so.

    Whoever lost the clearance that they had reads nothing of what they asked for with it.
    """
    asked = name == glass.asker and watches(model, name) and model.body_of(name) == glass.body
    runs = glass.state == "broken" and model.now < glass.until and glass.handling <= model.officials[name].clearance
    return strong and asked and runs and asker_stands(model, glass) and confirmer_stands(model, glass)


def asker_stands(model: Network, glass: Glass) -> bool:
    """In office, by the role with which they asked: one that is given later vouches for nothing."""
    return model.active(glass.asker) and _still(model, glass.asker, glass.asked, {glass.body})


def confirmer_stands(model: Network, glass: Glass) -> bool:
    """The same of who confirmed it, for another body."""
    others = {grant.scope for grant in model.grants if grant.scope != glass.body}
    return model.active(glass.confirmer) and _still(model, glass.confirmer, glass.confirmed, others)


def _still(model: Network, name: str, moment: int, bodies: set[str]) -> bool:
    return any(
        grant.since <= moment < grant.until and model.now < grant.until
        for grant in model.grants
        if (grant.official, grant.role) == (name, OFFICER) and grant.scope in bodies
    )


def watches_another(model: Network, name: str, glass: Glass) -> bool:
    """Who sits for another body and watches over others than the asker's."""
    elsewhere = model.body_of(name) != glass.body and not model.has(name, OFFICER, glass.body)
    return model.active(name) and model.has(name, OFFICER) and elsewhere


def tend(model: Network) -> None:
    """What is over, or what one of the two no longer stands for, is closed for good."""
    for glass in model.glasses:
        if glass.state in ("asked", "broken") and glass.until <= model.now:
            glass.state = "over" if glass.state == "broken" else "lapsed"
        elif glass.state in ("asked", "broken") and not _vouched(model, glass):
            glass.state = "ended"


def _vouched(model: Network, glass: Glass) -> bool:
    return asker_stands(model, glass) and (glass.state == "asked" or confirmer_stands(model, glass))


def may_end_glass(model: Network, name: str, glass: Glass, *, strong: bool) -> bool:
    """Either of the two, and who runs or watches over the central authority."""
    runs = glass.state in ("asked", "broken")
    return strong and runs and model.active(name) and (_of_the_two(name, glass) or _over(model, name))


def may_see_glass(model: Network, name: str, glass: Glass) -> bool:
    """That somebody asks: either of the two, who is over them, and while it waits, the officers of other bodies."""
    asked = glass.state == "asked" and watches_another(model, name, glass)
    return model.active(name) and (_of_the_two(name, glass) or _over(model, name) or asked)


def _of_the_two(name: str, glass: Glass) -> bool:
    return name in (glass.asker, glass.confirmer)


def _over(model: Network, name: str) -> bool:
    own = model.body_of(name) == model.authority
    return own and any(model.has(name, role, model.authority) for role in ("directory-admin", OFFICER))


def covers(glass: Glass, post: Post) -> bool:
    """What is published of what was named, of the handling codes that the asker was cleared for."""
    if post.state != "published" or post.handling > glass.handling or glass.item is None:
        return False
    if glass.scope == "room":
        return post.room == glass.item
    return post is glass.item or (glass.scope == "thread" and post.first is glass.item.first)  # type: ignore[union-attr] # no room


# ---- retention


def date(model: Network, post: Post) -> None:
    """From what became of it just now: what was published is kept as its class says, all else for a short time."""
    due = model.now + (KEPT if post.state == "published" else KEPT_UNPUBLISHED)
    post.due = min(post.due, due) if post.state == "withdrawn" else due


def may_hold(model: Network, name: str, post: Post) -> bool:
    """A security officer of the body that owns it, of what there is yet."""
    return watches(model, name) and model.body_of(name) == post.body and not post.erased


def on_hold(model: Network, post: Post) -> bool:
    """Itself, or the thread that it lies in."""
    return any(
        hold.post is post or (hold.thread and hold.post.first is post.first) for hold in model.holds if not hold.lifted
    )


def erase(model: Network) -> list[Post]:
    """All that is due and that nobody keeps is gone; those posts.

    With its last post a message goes: what it was a booking's for, and what was answered to it.
    """
    gone = [post for post in model.posts if post.due <= model.now and not on_hold(model, post)]
    for post in gone:
        post.state, post.due, post.erased = "withdrawn", FOREVER, True
    lost = {post.canary for post in gone if not model.remains(post)}
    model.mails = [mail for mail in model.mails if mail.canary not in lost]
    for booking in model.bookings:
        booking.canary = "" if booking.canary in lost else booking.canary
    return gone


# ---- what can be booked


def member(model: Network, name: str, resource: str) -> bool:
    """Whoever enters a room of one of its areas."""
    return any(model.sees_room(name, room) for room in model.resources[resource])


def may_read_booking(model: Network, name: str, booking: Booking, *, strong: bool) -> bool:
    """What it is for: its organiser, and the organiser's unit with its parts; all others see that it is taken."""
    mine = booking.author == name
    near = mine or _part_of(model, model.officials[name].unit, booking.unit)
    at_home = booking.marking < STRICT or mine or model.body_of(name) == model.units[booking.unit].body
    signed_in = booking.marking < RED or mine or strong
    cleared = booking.handling <= model.officials[name].clearance
    return near and at_home and signed_in and cleared and not model.shut_off(name)


def _part_of(model: Network, unit: str, whole: str) -> bool:
    return unit == whole or (unit != "" and _part_of(model, model.units[unit].above, whole))
