"""The doors, and what runs beside them: a new one is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.house import DoorFactory, Work

DOORS: dict[str, DoorFactory] = {}
"""Each door by its name in settings and endpoints.json, in the order in which they open."""

WORK: dict[str, Work] = {}
"""Followers and queues by name; they begin before the first door opens, and the server ends when one of them fails."""
