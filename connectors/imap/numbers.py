"""Sequence sets: which messages a command names, as numbers or as UIDs."""

from __future__ import annotations

from dataclasses import dataclass

from connectors.imap.limits import MAX_NUMBER

STAR = MAX_NUMBER
"""`*`, the last message; as a number nothing lies above it (RFC 9051 9, nz-number)."""


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """Ranges as the client wrote them, each (low, high) with low <= high, both included; `*` is `STAR`."""

    ranges: tuple[tuple[int, int], ...]
