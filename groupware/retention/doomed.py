"""Everything that there is of one post, found by ids and names: what erasing it has to reach."""

from __future__ import annotations

import email
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, exists, select

from groupware import content, notices, tables
from groupware.area_tables import withdrawal
from groupware.draft_tables import draft_mail
from groupware.release_tables import package, release
from groupware.retention_tables import erasure

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.store import Snapshot

_post, _rendering, _content, _mail = tables.post.c, tables.rendering.c, tables.content.c, tables.mail.c
_place, _folder, _to, _out = tables.place.c, tables.folder.c, tables.mail_recipient.c, tables.outbound.c
_submission = tables.submission.c
_POST: Select[Any] = (
    select(
        *(_post.id, _post.room, _post.state, _post.author, _post.sender, _post.submission, _post.rendering),
        *(_post.received, _post.reason, _rendering.message_id, _rendering.subject, _submission.content),
        *(_content.sha256, _content.size, withdrawal.c.reason.label("why_withdrawn")),
    )
    .join(tables.rendering, _rendering.id == _post.rendering)
    .join(tables.submission, _submission.id == _post.submission)
    .join(tables.content, _content.id == _submission.content)
    .outerjoin(withdrawal, withdrawal.c.post == _post.id)
    .where(_post.id == bindparam("post"))
)
_SHARES = select(_post.id).where(
    _post.submission == bindparam("submission"),
    _post.id != bindparam("post"),
    ~exists().where(erasure.c.post == _post.id),
)
_RENDERINGS = select(_rendering.id).where(_rendering.content == bindparam("content"))
_MAILS: Select[Any] = select(_mail.id, _mail.kind, _mail.author, _mail.rendering, _rendering.content).join(
    tables.rendering, _rendering.id == _mail.rendering
)
_SENT = _MAILS.where(_mail.submission == bindparam("submission"))
_SAME_NAME = _MAILS.where(_rendering.message_id == bindparam("message_id"), _mail.kind == "own")
_SAME_BYTES = (
    _MAILS.join(tables.content, _content.id == _rendering.content)
    .join(tables.place, (_place.mail == _mail.id) & (_place.post == 0))
    .join(tables.folder, _folder.id == _place.folder)
    .where(
        _folder.official.in_(bindparam("people", expanding=True)),
        _content.size == bindparam("size"),
        _content.sha256 == bindparam("sha256"),
        _mail.kind == "own",
    )
    .distinct()
)
_ENCLOSING = _MAILS.join(draft_mail, draft_mail.c.mail == _mail.id).where(draft_mail.c.post == bindparam("post"))
_THEIR_NAMES = (
    select(_rendering.message_id)
    .join(tables.mail, _mail.rendering == _rendering.id)
    .join(draft_mail, draft_mail.c.mail == _mail.id)
    .where(draft_mail.c.post == bindparam("post"), _rendering.message_id != "")
)
_PUT_IN = _MAILS.where(_rendering.message_id.in_(_THEIR_NAMES), _mail.kind == "own")
_NOTICES = (
    _MAILS.join(tables.mail_recipient, _to.mail == _mail.id)
    .where(
        _to.official.in_(bindparam("people", expanding=True)), _mail.at >= bindparam("since"), _mail.kind == "notice"
    )
    .distinct()
)
_ANSWERS = _MAILS.join(tables.booking_answer, tables.booking_answer.c.mail == _mail.id).where(
    tables.booking_answer.c.submission == bindparam("submission")
)
_UNDELIVERED = select(_out.official).where(_out.submission == bindparam("submission"), _out.state == "failed")
_PACKAGES = (
    select(package.c.message)
    .join(release, release.c.id == package.c.release)
    .where(release.c.post == bindparam("post"))
)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is the post, or speaks of it in its words."""

    id: int
    kind: str
    author: int
    rendering: int
    content: int


@dataclass(frozen=True, slots=True)
class Doomed:
    """One post with what there is of it. `whole`: nothing else that stays is made of the same bytes.

    `contents` are its own bytes, if it is whole, and those of the packages in which it left.
    """

    post: int
    room: int
    state: str
    submission: int
    message_id: str
    whole: bool
    contents: Sequence[int]
    renderings: Sequence[int]
    mails: Sequence[Mail]
    notices: Sequence[Mail]
    enclosing: Sequence[Mail]


def find(snapshot: Snapshot, post: int, where: Path) -> Doomed:
    """What there is of a post; of one that was erased, what has been left over, which is its empty rows."""
    row = snapshot.connection.execute(_POST, {"post": post}).one()
    whole = snapshot.connection.execute(_SHARES, {"submission": row.submission, "post": post}).first() is None
    packages = list(snapshot.connection.scalars(_PACKAGES, {"post": post}))
    contents = [*([row.content] if whole else []), *packages]
    renderings = [each for one in contents for each in snapshot.connection.scalars(_RENDERINGS, {"content": one})]
    return Doomed(
        post=post,
        room=row.room,
        state=row.state,
        submission=row.submission,
        message_id=row.message_id,
        whole=whole,
        contents=contents,
        renderings=renderings if whole else [row.rendering, *renderings],
        mails=_mails(snapshot, row) if whole else [],
        notices=[*_notices(snapshot, row, where), *(_answers(snapshot, row) if whole else ())],
        enclosing=enclosing(snapshot, post),
    )


def enclosing(snapshot: Snapshot, post: int) -> list[Mail]:
    """Mails by which colleagues were asked about it, with the draft inside, and what their clients put in of those."""
    return [Mail(*row) for each in (_ENCLOSING, _PUT_IN) for row in snapshot.connection.execute(each, {"post": post})]


def _mails(snapshot: Snapshot, row: Row[Any]) -> list[Mail]:
    """The same message in mailboxes: sent to people by name, and put there by themselves."""
    people = list({row.author, row.sender} - {0})
    same = {"people": people, "size": row.size, "sha256": bytes(row.sha256)}
    found = [
        *snapshot.connection.execute(_SENT, {"submission": row.submission}),
        *(snapshot.connection.execute(_SAME_NAME, {"message_id": row.message_id}) if row.message_id else ()),
        *(snapshot.connection.execute(_SAME_BYTES, same) if row.size else ()),
    ]
    return list({each.id: Mail(*each) for each in found}.values())


def _notices(snapshot: Snapshot, row: Row[Any], where: Path) -> list[Mail]:
    """Notices of ours that say why it was refused or withdrawn, or the subject of what wasn't delivered."""
    undelivered = set(snapshot.connection.scalars(_UNDELIVERED, {"submission": row.submission}))
    words = [said for text in (row.reason, row.why_withdrawn) if text for said in _said(text)]
    words += [f"Subject: {row.subject}"] if undelivered and row.subject else []
    if not words:
        return []
    people = list({row.author, row.sender, *undelivered} - {0})
    found = snapshot.connection.execute(_NOTICES, {"people": people, "since": row.received}).all()
    return [Mail(*each) for each in found if _says(content.load(snapshot, where, each.content), words)]


def _answers(snapshot: Snapshot, row: Row[Any]) -> list[Mail]:
    """By which resources that it invited answered, with its summary."""
    return [Mail(*each) for each in snapshot.connection.execute(_ANSWERS, {"submission": row.submission})]


def _said(reason: str) -> tuple[str, str]:
    """How notices tell a reason: as it is, or quoted as a colleague's."""
    return f"Reason: {reason}", notices.quoted("Your colleague", reason)


def _says(raw: bytes, words: Sequence[str]) -> bool:
    """Whether a notice that we wrote says one of these."""
    octets = email.message_from_bytes(raw).get_payload(decode=True)
    text = " ".join(octets.decode("utf-8", "replace").split()) if isinstance(octets, bytes) else ""
    return any(" ".join(each.split()) in text for each in words)
