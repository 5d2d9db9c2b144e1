"""What somebody says in a Matrix room, as a message like any client's: the posting chain knows no difference."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select

from groupware import tables
from groupware.composing import answer_subject
from groupware.errors import Refused
from groupware.matrix import telling
from groupware.matrix_tables import matrix_event
from groupware.message.compose import File, compose
from groupware.message.markings import labelled, subject_handling, subject_marking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from groupware.caller import Caller
    from groupware.matrix.rooms import Room
    from groupware.store import Snapshot

LONGEST_SUBJECT = 120
SPOKEN = ("m.text", "m.notice", "m.emote")
FILES = ("m.file", "m.image", "m.audio", "m.video")
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that the homeserver keeps for now: its `mxc:` address, and what its sender says of it."""

    url: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Speech:
    """The words, and the events that they answer: a thread's first (`root`) and the one replied to; "" without.

    `shown` is the content with which they may stand in the room.
    """

    text: str
    root: str = ""
    parent: str = ""
    upload: Upload | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answered:
    """A post that is answered. `event` shows it in the room, `root` the first post of its thread."""

    message_id: str
    subject: str
    marking: int
    event: str
    root: str
    root_id: str


_post, _event = tables.post.c, matrix_event.c
_BEHIND: Select[Any] = (
    select(_post.id, _post.thread, _post.marking, tables.rendering.c.subject, tables.rendering.c.message_id)
    .join(matrix_event, _event.post == _post.id)
    .join(tables.rendering, tables.rendering.c.id == _post.rendering)
    .where(_event.event == bindparam("event"), _event.room == bindparam("room"), _post.state == "published")
)
_ROOT = (
    select(_event.event, tables.rendering.c.message_id)
    .join(tables.post, _event.post == _post.id)
    .join(tables.rendering, tables.rendering.c.id == _post.rendering)
    .where(_event.post == bindparam("post"), _event.room == bindparam("room"))
    .order_by(_event.event)
)


def read(content: Mapping[str, Any]) -> Speech:
    """What is said. Raises Refused with a sentence for who says it."""
    if any(str(key).startswith(telling.PREFIX) for key in content):
        raise Refused("reserved-key", "these words are ICONet's own")
    kind, text = content.get("msgtype"), content.get("body")
    if kind not in SPOKEN and kind not in FILES:
        raise Refused("not-text", "only text and files can be sent here")
    if not isinstance(text, str) or not text.strip():
        raise Refused("no-text", "the message has no text")
    relation = content.get("m.relates_to")
    root, parent = _relation(relation) if isinstance(relation, dict) else ("", "")
    upload = _upload(content, text) if kind in FILES else None
    words = _without_quotation(text) if parent else text
    return Speech(words, root, parent, upload, _shown(content, root, parent))


def answered(snapshot: Snapshot, room: int, speech: Speech) -> Answered | None:
    """The post that is answered; None for a message of its own, and for events that show no post of the room.

    Nor do those of posts that were withdrawn: who came later would read a subject that is nobody's any more.
    """
    for event in (speech.parent, speech.root):
        row = snapshot.connection.execute(_BEHIND, {"event": event, "room": room}).first() if event else None
        if row is not None:
            first = snapshot.connection.execute(_ROOT, {"post": row.thread, "room": room}).first()
            root, root_id = (first.event, first.message_id) if first is not None else ("", "")
            return Answered(row.message_id, row.subject, row.marking, event, root, root_id)
    return None


def written(
    caller: Caller,
    domain: str,
    room: Room,
    speech: Speech,
    answer: Answered | None,
    *,
    name: str,
    at: int,
    file: File | None = None,
) -> bytes:
    """The message, with the Message-ID `<name@domain>`. Raises Refused for a text that no message can have."""
    ids = [] if answer is None else [each for each in (answer.root_id, answer.message_id) if each]
    try:
        return compose(
            sender=caller.address,
            sender_name=caller.name,
            to=[(room.name, f"{room.code}@{domain}")],
            subject=subject(speech, answer),
            text=speech.text,
            message_id=f"<{name}@{domain}>",
            date=at,
            in_reply_to=None if answer is None else answer.message_id,
            references=list(dict.fromkeys(ids)),
            file=file,
        )
    except ValueError as error:
        raise Refused("malformed-text", "this text can't be sent") from error


def subject(speech: Speech, answer: Answered | None) -> str:
    """An answer has that of what it answers, anything else its first line; a label there counts for both."""
    first = "".join(letter if letter.isprintable() else " " for letter in speech.text.strip().split("\n", 1)[0])
    marking, code = subject_marking(first), subject_handling(first)
    if answer is None:
        cut = first if len(first) <= LONGEST_SUBJECT else first[: LONGEST_SUBJECT - 1] + "…"
    else:
        cut = answer_subject(answer.subject, answer.marking)
    if subject_handling(cut) < code:
        cut = f"[{code.label}] {cut}"
    return cut if marking is None else labelled(cut, marking)


def name(key: bytes, *parts: str) -> str:
    """What something is called that is known by these parts: the same each time, and nobody else can work it out."""
    return hmac.new(key, json.dumps(parts).encode(), hashlib.sha256).hexdigest()[:40]


def _upload(content: Mapping[str, Any], text: str) -> Upload:
    """Client-Server API, m.file: what isn't encrypted has its address in `url`; the body is the name, or a caption."""
    url, name, about = content.get("url"), content.get("filename"), content.get("info")
    kind = about.get("mimetype") if isinstance(about, dict) else ""
    if not isinstance(url, str):
        raise Refused("no-file", "the message has no file that ICONet can read")
    called = _bare(name if isinstance(name, str) and name.strip() else text)
    return Upload(url, called[:LONGEST_NAME], kind if isinstance(kind, str) else "")


def _bare(name: str) -> str:
    """A name as people read it: no folders, and no control letters that end lines or turn the order of the others."""
    read = "".join(letter for letter in name if letter.isprintable())
    return read.replace("\\", "/").rpartition("/")[2].strip(" .") or "file"


def _relation(relation: Mapping[str, Any]) -> tuple[str, str]:
    reply = relation.get("m.in_reply_to")
    parent = reply.get("event_id") if isinstance(reply, dict) else ""
    root = relation.get("event_id") if relation.get("rel_type") == "m.thread" else ""
    return root if isinstance(root, str) else "", parent if isinstance(parent, str) else ""


def _shown(content: Mapping[str, Any], root: str, parent: str) -> Mapping[str, Any]:
    """What may stand in the room: all that becomes part of the post, and nothing that a client might show instead.

    HTML beside the text (`formatted_body`), other events' words for it and files' addresses would be read in the room
    and nowhere else: no label, moderator or archive would ever see them.
    """
    kept: dict[str, Any] = {"msgtype": content["msgtype"], "body": content["body"]}
    related: dict[str, Any] = {"rel_type": "m.thread", "event_id": root} if root else {}
    if root:
        related["is_falling_back"] = content["m.relates_to"].get("is_falling_back") is True
    if parent:
        related["m.in_reply_to"] = {"event_id": parent}
    if related:
        kept["m.relates_to"] = related
    if isinstance(content.get("m.mentions"), dict):
        kept["m.mentions"] = _mentioned(content["m.mentions"])
    return kept


def _mentioned(mentions: Mapping[str, Any]) -> Mapping[str, Any]:
    """Client-Server API, mentions of users; the whole room is only the bridge's to call."""
    users = mentions.get("user_ids")
    named = [each for each in users if isinstance(each, str)] if isinstance(users, list) else []
    return {"user_ids": named} if named else {}


def _without_quotation(text: str) -> str:
    """Client-Server API, rich replies: before version 1.13, clients put what they answer before their words."""
    lines = text.split("\n")
    quoted = next((number for number, line in enumerate(lines) if not line.startswith("> ")), len(lines))
    if not quoted or not lines[0].startswith("> <@") or not "".join(lines[quoted:]).strip():
        return text
    return "\n".join(lines[quoted:]).lstrip("\n")
