"""The octets after DATA: where they end, and what the message is without its transparency dots.

Only CR LF . CR LF ends a message (RFC 5321 4.1.1.4), so no other sequence lets what follows pass for commands. Dots go
as the octets come, never from all of a message at once. A large message waits in a file; what is too large is read to
its end without being kept.
"""

from __future__ import annotations

from contextlib import suppress
from tempfile import TemporaryFile
from typing import IO

END = b"\r\n.\r\n"
_FIRST = b"\r\n"
"""Put before the message: its first line follows a line end too."""


class Incoming:
    """A message on its way in, of up to `limit` octets. `close` it."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._octets = bytearray()
        self._file: IO[bytes] | None = None
        self._open = _FIRST
        self._before = len(_FIRST)
        self.read = 0
        """Octets so far, kept or not."""
        self.spoilt: OSError | None = None
        """Why it can't be kept: its file couldn't be written."""

    @property
    def too_large(self) -> bool:
        """Whether more has come than is taken. Nothing of it is kept."""
        return self.read > self._limit + len(END)

    @property
    def in_memory(self) -> int:
        """Octets that `spill` would move to the file."""
        return len(self._octets)

    def feed(self, octets: bytes) -> bytes | None:
        """Take more. None as long as the end hasn't come; then what stands behind the end."""
        self.read += len(octets)
        octets = self._open + octets
        at = octets.find(END)
        if at < 0:
            done = len(octets) - _begun(octets)
            self._keep(octets[:done])
            self._open = octets[done:]
            return None
        rest = octets[at + len(END) :]
        self.read -= len(rest)
        self._keep(octets[: at + len(_FIRST)])
        return rest

    def spill(self) -> None:
        """Move what is in memory to the file. Blocks."""
        octets, self._octets = self._octets, bytearray()
        try:
            self._file = self._file or TemporaryFile()  # noqa: SIM115 -- `close` does
            self._file.write(octets)
        except OSError as error:
            self.spoilt = error

    def message(self) -> bytes:
        """The message as its author wrote it, with the CR LF of its last line (RFC 5321 4.5.2); only once.

        Blocks where there is a file. Raises OSError when that couldn't be kept.
        """
        if self._file is None:
            octets = bytes(self._octets)
        else:
            self.spill()
            self._file.seek(0)
            octets = self._file.read()
        self.close()
        if self.spoilt is not None:
            raise self.spoilt
        return octets

    def close(self) -> None:
        """Give the memory and the file back; may be called again."""
        self._octets.clear()
        if self._file is not None:
            with suppress(OSError):  # of what was still to be written
                self._file.close()

    def _keep(self, octets: bytes) -> None:
        if self.too_large:
            self.close()
            return
        # no match is cut in two, since whatever begins one is left open
        octets = octets.replace(b"\r\n.", b"\r\n")
        kept = octets[self._before :]
        self._before -= len(octets) - len(kept)
        self._octets += kept


def _begun(octets: bytes) -> int:
    """How many of the last octets may be the beginning of the end."""
    return next((count for count in range(len(END) - 1, 0, -1) if octets.endswith(END[:count])), 0)
