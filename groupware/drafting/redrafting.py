"""A drafter writes a draft anew: another message, in whose favour the first one ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware import draft_endings, drafts, given, posting
from groupware.confirmation import rewriting
from groupware.drafting import rows
from groupware.errors import NotFound
from policies.vocabulary import Action, Kind

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from sqlalchemy import Row

    from groupware.caller import Caller
    from groupware.confirmation.rewriting import Version
    from groupware.monitor import Monitor
    from groupware.posting import Receipt, Submission
    from groupware.store import Snapshot, Tx


def version(
    snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str, words: tuple[str, str], where: tuple[str, Path]
) -> Version:
    """The new message. Raises NotFound or Forbidden (told alike), Conflict(already-decided), Refused by rule."""
    require_own(snapshot, monitor, caller, token)
    return rewriting.anew(snapshot, monitor, caller, token, words, where)


def replace(tx: Tx, monitor: Monitor, caller: Caller, token: str, submission: Submission) -> Receipt:
    """Hand in the new version and end the first. Raises as `version` and posting.submit do."""
    row = require_own(tx, monitor, caller, token)
    receipt = posting.submit(tx, monitor, submission)
    draft_endings.end(tx, row, "superseded", caller.official, caller.door)
    return receipt


def require_own(snapshot: Snapshot, monitor: Monitor, caller: Caller, token: str) -> Row[Any]:
    """The caller's own draft, while it waits."""
    row = rows.by_token(snapshot, given.name(token))
    if caller.official not in (row.author, row.sender):
        raise NotFound(token)
    if row.word:
        raise drafts.already(snapshot, row.word, row.by, row.said)
    monitor.require(snapshot, caller, Action.WITHDRAW, Kind.POST, row.id).use(snapshot, Action.WITHDRAW, row.id)
    return row
