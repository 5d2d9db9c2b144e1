"""Everything that there is of one post, found by ids and names: what erasing it has to reach."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, exists, select

from groupware import tables
from groupware.draft_tables import draft_mail
from groupware.release_tables import package, release
from groupware.retention.seeking import Mail
from groupware.retention_tables import erasure

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row

    from groupware.store import Snapshot

_post, _rendering, _content, _mail = tables.post.c, tables.rendering.c, tables.content.c, tables.mail.c
_place, _folder, _to, _out = tables.place.c, tables.folder.c, tables.mail_recipient.c, tables.outbound.c
_submission = tables.submission.c
_POST: Select[Any] = (
    select(
        *(_post.id, _post.room, _post.state, _post.author, _post.sender, _post.submission, _post.rendering),
        *(_rendering.message_id, _submission.content, _content.sha256, _content.size),
    )
    .join(tables.rendering, _rendering.id == _post.rendering)
    .join(tables.submission, _submission.id == _post.submission)
    .join(tables.content, _content.id == _submission.content)
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
_ANSWERS = _MAILS.join(tables.booking_answer, tables.booking_answer.c.mail == _mail.id).where(
    tables.booking_answer.c.submission == bindparam("submission")
)
_PACKAGES = (
    select(package.c.message)
    .join(release, release.c.id == package.c.release)
    .where(release.c.post == bindparam("post"))
)


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


def find(snapshot: Snapshot, post: int, noticed: Sequence[Mail] = ()) -> Doomed:
    """What there is of a post, of which notices speak; of one that was erased, its empty rows, which are left."""
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
        notices=[*noticed, *(_answers(snapshot, row) if whole else ())],
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


def _answers(snapshot: Snapshot, row: Row[Any]) -> list[Mail]:
    """By which resources that it invited answered, with its summary."""
    return [Mail(*each) for each in snapshot.connection.execute(_ANSWERS, {"submission": row.submission})]
