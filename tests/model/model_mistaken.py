"""A server of ours into which mistakes can be put while it runs: the product's own program, and a signal.

Until the signal comes nothing is different: SIGUSR1 has it read the names in DIR/mistakes, and act as if these had been
made, and no others.
"""

from __future__ import annotations

import signal
import sys
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

from sqlalchemy import bindparam, select

from connectors import cli
from connectors.web import resources
from groupware import tables
from groupware.meetings import announcing
from groupware.retention import erasing

if TYPE_CHECKING:
    from collections.abc import Callable

FILE = "mistakes"
PROGRAM = (sys.executable, __file__)
_WHAT_FOR = select(tables.booking.c.summary).where(tables.booking.c.id == bindparam("this"))


def _remembered_calendars() -> Any:  # noqa: ANN401 -- a patch
    """A page that doesn't forget what it showed to somebody else of the same booking."""
    right, shown = resources._day, {}

    def wrong(day: Any, slots: Any, zone: Any) -> Any:  # noqa: ANN401 -- as resources._day
        shown.update({slot.start: slot for slot in slots if slot.summary})
        return right(day, [shown.get(slot.start, slot) for slot in slots], zone)

    return patch.object(resources, "_day", wrong)


def _announced_with_reasons() -> Any:  # noqa: ANN401 -- a patch
    """A room is told what for."""
    right = announcing._text

    def wrong(tx: Any, decided: Any) -> str:  # noqa: ANN401 -- as announcing._text
        return f"{right(tx, decided)} {tx.connection.scalar(_WHAT_FOR, {'this': decided.id})}"

    return patch.object(announcing, "_text", wrong)


def _left(name: str) -> Callable[[], Any]:
    """A store that erasing forgets."""

    def planted() -> Any:  # noqa: ANN401 -- a patch
        assert name in {each.name for each in erasing.STORES}
        stores = [replace(each, remove=lambda *_: 0) if each.name == name else each for each in erasing.STORES]
        return patch.object(erasing, "STORES", tuple(stores))

    return planted


MISTAKES: dict[str, Callable[[], Any]] = {
    "a calendar shows what another was shown": _remembered_calendars,
    "a room is told what for": _announced_with_reasons,
    "erasing forgets copies": _left("copies in mailboxes"),
    "erasing forgets bookings": _left("bookings by the same message"),
    "erasing forgets the homeserver": _left("events at the homeserver"),
}


def main() -> None:
    """The product's command with these words."""
    data, planted = Path(sys.argv[sys.argv.index("--data") + 1]), ExitStack()

    def heard(_signal: int, _frame: object) -> None:
        told = data / FILE
        planted.close()
        for name in told.read_text().splitlines():
            planted.enter_context(MISTAKES[name]())
        told.unlink()

    signal.signal(signal.SIGUSR1, heard)
    sys.exit(cli.main())


if __name__ == "__main__":
    main()
