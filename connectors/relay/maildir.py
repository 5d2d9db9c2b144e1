"""Partners' mail into a Maildir on this machine: the demo's way, from which nothing gets out."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

from connectors.relay.carrying import UndeliveredError

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.outbound import Claimed

FOLDERS = ("tmp", "new", "cur")


class Outbox:
    """Each message is a file in `new`, on disk with its name before it counts as sent.

    The name is that of the queue's row, so that a message that is delivered again replaces itself.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    async def carry(self, claimed: Claimed, raw: bytes) -> str:
        """See Carrier."""
        # RFC 5321 4.4: the envelope, which the message doesn't show
        envelope = f"Return-Path: <{claimed.sender}>\r\nDelivered-To: {claimed.recipient}\r\n"
        try:
            await asyncio.to_thread(_deliver, self._directory, f"{claimed.id}.iconet", envelope.encode() + raw)
        except OSError as error:
            raise UndeliveredError(f"{error.filename or self._directory}: {error.strerror}", temporary=True) from error
        return "250 2.0.0 in the outbox"


def make(directory: Path) -> None:
    """An empty Maildir, if there is none. Raises OSError."""
    for name in FOLDERS:
        (directory / name).mkdir(mode=0o700, parents=True, exist_ok=True)


def _deliver(directory: Path, name: str, octets: bytes) -> None:
    make(directory)
    draft = directory / "tmp" / name
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(directory / "new" / name)
    _sync(directory / "new")


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
