"""UIDs: given per reader and folder, dense, in the order in which things became visible, and never used again.

A folder is brought up to date when somebody looks. Normally what lies behind its cursor in the log (an area) or among
the deliveries (the INBOX) is asked for and numbered. When the rights have changed since, or a date has passed at which
they do, everything in it is compared with what the policies let its reader list now: what is lost goes, and its number
with it; what is new gets the next one. So no gap and no jump tells of an item that the reader may not see.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    Row,
    and_,
    bindparam,
    delete,
    exists,
    insert,
    literal,
    select,
    update,
)

from groupware import clock, tables
from groupware.errors import Refused
from groupware.events import EventKind
from groupware.folders.names import FolderKind, FolderName
from groupware.monitor import Monitor, Stamp
from groupware.sign_in import still_in_office
from groupware.store.dialect import behind, settled_below
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Select

    from groupware.caller import Caller
    from groupware.store import Snapshot, Tx

_folder, _place, _copy, _event = tables.folder.c, tables.place.c, tables.copy.c, tables.event.c
_post, _mail, _rendering = tables.post.c, tables.mail.c, tables.rendering.c


@dataclass(frozen=True, slots=True)
class State:
    """A folder's counters as of one moment, and the rights for which its places are known to be readable."""

    id: int
    kind: FolderKind
    room: int
    uidvalidity: int
    uidnext: int
    modseq: int
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Item:
    """Something to be numbered: a post or a mail (the other is 0), its rendering, and its INTERNALDATE."""

    post: int
    mail: int
    rendering: int
    at: int


_COLUMNS = (
    _folder.id,
    _folder.kind,
    _folder.room,
    _folder.uidvalidity,
    _folder.uidnext,
    _folder.modseq,
    _folder.rights,
    _folder.until,
    _folder.txid,
    _folder.event,
    _folder.official,
)
_BY_NAME: Select[Any] = select(*_COLUMNS).where(
    _folder.official == bindparam("official"), _folder.name == bindparam("name")
)
_BY_ID: Select[Any] = select(*_COLUMNS).where(_folder.id == bindparam("folder"))
_TAKE_BY_NAME, _TAKE_BY_ID = _BY_NAME.with_for_update(), _BY_ID.with_for_update()
"""For who numbers: on PostgreSQL a second session waits, and begins anew, rather than giving the same number."""
_CREATE = insert(tables.folder)
_SAVE = (
    update(tables.folder)
    .where(_folder.id == bindparam("this"))
    .values(
        uidnext=bindparam("to_uidnext"),
        modseq=bindparam("to_modseq"),
        rights=bindparam("to_rights"),
        until=bindparam("to_until"),
        txid=bindparam("to_txid"),
        event=bindparam("to_event"),
    )
)
_PLACE = insert(tables.place)
_GONE = insert(tables.gone)
_REMOVE = delete(tables.place).where(
    _place.folder == bindparam("this"), _place.uid.in_(bindparam("uids", expanding=True))
)
_AT, _AFTER = bindparam("txid", type_=BigInteger), bindparam("event", type_=BigInteger)
"""The cursor of a folder."""
_AREA_HEAD = (
    select(_event.txid, _event.id)
    .where(
        _event.room == bindparam("room"),
        _event.txid < settled_below(),
        _event.kind == EventKind.POST_PUBLISHED.value,
    )
    .order_by(_event.txid.desc(), _event.id.desc())
    .limit(1)
)
"""What was held or refused moves no cursor. A withdrawal moves the rights, and is found with what else is lost."""
_INBOX_HEAD = (
    select(_copy.txid, _copy.id)
    .where(_copy.official == bindparam("official"), _copy.txid < settled_below())
    .order_by(_copy.txid.desc(), _copy.id.desc())
    .limit(1)
)
_IN_FOLDER = exists(literal(1)).where(_place.folder == bindparam("folder"))
"""A look that needs no column but the index's: with `SELECT *` SQLite reads the whole folder for each item."""
_HAS_PLACE_POST = _IN_FOLDER.where(_place.post == _post.id, _place.mail == 0)
_HAS_PLACE_COPY = _IN_FOLDER.where(_place.post == _copy.post, _place.mail == _copy.mail)
_AREA_ITEMS = select(
    _post.id.label("post"), literal(0).label("mail"), _post.rendering, _rendering.received.label("at")
).join(tables.rendering, _rendering.id == _post.rendering)
_AREA_NEW = (
    _AREA_ITEMS.join(tables.event, _event.subject == _post.id)
    .where(
        _event.room == bindparam("room"),
        behind(_event.txid, _event.id, _AT, _AFTER),
        _event.txid < settled_below(),
        _event.kind == EventKind.POST_PUBLISHED.value,
        ~_HAS_PLACE_POST,
    )
    .order_by(_event.txid, _event.id)
)
_AREA_ALL = _AREA_ITEMS.where(_post.room == bindparam("room"), _post.state == "published", ~_HAS_PLACE_POST).order_by(
    _post.published, _post.id
)
_COPIES = select(
    _copy.txid, _copy.id, _copy.post, _copy.mail, _rendering.id.label("rendering"), _rendering.received
).where(_copy.official == bindparam("official"), ~_HAS_PLACE_COPY)
_POST_COPIES = _COPIES.join(tables.post, _post.id == _copy.post).join(
    tables.rendering, _rendering.id == _post.rendering
)
_MAIL_COPIES = _COPIES.join(tables.mail, _mail.id == _copy.mail).join(
    tables.rendering, _rendering.id == _mail.rendering
)
_BEHIND_CURSOR = and_(behind(_copy.txid, _copy.id, _AT, _AFTER), _copy.txid < settled_below())
_NUMBERED_POSTS = select(_place.uid).where(_place.folder == bindparam("folder"), _place.post != 0)
_NUMBERED_MAILS = select(_place.uid).where(_place.folder == bindparam("folder"), _place.mail != 0)
_LISTED_POSTS = _NUMBERED_POSTS.join(tables.post, _post.id == _place.post)
_LISTED_MAILS = _NUMBERED_MAILS.join(tables.mail, _mail.id == _place.mail)
"""Joined and compared here: inside a NOT EXISTS for each place, SQLite works out the clause's sub-selects each time."""


def state_of(snapshot: Snapshot, caller: Caller, name: FolderName) -> State | None:
    """The folder's counters as they were left; None before it was ever opened."""
    row = snapshot.connection.execute(_BY_NAME, {"official": caller.official, "name": name.name}).first()
    return None if row is None else _state(row)


def is_current(snapshot: Snapshot, monitor: Monitor, caller: Caller, folder: int) -> State | None:
    """The folder's counters if nothing has to be numbered or removed in it; None if `bring_up_to_date` is due."""
    row = snapshot.connection.execute(_BY_ID, {"folder": folder}).one()
    if not _has_nothing_to_lose(snapshot, monitor, caller, row):
        return None
    return None if _head(snapshot, row) != (row.txid, row.event) else _state(row)


def as_left(snapshot: Snapshot, monitor: Monitor, caller: Caller, folder: int) -> State | None:
    """The folder's counters as they were left, if at most something new is missing from it; for a disk that is full."""
    row = snapshot.connection.execute(_BY_ID, {"folder": folder}).one()
    return _state(row) if _has_nothing_to_lose(snapshot, monitor, caller, row) else None


def _has_nothing_to_lose(snapshot: Snapshot, monitor: Monitor, caller: Caller, row: Row[Any]) -> bool:
    return bool(row.rights == monitor.stamp(snapshot, caller).version and snapshot.now < row.until)


def open_folder(tx: Tx, monitor: Monitor, caller: Caller, name: FolderName) -> State:
    """The folder, made at its first opening and brought up to date."""
    key = {"official": caller.official, "name": name.name}
    row = tx.connection.execute(_TAKE_BY_NAME, key).first()
    if row is None:
        seconds = tx.now // clock.MICROSECONDS
        tx.insert(_CREATE, {**key, "kind": name.kind.value, "room": name.room, "uidvalidity": seconds})
        row = tx.connection.execute(_BY_NAME, key).one()
    return _update(tx, monitor, caller, row)


def bring_up_to_date(tx: Tx, monitor: Monitor, caller: Caller, folder: int) -> State:
    """Number what has become visible and remove what isn't any more."""
    return _update(tx, monitor, caller, tx.connection.execute(_TAKE_BY_ID, {"folder": folder}).one())


def number(tx: Tx, state: State, items: Sequence[Item], flags: Sequence[int] | None = None) -> tuple[State, list[int]]:
    """Give the items the next UIDs of the folder; returns its new counters and those UIDs."""
    if not items:
        return state, []
    uids = list(range(state.uidnext, state.uidnext + len(items)))
    modseq = state.modseq + 1
    tx.connection.execute(
        _PLACE,
        [
            {
                "folder": state.id,
                "uid": uid,
                "rendering": item.rendering,
                "post": item.post,
                "mail": item.mail,
                "flags": flag,
                "modseq": modseq,
                "at": item.at,
            }
            for uid, item, flag in zip(uids, items, flags or [0] * len(items), strict=True)
        ],
    )
    return _moved(state, uids[-1] + 1, modseq), uids


def remove(tx: Tx, state: State, uids: Sequence[int]) -> State:
    """Take places away; their UIDs are remembered as gone and never given again."""
    if not uids:
        return state
    modseq = state.modseq + 1
    tx.connection.execute(_GONE, [{"folder": state.id, "uid": uid, "modseq": modseq} for uid in uids])
    for start in range(0, len(uids), 500):
        tx.connection.execute(_REMOVE, {"this": state.id, "uids": list(uids[start : start + 500])})
    return _moved(state, state.uidnext, modseq)


def touched(state: State) -> State:
    """The next modification sequence: for a change that neither adds nor removes."""
    return _moved(state, state.uidnext, state.modseq + 1)


def save(tx: Tx, state: State) -> None:
    """Keep the counters; the cursor stays where it is."""
    row = tx.connection.execute(_BY_ID, {"folder": state.id}).one()
    _save(tx, state, state.stamp, (row.txid, row.event))


def _update(tx: Tx, monitor: Monitor, caller: Caller, row: Row[Any]) -> State:
    """The whole of it: numbers, removals, cursor and stamp."""
    state, stamp = _state(row), monitor.stamp(tx, caller)
    head = _head(tx, row)
    whole = row.rights != stamp.version or tx.now >= row.until
    if not whole and head == (row.txid, row.event):
        return state
    if whole:
        _require_in_office(tx, caller)
        state = remove(tx, state, _lost(tx, monitor, caller, state))
    state, _ = number(tx, state, _new(tx, monitor, caller, row, whole=whole))
    state = State(state.id, state.kind, state.room, state.uidvalidity, state.uidnext, state.modseq, stamp)
    _save(tx, state, stamp, head)
    return state


def _require_in_office(tx: Tx, caller: Caller) -> None:
    """Somebody suspended may list nothing at all; their folders are left alone, since they may come back."""
    if not still_in_office(tx, caller.official):
        raise Refused("out-of-office")


def _save(tx: Tx, state: State, stamp: Stamp, head: tuple[int, int]) -> None:
    values = {
        "this": state.id,
        "to_uidnext": state.uidnext,
        "to_modseq": state.modseq,
        "to_rights": stamp.version,
        "to_until": stamp.until,
        "to_txid": head[0],
        "to_event": head[1],
    }
    tx.connection.execute(_SAVE, values)


def _head(snapshot: Snapshot, row: Row[Any]) -> tuple[int, int]:
    """Where the folder's source ends now; personal folders have none."""
    if row.kind == FolderKind.PERSONAL:
        return row.txid, row.event
    statement, values = (
        (_AREA_HEAD, {"room": row.room})
        if row.kind == FolderKind.AREA
        else (
            _INBOX_HEAD,
            {"official": row.official},
        )
    )
    found = snapshot.connection.execute(statement, values).first()
    return (found[0], found[1]) if found is not None else (0, 0)


def _new(tx: Tx, monitor: Monitor, caller: Caller, row: Row[Any], *, whole: bool) -> list[Item]:
    """What the caller may list and has no place yet: behind the cursor, or anywhere."""
    if row.kind == FolderKind.PERSONAL:
        return []
    values = {"folder": row.id, "room": row.room, "official": row.official, "txid": row.txid, "event": row.event}
    posts = monitor.view(tx, caller, Action.LIST, Kind.POST)
    if row.kind == FolderKind.AREA:
        statement = (_AREA_ALL if whole else _AREA_NEW).where(posts.clause)
        return [Item(*row) for row in tx.connection.execute(statement, {**values, **posts.parameters})]
    mails = monitor.view(tx, caller, Action.LIST, Kind.MAIL)
    where = () if whole else (_BEHIND_CURSOR,)
    found = [
        *tx.connection.execute(_POST_COPIES.where(posts.clause, *where), {**values, **posts.parameters}),
        *tx.connection.execute(_MAIL_COPIES.where(mails.clause, *where), {**values, **mails.parameters}),
    ]
    return [Item(*row[2:]) for row in sorted(found, key=lambda row: (row.txid, row.id))]


def _lost(tx: Tx, monitor: Monitor, caller: Caller, state: State) -> list[int]:
    """The UIDs of places whose item the caller may not list any more, or whose item is gone."""
    posts = monitor.view(tx, caller, Action.LIST, Kind.POST)
    mails = monitor.view(tx, caller, Action.LIST, Kind.MAIL)
    values = {"folder": state.id}
    connection = tx.connection
    lost = set(connection.scalars(_NUMBERED_POSTS, values)) - set(
        connection.scalars(_LISTED_POSTS.where(posts.clause), {**values, **posts.parameters})
    )
    lost |= set(connection.scalars(_NUMBERED_MAILS, values)) - set(
        connection.scalars(_LISTED_MAILS.where(mails.clause), {**values, **mails.parameters})
    )
    return sorted(lost)


def _state(row: Row[Any]) -> State:
    stamp = Stamp(row.rights, row.until)
    return State(row.id, FolderKind(row.kind), row.room, row.uidvalidity, row.uidnext, row.modseq, stamp)


def _moved(state: State, uidnext: int, modseq: int) -> State:
    return State(state.id, state.kind, state.room, state.uidvalidity, uidnext, modseq, state.stamp)
