"""A body's entries as a file that an import takes again, and that no spreadsheet takes for formulas."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from groupware.people import entry as entries
from groupware.people.cells import line_of
from groupware.people.columns import COLUMNS
from groupware.people.entry import FORMULA

if TYPE_CHECKING:
    from groupware.people.comparing import State


def written(state: State) -> bytes:
    """UTF-8 with a byte order mark, which spreadsheets need, and CRLF (RFC 4180 2); without those who left."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for each in state.officials:
        if not each.departed:
            cells = line_of(each.login, entries.of_official(each, state.units[each.unit]))
            writer.writerow([_neutral(cell) for cell in cells])
    return text.getvalue().encode("utf-8-sig")


def _neutral(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell
