"""What one keeper of a body's entries does, the others hear of, and so do its security officers: one notice an act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from directory import watchers
from groupware import notices
from groupware.people import keepers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from directory.officials import Official
    from groupware.people.leave import Leave
    from groupware.store import Tx

MOST_NAMED = 50
IF_WRONG = "If you know nothing of it, ask who did it."


def tell(tx: Tx, domain: str, leave: Leave, subject: str, text: str) -> None:
    """Tell all of them but who acts."""
    others = [each for each in watchers.of(tx.connection, leave.body, tx.now) if each != leave.by]
    notices.send(tx, domain, others, subject, text)


def of_new(tx: Tx, domain: str, leave: Leave, added: Sequence[Official]) -> None:
    """New officials: by name, with what they are cleared for."""
    if added:
        said = [f"{each.name} ({each.login}), clearance {each.clearance}" for each in added[:MOST_NAMED]]
        _digest(tx, domain, leave, f"New officials: {len(added)}", "has added", said, len(added))


def of_clearances(tx: Tx, domain: str, leave: Leave, pairs: Sequence[tuple[Official, Official]]) -> None:
    """Of rows before and after, those whose clearance was raised."""
    raised = [(before, after) for before, after in pairs if after.clearance > before.clearance]
    if raised:
        some = raised[:MOST_NAMED]
        said = [f"{new.name} ({new.login}), from {old.clearance} to {new.clearance}" for old, new in some]
        _digest(tx, domain, leave, f"Clearances were raised: {len(raised)}", "has raised", said, len(raised))


def _digest(tx: Tx, domain: str, leave: Leave, subject: str, did: str, said: Sequence[str], many: int) -> None:
    more = [f"and {many - len(said)} more"] if many > len(said) else []
    lines = "\n".join([f"{keepers.name_of(tx, leave.by)} {did}:", *said, *more])
    tell(tx, domain, leave, subject, f"{lines}\n\n{IF_WRONG}")
