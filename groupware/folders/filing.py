"""APPEND, COPY, MOVE, EXPUNGE: what officials put into their own folders and take out of them.

A copy is a place, not bytes. Rooms are written to by posting only, and nobody takes a post out of a room here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, bindparam, delete, exists, insert, literal, select

from directory import tables as directory
from groupware import content, personal_mail, rendering, tables
from groupware.errors import Forbidden
from groupware.folders import numbering
from groupware.folders.changes import DELETED
from groupware.folders.names import FolderKind, FolderName
from groupware.folders.numbering import Item, State
from groupware.store.dialect import current_txid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Tx

SLICE = 500
_place, _copy, _mail = tables.place.c, tables.copy.c, tables.mail.c
_SOURCE = (
    select(_place.uid, _place.post, _place.mail, _place.rendering, _place.at, _place.flags)
    .where(_place.folder == bindparam("folder"), _place.uid.in_(bindparam("uids", expanding=True)))
    .order_by(_place.uid)
)
_MARKED = (
    select(_place.uid)
    .where(_place.folder == bindparam("folder"), _place.flags.op("&")(DELETED) != 0)
    .order_by(_place.uid)
)
_UNIT = select(directory.official.c.unit).where(directory.official.c.id == bindparam("official"))
_DELIVERED = select(_copy.id).where(
    _copy.official == bindparam("official"), _copy.post == bindparam("post"), _copy.mail == bindparam("mail")
)
_DELIVER = insert(tables.copy).values(txid=current_txid())
_TAKE_BACK = delete(tables.copy).where(
    _copy.official == bindparam("by"), _copy.post == bindparam("of_post"), _copy.mail == bindparam("of_mail")
)
_ORPHANS = (
    select(_mail.id, _mail.rendering, tables.rendering.c.content)
    .join(tables.rendering, tables.rendering.c.id == _mail.rendering)
    .where(
        _mail.id.in_(bindparam("mails", expanding=True)),
        _mail.kind == "own",
        ~exists(literal(1)).where(
            _place.folder == tables.folder.c.id,
            tables.folder.c.official == _mail.author,
            _place.post == 0,
            _place.mail == _mail.id,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Filed:
    """RFC 4315 COPYUID: the destination's UIDVALIDITY, and old and new UIDs in the same order."""

    uidvalidity: int
    taken: Sequence[int]
    given: Sequence[int]


def append(
    tx: Tx,
    monitor: Monitor,
    caller: Caller,
    into: FolderName,
    raw: content.Prepared,
    made: rendering.Rendered,
    flags: int,
    at: int | None,
) -> Filed:
    """APPEND: the caller's own bytes, kept exactly, in one of the caller's own folders. `at` is INTERNALDATE.

    Raises Forbidden(post-by-mail) for a room's folder.
    """
    _require_own(into)
    state = numbering.open_folder(tx, monitor, caller, into)
    kept = rendering.add(tx, made, content.add(tx, raw))
    unit = tx.connection.execute(_UNIT, {"official": caller.official}).scalar_one()
    mail = personal_mail.Mail(kept, "own", caller.official, unit, personal_mail.DEFAULT.marking)
    item = Item(0, personal_mail.add(tx, mail).id, kept, tx.now if at is None else at)
    state, uids = _place_in(tx, caller, state, [item], [flags])
    return Filed(state.uidvalidity, (), uids)


def copy(
    tx: Tx, monitor: Monitor, caller: Caller, source: int, uids: Sequence[int], into: FolderName, *, move: bool = False
) -> Filed:
    """COPY or MOVE (RFC 6851) to one of the caller's own folders. Raises Forbidden where rooms are touched by it."""
    _require_own(into)
    state = numbering.bring_up_to_date(tx, monitor, caller, source)
    if move and state.kind is FolderKind.AREA:
        raise Forbidden("rooms-are-not-emptied", "posts can't be moved out of a room")
    rows = _rows(tx, source, uids)
    target = numbering.open_folder(tx, monitor, caller, into)
    items = [Item(row.post, row.mail, row.rendering, row.at) for row in rows]
    target, given = _place_in(tx, caller, target, items, [row.flags & ~DELETED for row in rows])
    if move:
        _take_out(tx, caller, numbering.bring_up_to_date(tx, monitor, caller, source), rows, keep=into)
    return Filed(target.uidvalidity, [row.uid for row in rows], given)


def expunge(tx: Tx, monitor: Monitor, caller: Caller, folder: int, uids: Sequence[int] | None = None) -> list[int]:
    """EXPUNGE, or UID EXPUNGE (RFC 4315 2.1) of these: returns the UIDs that went.

    In a room's folder nothing can be marked deleted, and so nothing goes.
    """
    state = numbering.bring_up_to_date(tx, monitor, caller, folder)
    marked = list(tx.connection.execute(_MARKED, {"folder": folder}).scalars())
    if uids is not None:
        marked = sorted(set(marked) & set(uids))
    _take_out(tx, caller, state, _rows(tx, folder, marked))
    return marked


def _require_own(into: FolderName) -> None:
    if into.kind is FolderKind.AREA:
        raise Forbidden("post-by-mail", "rooms are written to by sending mail to their address")


def _rows(tx: Tx, folder: int, uids: Sequence[int]) -> list[Row[Any]]:
    rows: list[Row[Any]] = []
    for start in range(0, len(uids), SLICE):
        rows += tx.connection.execute(_SOURCE, {"folder": folder, "uids": list(uids[start : start + SLICE])})
    return rows


def _place_in(
    tx: Tx, caller: Caller, state: State, items: Sequence[Item], flags: Sequence[int]
) -> tuple[State, list[int]]:
    """Number the items; in the INBOX they count as delivered, or the next look would take them for lost."""
    state, uids = numbering.number(tx, state, items, flags)
    numbering.save(tx, state)
    if state.kind is FolderKind.INBOX:
        for item in items:
            values = {"official": caller.official, "post": item.post, "mail": item.mail}
            if tx.connection.execute(_DELIVERED, values).first() is None:
                tx.connection.execute(_DELIVER, values)
    return state, uids


def _take_out(tx: Tx, caller: Caller, state: State, rows: Sequence[Row[Any]], keep: FolderName | None = None) -> None:
    """Remove places; from the INBOX the deliveries too; and what was the caller's own and lies nowhere any more."""
    numbering.save(tx, numbering.remove(tx, state, [row.uid for row in rows]))
    if state.kind is FolderKind.INBOX and (keep is None or keep.kind is not FolderKind.INBOX):
        for row in rows:
            tx.connection.execute(_TAKE_BACK, {"by": caller.official, "of_post": row.post, "of_mail": row.mail})
    forget_own(tx, [row.mail for row in rows if row.mail])


def forget_own(tx: Tx, mails: Sequence[int]) -> None:
    """Erase messages that their only reader threw away: rows and bytes (a large file goes with the next sweep)."""
    for start in range(0, len(mails), SLICE):
        for row in tx.connection.execute(_ORPHANS, {"mails": list(mails[start : start + SLICE])}).all():
            for table, key, value in (
                (tables.mail_recipient, tables.mail_recipient.c.mail, row.id),
                (tables.mail, tables.mail.c.id, row.id),
                (tables.search_text, tables.search_text.c.rendering, row.rendering),
                (tables.rendering, tables.rendering.c.id, row.rendering),
                (tables.content, tables.content.c.id, row.content),
            ):
                tx.connection.execute(delete(table).where(key == value))
