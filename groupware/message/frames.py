"""Frames between the parser and its child: two lengths, a JSON header, then octets."""

from __future__ import annotations

import json
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = struct.Struct(">IQ")
"""Octets of the JSON header, octets of the payload."""
DISPLAY, SEARCH_TEXT, RICH, PRINTS, OWN_PRINTS = "display", "search-text", "rich", "prints", "own-prints"
"""What may be wanted."""


def pack(header: Mapping[str, object], payload: int = 0) -> bytes:
    """The beginning of a frame, or all of one without payload; `payload` octets are to follow."""
    written = json.dumps(header).encode("ascii")
    return PREFIX.pack(len(written), payload) + written
