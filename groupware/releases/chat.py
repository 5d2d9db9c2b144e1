"""Deciding in a chat: each delegate has a room of their own with ICONet, in which asks are told and answered.

What is strict is neither told nor decided there. Nothing said in it is a post.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, insert, select, update

from directory import tables as directory
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.release_tables import consent, consent_reply, release, release_chat
from groupware.releases import deciding, rows, telling
from groupware.releases.answers import word_of
from groupware.releases.words import State

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

HOW = "To decide, say: release NUMBER yes, or release NUMBER no, and your reason."
AT_ONCE = 20
_SAID = re.compile(r"\s*!?(?:release\s*)?(?:no\.?\s*)?([0-9]{1,18})\s*[:,]?\s+(.*)", re.IGNORECASE | re.DOTALL)
_t = consent_reply.c
_UNTOLD: Select[Any] = (
    select(_t.digest, _t.consent, _t.official, directory.official.c.login, directory.official.c.name)
    .join(consent, consent.c.id == _t.consent)
    .join(release, release.c.id == consent.c.release)
    .join(directory.official, directory.official.c.id == _t.official)
    .where(_t.chat == 0, consent.c.state == "open", release.c.state == State.ASKED)
    .order_by(_t.consent, _t.official)
    .limit(AT_ONCE)
)
_TOLD = update(consent_reply).where(_t.digest == bindparam("wanted")).values(chat=bindparam("at"))
_ROOM = select(release_chat.c.matrix).where(release_chat.c.official == bindparam("official"))
_WHOSE = (
    select(directory.official.c.login)
    .join(release_chat, release_chat.c.official == directory.official.c.id)
    .where(release_chat.c.matrix == bindparam("matrix"))
)
_KEEP = insert(release_chat)


@dataclass(frozen=True, slots=True)
class Telling:
    """What one delegate is to be told; `room` is theirs at the homeserver, "" while there is none."""

    key: bytes
    official: int
    login: str
    name: str
    room: str
    text: str


def untold(snapshot: Snapshot) -> Sequence[Telling]:
    """What is to be told, oldest first."""
    return [_telling(snapshot, row) for row in snapshot.connection.execute(_UNTOLD).all()]


def _telling(snapshot: Snapshot, row: Any) -> Telling:  # noqa: ANN401 -- a row
    known = rows.get(snapshot, rows.consent_of(snapshot, row.consent).release)
    room = snapshot.connection.execute(_ROOM, {"official": row.official}).scalar() or ""
    text = f"Your consent is asked.\n{telling.about(snapshot, known)}\n{telling.PORTAL}\n{HOW}"
    return Telling(bytes(row.digest), row.official, row.login, row.name, room, text)


def told(tx: Tx, key: bytes) -> None:
    """It is in their room."""
    tx.connection.execute(_TOLD, {"wanted": key, "at": tx.now})


def remember(tx: Tx, official: int, matrix: str) -> None:
    """This is their room."""
    if tx.connection.execute(_ROOM, {"official": official}).first() is None:
        tx.connection.execute(_KEEP, {"official": official, "matrix": matrix})


def whose(snapshot: Snapshot, matrix: str) -> str:
    """The login of whose room it is; "" for a room of another kind."""
    return str(snapshot.connection.execute(_WHOSE, {"matrix": matrix}).scalar() or "")


def say(tx: Tx, monitor: Monitor, caller: Caller, text: str) -> str:
    """What a delegate says has its effect, and this is what they are answered."""
    found = _SAID.fullmatch(text)
    if found is None:
        return HOW
    number = int(found[1])
    try:
        word, note = word_of(found[2])
        state = deciding.decide(tx, monitor, caller, number, word, note)
    except Refused as error:
        return f"Release no. {number}: {error.text}."
    except Conflict:
        return f"Release no. {number} has been decided already."
    except Forbidden:
        return f"Release no. {number} isn't for you to decide here."
    except NotFound:
        return f"There is no release no. {number} for you to decide."
    return f"Release no. {number}: your {word} is recorded; it is {state}."
