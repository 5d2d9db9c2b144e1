"""Marking a post anew is its owner's act: wider or stricter, with a reason, on record.

The bytes stay as they were received. The post gets another rendering, which whoever opens it from now on reads; a
message that a mail client has numbered already keeps the bytes that it had (RFC 9051 2.3.1.1), its old label included.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, and_, bindparam, insert, select, update

from directory import officials, rights
from directory import tables as directory
from groupware import content, given, labels, mark_endings, rendering, tables
from groupware.draft_tables import draft
from groupware.drafting import authorised
from groupware.errors import Conflict, NotFound, Refused
from groupware.events import EventKind
from groupware.marking_tables import remarking
from groupware.marks import loosening
from groupware.marks.loosening import Word
from groupware.message.markings import UNMARKED, Marks
from groupware.message.scan import Scanned, scan
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.monitor import Monitor, View
    from groupware.store import Snapshot, Tx

LONGEST_REASON = 1_000
_authoriser = directory.official.c
_post, _rendering, _room, _m = tables.post.c, tables.rendering.c, tables.room.c, remarking.c
_POSTS: Select[Any] = (
    select(
        *(_post.id, _post.room, _post.rendering, _post.marking, _post.handling, _post.received, _post.loosener),
        *(_room.code, _room.handling.label("room_handling"), _rendering.message_id, _rendering.content),
        *(_authoriser.name.label("authoriser"), _authoriser.address.label("authoriser_address")),
    )
    .outerjoin(draft, and_(draft.c.post == _post.id, draft.c.word == "authorised"))
    .outerjoin(directory.official, _authoriser.id == draft.c.by)
    .join(tables.rendering, _rendering.id == _post.rendering)
    .join(tables.room, _room.id == _post.room)
)
_BY_TOKEN = _POSTS.where(_post.token == bindparam("name"))
_BY_MESSAGE_ID = _POSTS.where(_rendering.message_id == bindparam("name")).order_by(_post.id)
_AMONG = select(_post.token).where(_post.token.in_(bindparam("tokens", expanding=True)))
_MARK = (
    update(tables.post)
    .where(_post.id == bindparam("this"), _post.rendering == bindparam("was"))
    .values(marking=bindparam("to_marking"), handling=bindparam("to_handling"), rendering=bindparam("to_rendering"))
)
_KEEP = insert(remarking)
_ACTS: Select[Any] = (
    select(_m.at, _m.by, _m.operator, _m.was_marking, _m.was_handling, _m.marking, _m.handling, _m.reason, _m.second)
    .where(_m.post == bindparam("post"))
    .order_by(_m.id)
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the owner says: of the post with this token or Message-ID. `operator`: on the command line.

    Where `code_stays`, the handling code is what it was.
    """

    name: str
    marks: Marks
    reason: str
    operator: bool = False
    code_stays: bool = False

    def of(self, row: Row[Any]) -> Marks:
        """What a post is to have."""
        return Marks(self.marks.marking, Handling(row.handling)) if self.code_stays else self.marks


@dataclass(frozen=True, slots=True)
class Ready:
    """A post, rendered anew, for the transaction."""

    row: Row[Any]
    rendered: rendering.Rendered


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the record."""

    at: int
    by: str
    operator: bool
    was: Marks
    marks: Marks
    reason: str
    confirmed_by: str = ""


def raws(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, wanted: Wanted, where: Path
) -> list[tuple[Row[Any], bytes]]:
    """The posts that are meant, with their bytes. Raises NotFound, alike for what the caller may not mark or read."""
    found = _found(_views(snapshot, monitor, caller), wanted.name)
    if not found:
        raise NotFound(wanted.name)
    return [(row, content.load(snapshot, where, row.content)) for row in found]


def asked_raws(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str, seen: int, where: Path
) -> tuple[Row[Any], list[tuple[Row[Any], bytes]]]:
    """The last ask about a post, and the post with its bytes: what was `seen` is confirmed, and nothing else.

    Raises NotFound, alike as `raws` does, and Conflict(changed-meanwhile).
    """
    found = raws(snapshot, monitor, caller, Wanted(token, UNMARKED, ""), where)
    row = loosening.last(snapshot, token)
    if row.id != seen:
        raise another()
    return row, found


def another() -> Conflict:
    """Who asked has asked anew since: nobody's word is about what they haven't read."""
    return Conflict("changed-meanwhile", "another marking is asked for meanwhile")


def ready(domain: str, wanted: Wanted, found: Sequence[tuple[Row[Any], bytes]]) -> list[Ready]:
    """The renderings; in a thread, for it takes CPU. Raises Refused(reason-needed), Refused(reason-too-long)."""
    if not wanted.reason.strip():
        raise Refused("reason-needed", "say why the post is marked anew")
    if len(wanted.reason) > LONGEST_REASON:
        raise Refused("reason-too-long", f"a reason has at most {LONGEST_REASON} characters")
    return [Ready(row, _rendered(domain, row, raw, wanted.of(row))) for row, raw in found]


def change(tx: Tx, monitor: Monitor, caller: Caller, wanted: Wanted, made: Sequence[Ready]) -> int:
    """Mark them, or ask for it where that takes another person's word; of how many it is asked.

    Raises NotFound, Conflict(same-marking), Conflict(changed-meanwhile), and as loosening.ask does.
    """
    allowed = {row.id for row in _found(_views(tx, monitor, caller), wanted.name)}
    found = [each for each in made if each.row.id in allowed]
    if not found:
        raise NotFound(wanted.name)
    todo = [each for each in found if _marks(each.row) != wanted.of(each.row)]
    if not todo:
        raise Conflict("same-marking", "the post is marked so already")
    return sum([_one(tx, monitor, caller, wanted, each) for each in todo])


def confirm(
    tx: Tx, monitor: Monitor, caller: Caller, asked: Row[Any], made: Sequence[Ready], word: Word, note: str
) -> str:
    """Say a word about what is asked for; what has become of it by that: fallen, where who asked may no more.

    `made` is the one post. Raises as loosening.require does, and Conflict(changed-meanwhile).
    """
    row = loosening.last(tx, asked.token)
    if row.id != asked.id:
        raise another()
    loosening.require(tx, monitor, caller, row, word)
    if word is Word.REFUSE and not note.strip():
        raise Refused("reason-needed", "say why it is refused")
    if word is Word.CONFIRM and not loosening.asker_may(tx, monitor, row):
        mark_endings.end(tx, row, "fallen")
        return "fallen"
    mark_endings.end(tx, row, loosening.BECOMES[word], caller.official, note)
    if word is Word.CONFIRM:
        wanted = wanted_by(row)
        for each in made:
            _change(tx, wanted, each, row.asker, caller.official)
        rights.bump(tx.connection)
    return loosening.BECOMES[word]


def wanted_by(asked: Row[Any]) -> Wanted:
    """What an ask is for."""
    marks = Marks(Marking(asked.marking), Handling(asked.handling))
    return Wanted(asked.token, marks, asked.reason, operator=asked.operator)


def _one(tx: Tx, monitor: Monitor, caller: Caller, wanted: Wanted, each: Ready) -> bool:
    row, to = each.row, wanted.of(each.row)
    monitor.require(tx, caller, Action.MARK, Kind.POST, row.id).use(tx, Action.MARK, row.id)
    if loosening.needs_two(tx, monitor, row.room, _marks(row), to):
        loosening.ask(tx, monitor, caller, row, to, wanted.reason, operator=wanted.operator)
        return True
    mark_endings.end_of_post(tx, row.id, "superseded", caller.official)
    _change(tx, wanted, each, caller.official)
    rights.bump(tx.connection)
    return False


def markable(snapshot: Snapshot, monitor: Monitor, caller: Caller, tokens: Sequence[str]) -> frozenset[str]:
    """Those of the posts that the caller may mark anew."""
    view = monitor.view(snapshot, caller, Action.MARK, Kind.POST)
    values = {"tokens": list(tokens), **view.parameters}
    return frozenset(snapshot.connection.scalars(_AMONG.where(view.clause), values))


def acts(snapshot: Snapshot, monitor: Monitor, caller: Caller, name: str) -> Sequence[Act]:
    """What was done to the marking of a post that the caller can read, oldest first. Raises NotFound."""
    found = _found([monitor.view(snapshot, caller, Action.READ, Kind.POST)], name)
    if not found:
        raise NotFound(name)
    rows = snapshot.connection.execute(_ACTS, {"post": found[0].id})
    return [_act(snapshot, row) for row in rows]


def _act(snapshot: Snapshot, row: Row[Any]) -> Act:
    was = Marks(Marking(row.was_marking), Handling(row.was_handling))
    name = officials.get(snapshot.connection, row.by).name
    second = officials.get(snapshot.connection, row.second).name if row.second else ""
    return Act(row.at, name, row.operator, was, _marks(row), row.reason, second)


def _views(snapshot: Snapshot, monitor: Monitor, caller: Caller) -> list[View]:
    """Nobody marks what they can't read."""
    return [monitor.view(snapshot, caller, action, Kind.POST) for action in (Action.MARK, Action.READ)]


def _found(views: Sequence[View], name: str) -> Sequence[Row[Any]]:
    is_name = name.startswith("<") or "@" in name
    statement = _BY_MESSAGE_ID if is_name else _BY_TOKEN
    values: dict[str, Any] = {"name": given.name(f"<{name.strip('<>')}>" if is_name else name)}
    for view in views:
        statement, values = statement.where(view.clause), values | view.parameters
    return views[0].snapshot.connection.execute(statement, values).all()


def _rendered(domain: str, row: Row[Any], raw: bytes, marks: Marks) -> rendering.Rendered:
    scanned: Scanned = scan(raw, strict=False, ours=True)
    fields = [
        labels.received_field(domain, row.received),
        *labels.missing_fields(scanned, row.message_id, row.received),
        *labels.room_fields(row.code, marks, domain),
        *labels.receipt_fields(scanned, domain),
    ]
    if row.authoriser_address:
        fields.insert(0, (authorised.FIELD, authorised.value(row.authoriser, row.authoriser_address)))
    code = marks.handling if marks.handling > row.room_handling else Handling.H0
    return rendering.render(raw, scanned, fields, marks.marking, code, exactly=True)


def _marks(row: Row[Any]) -> Marks:
    return Marks(Marking(row.marking), Handling(row.handling))


def _change(tx: Tx, wanted: Wanted, each: Ready, by: int, second: int = 0) -> None:
    row, marks = each.row, wanted.of(each.row)
    made = rendering.add(tx, each.rendered, row.content)
    to = {"to_marking": int(marks.marking), "to_handling": int(marks.handling), "to_rendering": made}
    if tx.change(_MARK, {"this": row.id, "was": row.rendering, **to}) != 1:
        raise Conflict("changed-meanwhile", "somebody has marked it anew meanwhile")
    kept = {"post": row.id, "at": tx.now, "by": by, "operator": wanted.operator, "reason": wanted.reason}
    was = {"was_marking": row.marking, "was_handling": row.handling, "second": second}
    tx.connection.execute(_KEEP, {**kept, **was, "marking": int(marks.marking), "handling": int(marks.handling)})
    tx.record(EventKind.POST_MARKED, row.id, row.room)
