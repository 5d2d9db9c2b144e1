"""A small file outside of every backup that says what was erased, and whose rights were taken: a restore asks it.

Its lines (told.py) are only ever appended. Who begins compares it with the rows, so what a crash left out, or a file
that was lost, is made up for. Posts are named by their tokens, officials by their logins: neither is given twice.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, bindparam, case, or_, select

from directory import tables as directory
from directory.access_tables import room_access
from groupware import tables
from groupware.backup.told import File, Line, What
from groupware.events import EventKind
from groupware.retention_tables import erasure
from groupware.steadily import steadily
from groupware.store.dialect import behind, settled_below

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from groupware.store import Snapshot, Store

LOOK_EVERY = 1.0
"""Seconds between two looks, at least."""
SLICE = 500
logger = logging.getLogger(__name__)
_LIFTED = {What.LEFT: What.BACK, What.SUSPENDED: What.BACK, What.BODY_SUSPENDED: What.BODY_BACK}
KINDS = (
    EventKind.POST_ERASED,
    EventKind.RIGHTS_CHANGED,
    EventKind.OFFICIAL_OFF_BOARDED,
    EventKind.GRANT_REVOKED,
    EventKind.APP_PASSWORD_REVOKED,
)
_e, _post, _grant = tables.event.c, tables.post.c, directory.role_grant.c
_official, _body, _rule, _room = directory.official.c, directory.body.c, room_access.c, tables.room.c
_secret = directory.app_password.c
_BEHIND = behind(_e.txid, _e.id, bindparam("txid", type_=BigInteger), bindparam("event", type_=BigInteger))
_HEAD = select(_e.txid, _e.id).where(_e.txid < settled_below()).order_by(_e.txid.desc(), _e.id.desc()).limit(1)
_NEXT = (
    select(_e.txid, _e.id, _e.kind, _e.subject)
    .where(_BEHIND, _e.txid < settled_below(), _e.kind.in_(KINDS))
    .order_by(_e.txid, _e.id)
    .limit(SLICE)
)
_ERASED = select(_post.token.label("name"), erasure.c.at).join(erasure, erasure.c.post == _post.id)
_THESE = _ERASED.where(_post.id.in_(bindparam("these", expanding=True)))
_IN = select(_official.login).where(~_official.suspended)
_OUT = select(
    _official.login.label("name"), case((_official.departed > 0, What.LEFT), else_=What.SUSPENDED).label("what")
).where(_official.suspended)
_BODIES_IN = select(_body.code).where(~_body.suspended)
_BODIES_OUT = select(_body.code.label("name")).where(_body.suspended)
_ENDED = (
    select(_official.login, _grant.role, _grant.id, _grant.valid_from, _grant.valid_until)
    .join(directory.official, _official.id == _grant.official)
    .where(or_(_grant.ended_by > 0, _grant.ended_why != ""), _grant.valid_until <= bindparam("now", type_=BigInteger))
)
_RULES_ENDED = (
    select(_room.code, _rule.access, _rule.id, _rule.granted, _rule.valid_until)
    .join(tables.room, _room.id == _rule.room)
    .where(_rule.ended > 0, _rule.valid_until <= bindparam("now", type_=BigInteger))
)
_REVOKED = (
    select(_official.login, _secret.selector, _secret.revoked)
    .join(directory.official, _official.id == _secret.official)
    .where(_secret.revoked <= bindparam("now", type_=BigInteger))
)
_START = (0, 0)


class Since:
    """Keeps the file at `path` for one store, which is the network `domain`, until cancelled."""

    def __init__(self, store: Store, path: Path, domain: str, key: Ed25519PrivateKey) -> None:
        self._store, self._path = store, path
        self.file = File(path, domain, key)
        self._place: tuple[int, int] | None = None
        self._known: dict[tuple[str, str], What] = {}

    async def run(self) -> None:
        """Until cancelled."""
        await steadily(self._store, f"the file {self._path}", self.step)

    async def step(self) -> bool:
        """Write down what is new; whether anything was. Raises OSError."""
        if self._place is None:
            await asyncio.to_thread(self.file.look)
            self._begin()
        place, lines = await self._store.read(self._look)
        new = [line for line in lines if self._known.get(line.about) != line.what]
        if new and not await asyncio.to_thread(self.file.append, new):
            logger.warning("%s isn't what it was: what isn't in it any more is written anew", self._path)
            self._place = None
            return True
        self.file.reader.lines.clear()
        self._known.update((line.about, line.what) for line in new)
        if self._place is None:  # from now on events name what is erased, once
            self._known = {about: what for about, what in self._known.items() if what is not What.ERASED}
        moved, self._place = place != self._place, place
        if moved:
            await asyncio.sleep(LOOK_EVERY)
        return moved

    def _begin(self) -> None:
        """With what the file says."""
        self._known = {line.about: line.what for line in self.file.reader.lines}
        if wrong := self.file.reader.wrong:
            logger.warning("%s: %d times it isn't believed, first %s", self._path, len(wrong), wrong[0])

    def _look(self, snapshot: Snapshot) -> tuple[tuple[int, int], list[Line]]:
        """How far the log has come, and what there is to say: at first of all rows, then of what events name."""
        head = snapshot.connection.execute(_HEAD).first()
        last = _START if head is None else (head.txid, head.id)
        if self._place is None:
            return last, [
                *_lines(snapshot.connection.execute(_ERASED)),
                *_standing(snapshot),
                *self._back(snapshot),
            ]
        at = {"txid": self._place[0], "event": self._place[1]}
        events = snapshot.connection.execute(_NEXT, at).all()
        if not events:
            return last, []
        erased = [event.subject for event in events if event.kind == EventKind.POST_ERASED]
        lines = list(_lines(snapshot.connection.execute(_THESE, {"these": erased}))) if erased else []
        if len(erased) < len(events):
            lines += [*_standing(snapshot), *self._back(snapshot)]
        return ((events[-1].txid, events[-1].id) if len(events) == SLICE else last), lines

    def _back(self, snapshot: Snapshot) -> list[Line]:
        """Of those who were shut out, whom that was taken back of; whom a restored backup doesn't know stays out."""
        inside = {("rights", login) for login in snapshot.connection.scalars(_IN)}
        inside |= {("body", code) for code in snapshot.connection.scalars(_BODIES_IN)}
        was = [(about, _LIFTED[what]) for about, what in self._known.items() if what in _LIFTED and about in inside]
        return [Line(what, name, snapshot.now) for (_, name), what in was]


def _standing(snapshot: Snapshot) -> list[Line]:
    """Who is shut out now, and which roles, rules and app passwords were ended."""
    now, connection = snapshot.now, snapshot.connection
    lines = [Line(What(row.what), row.name, now) for row in connection.execute(_OUT)]
    lines += [Line(What.BODY_SUSPENDED, row.name, now) for row in connection.execute(_BODIES_OUT)]
    for row in connection.execute(_ENDED, {"now": now}):
        lines.append(Line(What.ROLE_ENDED, f"{row.login} {row.role} {row.id} {row.valid_from}", row.valid_until))
    for row in connection.execute(_RULES_ENDED, {"now": now}):
        lines.append(Line(What.RULE_ENDED, f"{row.code} {row.access} {row.id} {row.granted}", row.valid_until))
    revoked = connection.execute(_REVOKED, {"now": now})
    lines += [Line(What.SECRET_REVOKED, f"{each.login} {each.selector}", each.revoked) for each in revoked]
    return lines


def _lines(rows: Iterable[Any]) -> Iterable[Line]:
    for row in rows:
        yield Line(What.ERASED, row.name, row.at)
