"""SEARCH (RFC 9051 6.4.4): each key is a set of UIDs, found by the store or in what the client was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.imap import flags, responses, searching
from connectors.imap.line import BadCommand
from connectors.imap.searching import Field, Order, Result
from groupware import clock
from groupware.folders import searching as store
from groupware.folders.fetching import RightsMovedError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from connectors.imap import commands
    from connectors.imap.conversation import Conversation
    from connectors.imap.selected import Selected

DAY = 86_400 * clock.MICROSECONDS
EVER = 1 << 62
BIGGEST = 1 << 62


async def search(conversation: Conversation, command: commands.Search) -> bytes:
    """RFC 9051 6.4.4, RFC 4731."""
    folder = conversation.folder
    found = sorted(await _find(conversation, folder, command.key))
    numbers = found if command.uid else folder.numbering.numbers_of(found)
    if command.returning is None:
        conversation.write(responses.search_line(numbers))
    else:
        returning = command.returning or frozenset({Result.ALL})
        conversation.write(responses.esearch_line(command.tag, numbers, returning, uid=command.uid))
    return b""


async def _find(conversation: Conversation, folder: Selected, key: searching.SearchKey) -> frozenset[int]:
    """When the rights move meanwhile, EXPUNGE waits (RFC 9051 7.5.1), but nothing lost is found."""
    while True:
        try:
            return await Search(conversation, folder).find(key)
        except RightsMovedError:
            conversation.write(await folder.catch_up(conversation.desk, conversation.caller, expunges=False))


class Search:
    """One search in a folder: `here` are all its UIDs. Equal keys are looked up once."""

    def __init__(self, conversation: Conversation, folder: Selected) -> None:
        self._conversation = conversation
        self._folder = folder
        self._numbering = folder.numbering
        everything = self._numbering.present(range(len(self._numbering)))
        self._here = frozenset(self._numbering.uids_at(everything))
        self._known: dict[searching.SearchKey, frozenset[int]] = {}

    async def find(self, key: searching.SearchKey) -> frozenset[int]:
        """The UIDs of what `key` means; a tree of at most `limits.MAX_SEARCH_KEYS`."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = await KEYS[type(key)](self, key) & self._here
        return found

    async def everything(self, _: searching.Everything) -> frozenset[int]:
        """ALL."""
        return self._here

    async def all_of(self, key: searching.And) -> frozenset[int]:
        """Juxtaposition; what is in memory anyway is looked at first, and may end it."""
        found = self._here
        for each in sorted(key.keys, key=_is_costly):
            if not found:
                break
            found &= await self.find(each)
        return found

    async def either(self, key: searching.Or) -> frozenset[int]:
        """OR."""
        return await self.find(key.left) | await self.find(key.right)

    async def negated(self, key: searching.Not) -> frozenset[int]:
        """NOT."""
        return self._here - await self.find(key.key)

    async def named(self, key: searching.Named) -> frozenset[int]:
        """A sequence set."""
        return frozenset(self._folder.uids_of(key.numbers, uid=key.uid))

    async def flagged(self, key: searching.Flagged) -> frozenset[int]:
        """SEEN, UNKEYWORD and the like; a flag that we don't know is nowhere set."""
        bit = flags.mask_of([key.flag])
        pairs = zip(self._numbering.uids, self._numbering.flags, strict=True)
        if key.present:
            return frozenset([uid for uid, mask in pairs if mask & bit])
        return frozenset([uid for uid, mask in pairs if not mask & bit])

    async def words(self, key: searching.Words) -> frozenset[int]:
        """TEXT and BODY by the index alone; SUBJECT, FROM and so on look into the fields that it names."""
        if key.field is Field.TEXT:
            return await self._ask(store.having_words, store.Where.TEXT, key.text, words=True)
        if key.field is Field.BODY:
            return await self._ask(store.having_words, store.Where.BODY, key.text, words=True)
        return await self._ask(store.having_field, key.field.value, key.text, words=True)

    async def header(self, key: searching.Header) -> frozenset[int]:
        """HEADER."""
        return await self._ask(store.having_field, key.name, key.text, words=True)

    async def dated(self, key: searching.Dated) -> frozenset[int]:
        """SINCE, SENTBEFORE and the like; days are UTC's."""
        since = 0 if key.order is Order.BEFORE else key.day
        before = {Order.BEFORE: key.day, Order.ON: key.day + DAY, Order.SINCE: EVER}[key.order]
        return await self._ask(store.sent if key.sent else store.arrived, since, before)

    async def aged(self, key: searching.Aged) -> frozenset[int]:
        """YOUNGER and OLDER (RFC 5032 3)."""
        edge = clock.now() - key.seconds * clock.MICROSECONDS
        return await self._ask(store.arrived, *((edge, EVER) if key.younger else (0, edge)))

    async def sized(self, key: searching.Sized) -> frozenset[int]:
        """LARGER and SMALLER."""
        return await self._ask(store.sized, *((key.octets, BIGGEST) if key.larger else (-1, key.octets)))

    async def modified(self, _: searching.Modified) -> frozenset[int]:
        """MODSEQ (RFC 7162 3.1.5)."""
        raise BadCommand("CONDSTORE isn't offered")

    async def _ask(self, leaf: Callable[..., set[int]], *values: object, words: bool = False) -> frozenset[int]:
        def asked(snapshot: Any, state: Any) -> set[int]:  # noqa: ANN401 - the desk gives both to the leaf
            return leaf(snapshot, state, *values)

        conversation = self._conversation
        found = await conversation.desk.search(conversation.caller, self._folder.state, asked, words=words)
        return frozenset(found)


KEYS: dict[type[Any], Callable[[Search, Any], Awaitable[frozenset[int]]]] = {
    searching.Everything: Search.everything,
    searching.And: Search.all_of,
    searching.Or: Search.either,
    searching.Not: Search.negated,
    searching.Named: Search.named,
    searching.Flagged: Search.flagged,
    searching.Words: Search.words,
    searching.Header: Search.header,
    searching.Dated: Search.dated,
    searching.Sized: Search.sized,
    searching.Aged: Search.aged,
    searching.Modified: Search.modified,
}
IN_MEMORY = (searching.Everything, searching.Named, searching.Flagged)


def _is_costly(key: searching.SearchKey) -> bool:
    return not isinstance(key, IN_MEMORY)
