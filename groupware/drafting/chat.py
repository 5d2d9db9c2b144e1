"""Deciding in a chat: colleagues are told in the room that each has with ICONet alone, and answer there.

What is strict is neither told nor decided there (as groupware.releases.chat).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select, bindparam, select, update

from directory import tables as directory
from groupware import tables
from groupware.draft_tables import draft_reply
from groupware.drafting import asking, deciding, rows
from groupware.drafting.deciding import Word
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from groupware.release_tables import release_chat
from groupware.releases.answers import word_of
from groupware.releases.chat import Telling
from groupware.releases.words import Word as Said
from groupware.reply_addresses import UNTOLD_IN_CHAT
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.monitor import Monitor
    from groupware.store import Snapshot, Tx

HOW = "To decide, say: draft {} {} yes, or draft {} {} no, and your reason."
PORTAL = "Its text is in your mail and in the portal."
AT_ONCE = 20
_SAID = re.compile(
    r"\s*!?draft\s+([a-z0-9.-]{1,64})[\s/]+(?:no\.?\s*)?([0-9]{1,18})\s*[:,]?\s+(.*)", re.IGNORECASE | re.DOTALL
)
_WORDS = {Said.YES: Word.AUTHORISE, Said.NO: Word.REFUSE}
_t = draft_reply.c
_UNTOLD: Select[Any] = (
    select(
        _t.digest, _t.post, _t.official, directory.official.c.login, directory.official.c.name, release_chat.c.matrix
    )
    .join(tables.post, tables.post.c.id == _t.post)
    .join(directory.official, directory.official.c.id == _t.official)
    .outerjoin(release_chat, release_chat.c.official == _t.official)
    .where(_t.chat == UNTOLD_IN_CHAT, tables.post.c.state == "draft")
    .order_by(_t.post, _t.official)
    .limit(AT_ONCE)
)
_TOLD = update(draft_reply).where(_t.digest == bindparam("wanted")).values(chat=bindparam("at"))


def untold(snapshot: Snapshot) -> Sequence[Telling]:
    """What is to be told, oldest first."""
    return [_telling(snapshot, row) for row in snapshot.connection.execute(_UNTOLD).all()]


def told(tx: Tx, key: bytes) -> None:
    """It is in their room."""
    tx.connection.execute(_TOLD, {"wanted": key, "at": tx.now})


def is_about_draft(text: str) -> bool:
    """Whether it is said about a draft."""
    return _SAID.fullmatch(text) is not None


def say(tx: Tx, monitor: Monitor, caller: Caller, text: str) -> str:
    """What a colleague says has its effect, and this is what they are answered."""
    found = _SAID.fullmatch(text)
    if found is None:
        return HOW.format("ROOM", "NUMBER", "ROOM", "NUMBER")
    name = f"Draft no. {int(found[2])} in {found[1].lower()}"
    try:
        word, note = word_of(found[3])
        row = rows.by_number(tx, found[1].lower(), int(found[2]))
        if row.marking >= Marking.AMBER_STRICT:
            deciding.require(tx, monitor, caller, row)
            return f"{name} isn't decided here: use the portal or your mail."
        state = deciding.decide_one(tx, monitor, caller, row.id, _WORDS[word], note)
    except Refused as error:
        return f"{name}: {error.text}."
    except Conflict as error:
        said = f"is {error.text}" if error.rule == "already-decided" else f"goes nowhere: {error.text}"
        return f"{name} {said}."
    except (Forbidden, NotFound):
        return "There is no draft of this number for you to decide."
    return f"{name}: your {word} is recorded; it is {state}."


def _telling(snapshot: Snapshot, row: Any) -> Telling:  # noqa: ANN401 -- a row
    known = rows.get(snapshot, row.post)
    how = HOW.format(known.code, known.number, known.code, known.number)
    text = f"Your authorisation is asked.\n{asking.about(known)}\n{PORTAL}\n{how}"
    return Telling(bytes(row.digest), row.official, row.login, row.name, row.matrix or "", text)
