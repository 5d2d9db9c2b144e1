"""Releases by mail: a reader writes to release@, and a delegate answers to the address that is theirs alone.

Submission has proven who sends; what they say stands at the beginning of the text. It is decided in the transaction
that keeps the mail, and said again to whoever sends it again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, select

from groupware import content, reading, tables
from groupware.chain import Facts, Verdict, judge
from groupware.clock import MICROSECONDS
from groupware.errors import Conflict, NotFound, Refused
from groupware.message.prints import NONE, Prints
from groupware.release_tables import release
from groupware.releases import asking, deciding
from groupware.releases.answers import word_of
from groupware.releases.words import Asked
from groupware.threads import readable
from policies.vocabulary import Kind

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.message.scan import Scanned
    from groupware.monitor import Monitor
    from groupware.reading import PostCard
    from groupware.recipients import Reply
    from groupware.store import Snapshot, Tx

FIELDS = ("to", "organisation", "purpose", "conditions", "until")
HOW = "begin with five lines: To: ADDRESS, Organisation:, Purpose:, Conditions:, Until: YYYY-MM-DD"
_FIELD = re.compile(r"\s*(to|organisation|purpose|conditions|until)\s*:\s*(.*)", re.IGNORECASE)
_SAME: Select[Any] = (
    select(tables.submission.c.id, tables.content.c.sha256)
    .join(tables.content, tables.content.c.id == tables.submission.c.content)
    .where(tables.submission.c.author == bindparam("author"), tables.submission.c.message_id == bindparam("name"))
)
_RELEASE_OF = select(release.c.id).where(release.c.submission == bindparam("submission"))
_KEEP = insert(tables.submission)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail about a release: `text` is what a page shows of it, `prints` the Message-IDs that it encloses."""

    caller: Caller
    scanned: Scanned
    message_id: str
    bytes: content.Prepared
    recipients: tuple[object, ...]
    text: str
    prints: Prints = NONE


def asked_of(text: str) -> Asked:
    """What the lines of an ask say. Raises Refused(unfit)."""
    found: dict[str, str] = {}
    for line in text.splitlines():
        field = _FIELD.fullmatch(line)
        if field and field[1].lower() not in found:
            found[field[1].lower()] = field[2].strip()
    if set(found) != set(FIELDS):
        raise Refused("unfit", HOW)
    return Asked(
        found["to"].strip("<>"), found["organisation"], found["purpose"], found["conditions"], day(found["until"])
    )


def day(text: str) -> int:
    """The last moment of a day in UTC, in microseconds. Raises Refused(unfit)."""
    try:
        after = datetime.combine(date.fromisoformat(text.strip()) + timedelta(days=1), time(), UTC)
    except (ValueError, OverflowError) as error:
        raise Refused("unfit", "the last day is written YYYY-MM-DD") from error
    return int(after.timestamp()) * MICROSECONDS - 1


def answer(tx: Tx, monitor: Monitor, letter: Letter, to: Reply) -> None:
    """A delegate's word. Raises as deciding.decide_by_address does, and Refused by rule."""
    require_plain(letter)
    if earlier(tx, letter) is None:
        word, note = word_of(letter.text)
        deciding.decide_by_address(tx, monitor, letter.caller, to.local, word, note)
        keep(tx, letter)


def ask(tx: Tx, monitor: Monitor, letter: Letter, post: int, prints: Prints) -> int:
    """A reader's ask for the post; returns its number. `prints` are the post's. Raises as asking.ask does."""
    require_plain(letter)
    kept = earlier(tx, letter)
    if kept is not None:
        return int(tx.connection.execute(_RELEASE_OF, {"submission": kept}).scalar_one())
    return asking.ask(tx, monitor, letter.caller, post, prints, asked_of(letter.text), keep(tx, letter))


def meant(snapshot: Snapshot, monitor: Monitor, letter: Letter) -> PostCard:
    """The post that is enclosed, else the one that is answered. Raises Refused(unfit)."""
    view = readable(snapshot, monitor, letter.caller, Kind.POST)
    for name in (*letter.prints.names, *reversed(letter.scanned.references)):
        try:
            return reading.by_message_id(view, name)
        except NotFound:
            continue
    raise Refused("unfit", "answer the message that you ask for, or enclose it")


def require_plain(letter: Letter) -> None:
    """The chain of every message: From is the sender's; and a robot decides nothing."""
    fate = judge(Facts(letter.caller, letter.caller, letter.scanned, letter.recipients))
    if fate.verdict is Verdict.REFUSE:
        raise Refused(fate.rule, fate.text)
    if len(letter.recipients) > 1:
        raise Refused("release-address-alone", "write to this address and to nobody else")
    if letter.scanned.auto_submitted not in ("", "no"):
        raise Refused("auto-submitted", "automatic messages decide nothing")


def earlier(snapshot: Snapshot, letter: Letter) -> int | None:
    """The submission of an earlier arrival of the same mail. Raises Conflict(message-id-reused)."""
    row = snapshot.connection.execute(_SAME, {"author": letter.caller.official, "name": letter.message_id}).first()
    if row is None:
        return None
    if bytes(row.sha256) != letter.bytes.sha256:
        raise Conflict("message-id-reused", "other bytes were accepted under this Message-ID")
    return int(row.id)


def keep(tx: Tx, letter: Letter) -> int:
    """The mail itself, on record; the id of its submission."""
    row = {
        "author": letter.caller.official,
        "message_id": letter.message_id,
        "content": content.add(tx, letter.bytes),
        "received": tx.now,
    }
    return tx.insert(_KEEP, row)
