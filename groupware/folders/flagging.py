"""STORE: flags are a reader's own; they change nothing for anybody else."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update

from groupware import tables
from groupware.folders import numbering
from groupware.folders.changes import DELETED
from groupware.folders.names import FolderKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.folders.numbering import State
    from groupware.monitor import Monitor
    from groupware.store import Tx

SLICE = 500
_place = tables.place.c


class How(StrEnum):
    """What is done with the flags that were named (RFC 9051 6.4.6)."""

    ADD = "+"
    REMOVE = "-"
    REPLACE = ""


_WORKED_OUT = {
    How.ADD: _place.flags.op("|")(bindparam("bits")),
    How.REMOVE: _place.flags.op("&")(bindparam("others")),
    How.REPLACE: bindparam("bits"),
}
_STORE = {
    how: update(tables.place)
    .where(_place.folder == bindparam("this"), _place.uid.in_(bindparam("uids", expanding=True)))
    .values(flags=value, modseq=bindparam("to_modseq"))
    for how, value in _WORKED_OUT.items()
}
_FLAGS = (
    select(_place.uid, _place.flags)
    .where(_place.folder == bindparam("folder"), _place.uid.in_(bindparam("uids", expanding=True)))
    .order_by(_place.uid)
)


def store(
    tx: Tx, monitor: Monitor, caller: Caller, folder: int, uids: Sequence[int], how: How, bits: int
) -> tuple[State, list[tuple[int, int]]]:
    """Change the flags of those of the messages that are still there; returns the counters and (uid, flags) of each.

    Nothing in a room's folder can be marked deleted.
    """
    state = numbering.bring_up_to_date(tx, monitor, caller, folder)
    state = numbering.touched(state)
    allowed = bits & ~DELETED if state.kind is FolderKind.AREA else bits
    found: list[tuple[int, int]] = []
    for start in range(0, len(uids), SLICE):
        some = list(uids[start : start + SLICE])
        values = {"this": folder, "uids": some, "bits": allowed, "others": ~allowed, "to_modseq": state.modseq}
        tx.connection.execute(_STORE[how], values)
        found += [(uid, flags) for uid, flags in tx.connection.execute(_FLAGS, {"folder": folder, "uids": some})]
    numbering.save(tx, state)
    return state, found
