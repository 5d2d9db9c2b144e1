"""Large files, sealed in pieces, so that neither writing nor reading one needs it in memory twice.

Each piece is AES-256-GCM under the file's own key; its nonce is its number and whether it is the last (STREAM, Hoang,
Reyhanitabar, Rogaway and Vizar 2015), so that pieces can't be dropped, repeated or put in another order.
"""

from __future__ import annotations

import errno
from io import BytesIO
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

PIECE = 1 << 20
TAG = 16


def sealed(key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The pieces of what `source` holds, sealed. A key is for one file only."""
    cipher, number = AESGCM(key), 0
    piece = source.read(PIECE)
    while True:
        following = source.read(PIECE)
        yield cipher.encrypt(_nonce(number, last=not following), piece, None)
        if not following:
            return
        piece, number = following, number + 1


def opened(key: bytes, source: BinaryIO) -> Iterator[bytes]:
    """The pieces in clear. Raises OSError for a file that isn't whole."""
    cipher, number = AESGCM(key), 0
    piece = source.read(PIECE + TAG)
    while True:
        following = source.read(PIECE + TAG)
        try:
            yield cipher.decrypt(_nonce(number, last=not following), piece, None)
        except InvalidTag as error:
            raise OSError(errno.EBADMSG, "altered, cut, or under another key") from error
        if not following:
            return
        piece, number = following, number + 1


def read(key: bytes, source: BinaryIO, start: int) -> bytes:
    """Everything from `start` on, with one piece more in memory than that. Raises OSError."""
    whole = BytesIO()
    passed = 0
    for piece in opened(key, source):
        skipped = min(max(start - passed, 0), len(piece))
        whole.write(memoryview(piece)[skipped:])
        passed += len(piece)
    return whole.getvalue()


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
