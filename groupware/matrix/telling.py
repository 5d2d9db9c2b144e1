"""A post as a message of its Matrix room: who sends it, where it hangs in the thread, and what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, func, select

from directory import tables as directory
from groupware import reading, tables
from groupware.matrix import holds, membership
from groupware.matrix_tables import matrix_event
from policies.vocabulary import Action, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.matrix.outbox import Queued
    from groupware.message.text import Attachment, Display
    from groupware.monitor import Monitor
    from groupware.store import Snapshot

MARK = "eu.iconet.post"
"""The key in the content of what the bridge sends; may not stand in what people say."""
PREFIX = "eu.iconet."
HTML = b'"text" "html"'
"""In an IMAP BODY (RFC 9051 7.5.2)."""
LARGEST = 40 * 1024
"""Octets of text in one event; the whole event may have 65,536 (Client-Server API, size limits)."""
LARGEST_HTML = 18 * 1024
"""Of HTML beside it; of more, the text alone is shown."""
CUT = "\n[…] The message goes on in the portal."


@dataclass(frozen=True, slots=True)
class Told:
    """One post to be sent. `sender` is its author's login, or "" when the bridge sends it in its own name."""

    sender: str
    author: str
    subject: str
    token: str
    message_id: str
    marking: Marking
    usual: bool
    opens: bool
    root: str
    parent: str
    published: int
    has_html: bool
    head: bytes
    body: bytes


@dataclass(frozen=True, slots=True)
class Ready:
    """What the homeserver is to be asked: to send `content` as `sender` ("": the bridge), or to redact `redacts`."""

    sender: str
    content: Mapping[str, Any]
    redacts: str = ""
    at: int = 0


_post, _event = tables.post.c, matrix_event.c
_CARD: Select[Any] = (
    select(
        _post.state,
        _post.token,
        _post.room,
        _post.author,
        _post.thread,
        _post.parent,
        _post.marking,
        _post.handling,
        _post.competence,
        _post.published,
        _post.rendering,
        tables.rendering.c.body.label("structure"),
        tables.rendering.c.subject,
        tables.rendering.c.message_id,
        tables.room.c.competence.label("room_competence"),
        tables.room.c.marking.label("room_marking"),
        tables.room.c.handling.label("room_handling"),
        tables.room.c.closed.label("room_closed"),
        directory.body.c.name.label("body"),
    )
    .join(tables.rendering, tables.rendering.c.id == _post.rendering)
    .join(tables.room, tables.room.c.id == _post.room)
    .join(directory.official, directory.official.c.id == _post.author)
    .join(directory.body, directory.body.c.id == directory.official.c.body)
    .where(_post.id == bindparam("post"))
)
_FIRST_EVENT = select(func.min(_event.event)).where(_event.post == bindparam("post"), _event.room == bindparam("room"))


def told(snapshot: Snapshot, monitor: Monitor, post: int, directory_path: Path) -> Told | None:
    """The post as of now; None when it isn't for everybody in the room, or isn't published any more."""
    row = snapshot.connection.execute(_CARD, {"post": post}).one()
    if row.state != "published" or not _for_all(row) or not _for_everybody_there(snapshot, monitor, post, row.room):
        return None
    author = membership.author(snapshot, row.author)
    if author is None:
        return None
    # in a closed room nobody but the bridge has the power to send
    present = not row.room_closed and membership.belongs(snapshot, monitor, author, row.room)
    head, body = reading.rendered(snapshot, row.rendering, directory_path)
    opens = row.thread == post
    root, parent = (
        ("", "") if opens else (_shown(snapshot, row.thread, row.room), _shown(snapshot, row.parent, row.room))
    )
    return Told(
        sender=author.login if present else "",
        author=f"{author.name} ({row.body})",
        subject="" if holds.of_post(snapshot, post) else row.subject,
        token=row.token,
        message_id=row.message_id,
        marking=Marking(row.marking),
        usual=row.marking == row.room_marking,
        opens=opens,
        root=root,
        parent=parent,
        published=row.published,
        has_html=HTML in snapshot.seals.open("rendering.body", row.rendering, bytes(row.structure)).lower(),
        head=head,
        body=body,
    )


def for_all(snapshot: Snapshot, post: int) -> bool:
    """Whether it is published and its marks are no stricter than what everybody in the room may read."""
    row = snapshot.connection.execute(_CARD, {"post": post}).one()
    return row.state == "published" and _for_all(row)


def ready(row: Queued, post: Told, shown: Display, rich: str, portal: str) -> Ready:
    """The event that says it; `rich` is the text as HTML, "" without."""
    above, below = _above(post), _files(shown.attachments, f"{portal}/posts/{post.token}", portal)
    text = "\n".join([*above, shown.text.rstrip(), *below])
    content: dict[str, Any] = {"msgtype": "m.text", "body": _fit(text), "m.mentions": {}}
    if rich and _size(rich) <= LARGEST_HTML:
        content |= {"format": "org.matrix.custom.html", "formatted_body": _lines(above) + rich + _lines(below)}
    content[MARK] = {"ref": row.key, "message_id": post.message_id, "marking": post.marking.label}
    if post.root:
        content["m.relates_to"] = related(post.root, post.parent or post.root)
    return Ready(post.sender, content, at=post.published)


def notice(row: Queued) -> Ready:
    """A notice of the bridge's own."""
    return Ready("", {"msgtype": "m.notice", "body": _fit(row.text), "m.mentions": {}, MARK: {"ref": row.key}})


def redaction(row: Queued) -> Ready:
    """The taking back of an event."""
    return Ready("", {}, row.event)


def related(root: str, parent: str) -> dict[str, Any]:
    """Client-Server API, threading: an answer to `parent` in the thread that `root` began."""
    answered = {"event_id": parent}
    return {"rel_type": "m.thread", "event_id": root, "is_falling_back": False, "m.in_reply_to": answered}


def _for_all(row: Row[Any]) -> bool:
    """Who joins later reads everything: what a clearance, a body or a competence keeps from some never gets there."""
    usual: bool = row.handling <= row.room_handling and row.competence == row.room_competence
    return usual and Marking(row.marking) < Marking.AMBER_STRICT


def _for_everybody_there(snapshot: Snapshot, monitor: Monitor, post: int, room: int) -> bool:
    """Whether all who may be in the room may list the post."""
    there = membership.belonging(snapshot, monitor, room)
    return there <= set(monitor.audience(snapshot, Action.LIST, Kind.POST, post))


def _shown(snapshot: Snapshot, post: int, room: int) -> str:
    return snapshot.connection.scalar(_FIRST_EVENT, {"post": post, "room": room}) or "" if post else ""


def _above(post: Told) -> list[str]:
    """What stands before the text: who wrote it, if that isn't the sender; the subject; an unusual marking."""
    lines = [] if post.sender else [f"{post.author} wrote:"]
    if post.opens and post.subject:
        lines += [post.subject, ""]
    elif not post.usual:
        lines += [f"[{post.marking.label}]"]
    return lines


def _lines(lines: Sequence[str]) -> str:
    """Lines of text as HTML."""
    return "".join(f"<p>{escape(line)}</p>" for line in lines if line)


def _files(attachments: Sequence[Attachment], link: str, portal: str) -> list[str]:
    """Files stay in the portal, which asks at each access whether somebody may still have them."""
    names = [f"Attached: {file.name or 'a file'} ({file.type}, {file.size} octets)" for file in attachments]
    return ["", *names, link if portal else "They are in the portal."] if names else []


def _fit(text: str) -> str:
    """As much of a text as one event takes."""
    if _size(text) <= LARGEST:
        return text
    low, high = 0, LARGEST
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _size(text[:middle]) <= LARGEST else (low, middle - 1)
    return text[:low] + CUT


def _size(text: str) -> int:
    """Octets of a text in an event: what JSON must escape counts as it is written."""
    return len(json.dumps(text, ensure_ascii=False).encode("utf-8", "replace"))
