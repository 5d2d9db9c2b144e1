"""Which posts a legal hold keeps (groupware/retention/holds.py places it): for whatever would end one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, exists, or_

from groupware import tables
from groupware.retention_tables import legal_hold

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement

POST, THREAD, ROOM = "post", "thread", "room"
_h, _post = legal_hold.c, tables.post.c


def held() -> ColumnElement[bool]:
    """True for rows of `post` that a hold keeps."""
    on = (
        and_(_h.kind == POST, _h.subject == _post.id),
        and_(_h.kind == THREAD, _h.subject == _post.thread),
        and_(_h.kind == ROOM, _h.subject == _post.room),
    )
    return or_(*(exists().where(each, _h.lifted == 0) for each in on))
