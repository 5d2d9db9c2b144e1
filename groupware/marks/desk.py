"""Markings as doors call it: each call is one transaction or snapshot, and asks the monitor in it."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from groupware.drafting.deciding import fit
from groupware.followers import Follower
from groupware.marks import changing, lapsing, looking, mail, red, telling
from groupware.steadily import steadily

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.caller import Caller
    from groupware.marks.changing import Act, Wanted
    from groupware.marks.looking import Ask
    from groupware.marks.loosening import Word
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
        self._house = telling.House(monitor, domain, self._portal)

    def followers(self, me: str) -> Sequence[Follower]:
        """Who tells of what no mail carries, and of looser markings that are asked for."""
        notices, told = red.RedNotices(self._domain, self._monitor, self._house.portal), telling.Telling(self._house)
        return (
            Follower(self._store, red.NAME, me, red.KINDS, notices),
            Follower(self._store, telling.NAME, me, telling.KINDS, told),
        )

    async def run(self) -> None:
        """Remind of looser markings that are asked for and let them lapse, until cancelled."""
        await steadily(self._store, "looser markings that lapse", self.tend)

    async def tend(self) -> int:
        """What is due now; how much that was."""
        return await lapsing.DEADLINES.tend(
            self._store, lapsing.lapse, lambda tx, row: telling.remind(tx, self._house, row)
        )

    async def mark(self, caller: Caller, wanted: Wanted) -> int:
        """Mark a post anew, in every room where the caller may; in how many another has to confirm it first.

        Raises NotFound, alike for forbidden and absent; Refused and Conflict by rule.
        """
        found = await self._store.read(
            lambda snapshot: changing.raws(snapshot, self._monitor, caller, wanted, self._store.directory)
        )
        made = await asyncio.to_thread(changing.ready, self._domain, wanted, found)
        return await self._store.run(lambda tx: changing.change(tx, self._monitor, caller, wanted, made))

    async def to_confirm(self, caller: Caller) -> Sequence[Ask]:
        """The looser markings that await the caller's confirmation, oldest first."""
        return await self._store.read(partial(looking.to_confirm, monitor=self._monitor, caller=caller))

    async def asked(self, caller: Caller, token: str) -> Ask | None:
        """What is asked for a post that the caller may mark, while it waits."""
        return await self._store.read(partial(looking.asked, monitor=self._monitor, caller=caller, token=token))

    async def decide(self, caller: Caller, token: str, seen: int, word: Word, note: str = "") -> str:
        """Confirm, refuse or take back what is asked for a post; what has become of it.

        `seen` is the number of the ask that is meant. Raises as changing.confirm.
        """
        asked, found = await self._store.read(
            lambda snapshot: changing.asked_raws(snapshot, self._monitor, caller, token, seen, self._store.directory)
        )
        made = await asyncio.to_thread(changing.ready, self._domain, changing.wanted_by(asked), found)
        return await self._store.run(
            lambda tx: changing.confirm(tx, self._monitor, caller, asked, made, word, fit(note))
        )

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

    def _portal(self) -> str:
        """As of then: whoever knows it tells."""
        return self.portal()
