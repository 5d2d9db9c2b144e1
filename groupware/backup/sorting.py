"""The homeserver's copy without its texts: what it would be had every event been redacted, and the texts by period.

An event's id is the hash of what a redaction leaves of it (Matrix room versions 3 and up, "Redactions"), so what is
left is the same event. Its text can be put back where its period's key is still there.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from typing import BinaryIO

    from groupware.backup.owned import Owned

KEPT = frozenset(
    {
        *("event_id", "type", "room_id", "sender", "state_key", "hashes", "signatures", "depth", "prev_events"),
        *("auth_events", "origin_server_ts", "redacts", "origin", "membership", "prev_state"),
    }
)
"""Keys of an event that a redaction leaves, in any version (room version 11 has dropped the last three)."""
REDACTION = "m.room.redaction"


class Sorting:
    """Of one copy: what is taken out goes to `folder`, into a file for each period. `owned` is set before it begins."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._redacted: frozenset[str] = frozenset()
        self.owned: Owned | None = None

    def begin(self, redacted: Collection[str]) -> None:
        """With the ids of events that are redacted: their texts are kept no longer. Raises OSError."""
        self._folder.mkdir(mode=0o700)
        self._redacted = frozenset(redacted)

    def event(self, event: str, room: str, text: str) -> str:
        """What is left of an event's JSON. Raises OSError."""
        whole = json.loads(text)
        if "state_key" in whole or not whole.get("content"):
            return text
        if self.owned is not None and event not in self._redacted and whole["type"] != REDACTION:
            period = self.owned.of_event(event, room, int(whole.get("origin_server_ts", 0)) * 1000)
            self._keep(period, {"event": event, "text": text})
        return _text(whole)

    def name(self, media: str, name: str | None) -> str | None:
        """What is left of a file's name: nothing. Raises OSError."""
        if name and self.owned is not None:
            self._keep(self.owned.of_media(media), {"media": media, "text": name})
        return None

    def end(self) -> None:
        """All is written."""
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _keep(self, period: str, row: dict[str, str]) -> None:
        if not period:
            return
        if period not in self._files:
            self._files[period] = (self._folder / period).open("xb")
        self._files[period].write(json.dumps(row).encode() + b"\n")


def left_of(text: str) -> str:
    """What is left of a message's JSON."""
    return _text(json.loads(text))


def _text(whole: dict[str, Any]) -> str:
    return json.dumps(pruned(whole), ensure_ascii=False, separators=(",", ":"))


def pruned(event: dict[str, Any]) -> dict[str, Any]:
    """A message's event as its redaction leaves it; of a redaction, what it redacts."""
    content = event["content"]
    left = {"redacts": content["redacts"]} if event["type"] == REDACTION and "redacts" in content else {}
    age = event.get("unsigned", {}).get("age_ts")
    unsigned = {} if age is None else {"age_ts": age}
    return {**{key: event[key] for key in event.keys() & KEPT}, "content": left, "unsigned": unsigned}
