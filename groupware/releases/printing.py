"""Fingerprints of posts are taken by the parser's child process, behind the acceptance and before anything leaves.

Which posts lack them stands in `print_due`, written with the post; so mail to partners waits until there are none. None
are taken of what awaits its author's word about personal data: nothing of that is kept anywhere else.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from groupware import clock, quoting, reading, tables
from groupware.errors import Busy, Refused
from groupware.message.prints import NONE, Prints
from groupware.release_tables import print_due
from groupware.steadily import steadily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.message.parser import Parser
    from groupware.store import Snapshot, Store

AT_ONCE = 10
NO_LONGER = 20.0
"""Seconds for which mail to a partner waits for what is due."""
_DUE = (
    select(print_due.c.post, tables.post.c.rendering)
    .join(tables.post, and_(tables.post.c.id == print_due.c.post, tables.post.c.state != "unconfirmed"))
    .order_by(print_due.c.post)
    .limit(AT_ONCE)
)
logger = logging.getLogger(__name__)


class Printer:
    """For one store."""

    def __init__(self, store: Store, parser: Parser) -> None:
        self._store = store
        self._parser = parser

    async def run(self) -> None:
        """Until cancelled."""
        await steadily(self._store, "the fingerprints", self.step)

    async def step(self) -> int:
        """Take those of some posts; how many there were."""
        due = await self._store.read(self._load)
        for post, head, body in due:
            found = await self._parser.prints(head, body, own=True)
            if found is None:
                logger.error("post %d has no fingerprints: it can't be read", post)
            await self._keep(post, found or NONE)
        return len(due)

    async def _keep(self, post: int, found: Prints) -> None:
        await self._store.run(lambda tx: quoting.keep(tx, post, found.prints))

    async def complete(self) -> None:
        """Until none is due. Raises Busy when that takes too long: nothing leaves unlooked at."""
        until = clock.monotonic() + NO_LONGER
        while await self.step():
            if clock.monotonic() > until:
                raise Busy("fingerprints are being taken")

    async def of_message(self, raw: bytes) -> Prints:
        """Of what somebody sends. Raises Busy when it can't be read, Refused(too-much-text): it doesn't leave, then."""
        found = await self._parser.prints(raw)
        if found is None:
            raise Busy("the message can't be looked at")
        if not found.whole:
            raise Refused("too-much-text", "it has more text than can be compared with what others have written")
        return found

    def _load(self, snapshot: Snapshot) -> Sequence[tuple[int, bytes, bytes]]:
        rows = snapshot.connection.execute(_DUE).all()
        return [(row.post, *self._bytes(snapshot, row.post, row.rendering)) for row in rows]

    def _bytes(self, snapshot: Snapshot, post: int, rendering: int) -> tuple[bytes, bytes]:
        """Header and body; none where the file is lost, which a check reports."""
        try:
            return reading.rendered(snapshot, rendering, self._store.directory)
        except OSError as error:
            logger.error("post %d has no fingerprints: %s", post, error)  # noqa: TRY400 -- one line
            return b"", b""
