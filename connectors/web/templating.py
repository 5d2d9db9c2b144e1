"""The templates, with what they call: how times, markings and sizes are written, and where files lie."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from connectors.web.assets import address
from policies.vocabulary import LABELS, Marking

if TYPE_CHECKING:
    from groupware.reading import Overview, PostCard

HERE = Path(__file__).parent
KIBI = 1024


def environment(domain: str) -> Environment:
    """Jinja with escaping everywhere; an unknown name is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals |= {"static": address, "domain": domain, "Marking": Marking}
    made.filters |= {
        "utc": utc,
        "size": size,
        "bare": bare,
        "strictest": strictest,
        "of_areas": of_areas,
        "day": day,
        "role": role,
    }
    words: Any = made.get_template("_words.html").module
    made.filters |= {"moment": words.moment, "marking": words.marking}
    return made


def utc(micro: int) -> datetime:
    """A time in microseconds as one that can be written."""
    return datetime.fromtimestamp(micro / 1_000_000, UTC)


def day(micro: int) -> str:
    """The date of a time in microseconds, in UTC."""
    when = utc(micro)
    return f"{when.day} {when:%b %Y}"


def role(word: object) -> str:
    """What people call a role, of which a program's word is given, bare or as `role:WORD`; all else as it is."""
    text = str(word)
    return LABELS.get(text.removeprefix("role:"), text)


def strictest(posts: list[PostCard], least: int = 0) -> int:
    """The marking of a page that shows these posts."""
    return max((post.marking for post in posts), default=least)


def of_areas(areas: list[Overview]) -> int:
    """The marking of a page that shows these rooms, each with its newest post."""
    return max(max(each.room.marking, each.newest.marking if each.newest else 0) for each in areas)


def bare(post: PostCard) -> str:
    """A subject without the label that is shown beside it."""
    return post.subject.removeprefix(f"[{Marking(post.marking).label}]").strip() or "(no subject)"


def size(octets: int) -> str:
    """A size for people."""
    if octets < KIBI:
        return f"{octets} bytes"
    return f"{octets / KIBI:.0f} kB" if octets < KIBI * KIBI else f"{octets / KIBI / KIBI:.1f} MB"
