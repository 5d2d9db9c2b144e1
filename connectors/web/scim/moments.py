"""Times as SCIM writes them (RFC 7643 2.3.5), and as the directory keeps them: microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

EPOCH = datetime.fromtimestamp(0, UTC)
_SECOND = 1_000_000


def written(micro: int) -> str:
    """RFC 3339 in UTC, with a fraction of the second only where there is one."""
    parts = "auto" if micro % _SECOND else "seconds"
    return moment(micro).isoformat(timespec=parts).replace("+00:00", "Z")


def moment(micro: int) -> datetime:
    """The same for Python."""
    return EPOCH + timedelta(microseconds=micro)


def read(text: str) -> int:
    """ValueError or OverflowError for what is no time with an offset from UTC, from 1970 to 9999."""
    said = datetime.fromisoformat(text)
    if said.tzinfo is None or said < EPOCH:
        raise ValueError(text)
    return (said.astimezone(UTC) - EPOCH) // timedelta(microseconds=1)
