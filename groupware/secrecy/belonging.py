"""To which period what is stored belongs now: that of the last date of a post that shows it, as dates and holds are.

The packages in which a post left, and the mails in which it is enclosed as a draft, go with the post.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, exists, select

from groupware import tables
from groupware.draft_tables import draft_mail
from groupware.release_tables import package, release
from groupware.retention import classes
from groupware.retention_tables import erasure, retention_date
from groupware.sealing.seals import UNDATED, month

if TYPE_CHECKING:
    from collections.abc import Iterator

    from groupware.store import Tx

_post, _r, _d = tables.post.c, tables.rendering.c, retention_date.c
_DATED: Select[Any] = (
    select(_post.id, _post.received, _post.retention, _d.due)
    .select_from(tables.post)
    .outerjoin(retention_date, _d.post == _post.id)
    .where(~exists().where(erasure.c.post == _post.id))
)
_SHOWING = _DATED.join(tables.rendering, _r.id == _post.rendering).where(_r.content == bindparam("this"))
_PACKED = (
    _DATED.join(release, release.c.post == _post.id)
    .join(package, package.c.release == release.c.id)
    .where(package.c.message == bindparam("this"))
)
_ENCLOSED = (
    _DATED.join(draft_mail, draft_mail.c.post == _post.id)
    .join(tables.mail, tables.mail.c.id == draft_mail.c.mail)
    .join(tables.rendering, _r.id == tables.mail.c.rendering)
    .where(_r.content == bindparam("this"))
)
_PACKAGES = (
    select(package.c.message.label("content"))
    .join(release, release.c.id == package.c.release)
    .where(release.c.post == bindparam("post"))
)
_ENCLOSING = (
    select(_r.content)
    .join(tables.mail, tables.mail.c.rendering == _r.id)
    .join(draft_mail, draft_mail.c.mail == tables.mail.c.id)
    .where(draft_mail.c.post == bindparam("post"))
)


def together(tx: Tx, content: int, at: int) -> Iterator[tuple[int, str]]:
    """A content and all that goes with the posts that show it, each with its period.

    What should be gone already and is kept, on hold or not found due yet, belongs to the month of `at`: at that one's
    end it is looked at again.
    """
    known = classes.lengths(tx)
    shown = tx.rows(_SHOWING, {"this": content})
    rows = shown or [row for each in (_PACKED, _ENCLOSED) for row in tx.rows(each, {"this": content})]
    yield content, max((_month(row, known, at) for row in rows), default=UNDATED)
    for post in shown:
        for each in (_PACKAGES, _ENCLOSING):
            for row in tx.rows(each, {"post": post.id}):
                yield row.content, _month(post, known, at)


def period_for(tx: Tx, content: int, at: int) -> str:
    """The period of a content."""
    return next(together(tx, content, at))[1]


def _month(post: Any, known: dict[str, int], at: int) -> str:  # noqa: ANN401 -- a row of _DATED
    return month(max(post.due or post.received + classes.length_of(known, post.retention), at))
