"""What is outside of the database yet, in one line for the operator."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Mapping


def pending(row: Mapping[str, Any]) -> str:
    """Of which post, what it is, how often it was tried, when it is tried again, and what was in the way."""
    again = datetime.fromtimestamp(row["again"] / clock.MICROSECONDS, UTC).isoformat(timespec="seconds")
    tried = f"tried {row['tries']} times, again at {again}" if row["tries"] else "not tried yet"
    said = f": {row['why']}" if row["why"] else ""
    return f"post {row['post']}\t{row['kind']} {row['name']}\t{tried}{said}"
