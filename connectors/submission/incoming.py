"""The octets after DATA: where they end, and what the message is without its transparency dots.

Only CR LF . CR LF ends a message (RFC 5321 4.1.1.4), so no other sequence lets what follows pass for commands. What is
too large is read to its end without being kept.
"""

from __future__ import annotations

END = b"\r\n.\r\n"
_FIRST = b"\r\n"
"""Put before the message: its first line follows a line end too."""


class Incoming:
    """A message on its way in, of up to `limit` octets."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._octets = bytearray(_FIRST)
        self._searched = 0
        self._ended_at = -1
        self.read = 0
        """Octets so far, kept or not."""

    @property
    def too_large(self) -> bool:
        """Whether more has come than is taken. Nothing of it is kept."""
        return self.read > self._limit + len(END)

    def feed(self, octets: bytes) -> bytes | None:
        """Take more. None as long as the end hasn't come; then what stands behind the end."""
        self.read += len(octets)
        self._octets += octets
        at = self._octets.find(END, self._searched)
        if at < 0:
            self._keep_tail()
            return None
        rest = bytes(self._octets[at + len(END) :])
        self.read -= len(rest)
        self._ended_at = at
        return rest

    def message(self) -> bytes:
        """The message as its author wrote it, with the CR LF of its last line (RFC 5321 4.5.2)."""
        octets = bytes(memoryview(self._octets)[: self._ended_at + len(_FIRST)])
        # an end would have to stand between two dots that share a CR LF: so each match is a line's first dot
        return octets.replace(b"\r\n.", b"\r\n")[len(_FIRST) :]

    def _keep_tail(self) -> None:
        if self.too_large:
            del self._octets[: -len(END)]
        self._searched = max(0, len(self._octets) - len(END) + 1)
