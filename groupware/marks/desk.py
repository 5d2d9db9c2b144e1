"""Markings as doors call it: each call is one transaction or snapshot, and asks the monitor in it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from groupware.followers import Follower
from groupware.marks import changing, mail, red

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.marks.changing import Act, Wanted
    from groupware.marks.mail import Letter
    from groupware.message.parser import Parser
    from groupware.message.text import Display
    from groupware.monitor import Monitor
    from groupware.store import Store


class MarkDesk:
    """For one store and mail domain. `portal` says where browsers find the portal, for links in notices."""

    def __init__(self, store: Store, monitor: Monitor, domain: str, parser: Parser) -> None:
        self._store = store
        self._monitor = monitor
        self._domain = domain
        self._parser = parser
        self.portal: red.Portal = str

    def follower(self, me: str) -> Follower:
        """Who tells of what no mail carries."""

        def portal() -> str:  # whatever it is by then
            return self.portal()

        notices = red.RedNotices(self._domain, self._monitor, portal)
        return Follower(self._store, red.NAME, me, red.KINDS, notices)

    async def mark(self, caller: Caller, wanted: Wanted) -> None:
        """Mark a post anew, in every room where the caller may.

        Raises NotFound, alike for forbidden and absent; Refused and Conflict by rule.
        """
        found = await self._store.read(
            lambda snapshot: changing.raws(snapshot, self._monitor, caller, wanted, self._store.directory)
        )
        made = await asyncio.to_thread(changing.ready, self._domain, wanted, found)
        await self._store.run(lambda tx: changing.change(tx, self._monitor, caller, wanted, made))

    async def markable(self, caller: Caller, tokens: Sequence[str]) -> frozenset[str]:
        """Those of the posts that the caller may mark anew."""
        return await self._store.read(partial(changing.markable, monitor=self._monitor, caller=caller, tokens=tokens))

    async def acts(self, caller: Caller, name: str) -> Sequence[Act]:
        """The record of a post's marking, for whoever can read the post. Raises NotFound."""
        return await self._store.read(partial(changing.acts, monitor=self._monitor, caller=caller, name=name))

    async def letter(self, caller: Caller, name: str) -> tuple[Letter, Display]:
        """Personal mail by its Message-ID, and what a page shows of it. Raises NotFound."""
        where = self._store.directory
        found = await self._store.read(lambda snapshot: mail.letter(snapshot, self._monitor, caller, name, where))
        return found, await self._parser.display(found.head, found.body)
