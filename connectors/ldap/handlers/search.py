"""Search (RFC 4511 4.5): what the caller may see, and nothing of the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from connectors.ldap import looking, message, paging, requests
from connectors.ldap.codes import PAGED_RESULTS, Code, Op
from connectors.ldap.handlers.results import no_such_object, unsigned
from connectors.ldap.limits import MAX_ENTRIES
from connectors.ldap.naming import SUBSCHEMA, RootDse, Subschema, Top
from connectors.ldap.paging import BadCookie, Paging
from connectors.ldap.rendering import subschema
from connectors.ldap.usual import Usual
from groupware import clock

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from connectors.ldap.conversation import Conversation
    from connectors.ldap.message import Message
    from connectors.ldap.naming import Target
    from connectors.ldap.requests import Search
    from connectors.ldap.selection import Selection
    from groupware.book.sight import Found, Sight


@dataclass(slots=True)
class _Answer:
    """One search as far as it has been answered; `most` entries are sent, `until` is when its time is over."""

    conversation: Conversation
    asked: Message
    wanted: Search
    selection: Selection
    page: Paging | None
    most: int
    until: float
    sent: int = 0
    last: int = paging.BASE

    @property
    def begins(self) -> bool:
        """Whether this is not a later page."""
        return self.page is None or self.page.after == paging.BEGINNING

    def send_base(self, encoded: bytes) -> None:
        """The search's base, which comes before everything below it."""
        self.conversation.put(message.wrapped(self.asked.id_octets, encoded))
        self.sent = 1

    def send(self, found: Sequence[Found]) -> bool:
        """Entries; False when there are too many."""
        fitting = found[: self.most - self.sent]
        if fitting:
            encoded = self.conversation.around.encoder.entries(self.selection, fitting)
            self.conversation.put(b"".join([message.wrapped(self.asked.id_octets, op) for op in encoded]))
            self.sent += len(fitting)
            self.last = fitting[-1][0]
        return len(fitting) == len(found)

    def done(self, code: Code = Code.SUCCESS, *, more: bool = False) -> None:
        """SearchResultDone (RFC 4511 4.5.2), which for a page says how to go on."""
        known_by = _known_by(self.conversation, self.wanted)
        controls = paging.answered(known_by, self.last if more else None) if self.page else b""
        self.conversation.answer(self.asked, message.result(Op.SEARCH_DONE, code), controls)

    def enough(self) -> None:
        """There is more, but not for this answer."""
        if self.page is not None and self.most == self.page.size:
            self.done(more=True)
        else:
            self.done(Code.SIZE_LIMIT_EXCEEDED)


async def search(conversation: Conversation, asked: Message) -> None:
    """RFC 4511 4.5.1."""
    await finish(conversation, asked, steps(conversation, asked, await conversation.sight()))


async def finish(conversation: Conversation, asked: Message, left: Iterator[None]) -> None:
    """Go through the steps that are left of a search, and let others have their turn between them."""
    for _ in left:
        if not await conversation.breathe(asked):
            return


def steps(conversation: Conversation, asked: Message, sight: Sight | None) -> Iterator[None]:
    """Answer a search, in steps of about a millisecond; most have but one. Raises BadBer or BadDn."""
    wanted, tree = requests.search(asked), conversation.around.tree
    target = tree.find(sight, wanted.base)
    if isinstance(target, RootDse) and wanted.scope != requests.BASE and sight is not None:
        target = Top()  # address books without a base of their own mean all that there is
    if sight is None and (target is None or wanted.scope != requests.BASE):
        conversation.answer(asked, unsigned(Op.SEARCH_DONE))
    elif target is None:
        conversation.answer(asked, no_such_object(Op.SEARCH_DONE, tree, wanted.base))
    else:
        yield from _answered(conversation, asked, wanted, sight, target)


def _answered(
    conversation: Conversation, asked: Message, wanted: Search, sight: Sight | None, target: Target
) -> Iterator[None]:
    try:
        page = _page(conversation, asked, wanted)
    except BadCookie:
        conversation.refuse(asked, Code.UNWILLING_TO_PERFORM, "This page is of another search")
        return
    answer = _answer(conversation, asked, wanted, page)
    if page is not None and page.ends:  # RFC 2696 3: the client wants no further pages
        answer.done()
        return
    if isinstance(target, Top) and wanted.scope == requests.SUBTREE:
        conversation.usual = Usual(wanted, conversation.around.encoder)
    found = looking.plan(target, wanted.scope, wanted.where)
    if found.base and answer.begins and wanted.where.holds(looking.values_of(target)):
        answer.send_base(_base(conversation, answer.selection, target))
    if sight is None or found.below is None:
        answer.done()
    else:
        yield from _entries(answer, sight, found)


def _answer(conversation: Conversation, asked: Message, wanted: Search, page: Paging | None) -> _Answer:
    selection = conversation.around.encoder.selection(wanted.attributes, types_only=wanted.types_only)
    most = min(wanted.size_limit or MAX_ENTRIES, page.size if page else MAX_ENTRIES)
    longest = conversation.around.caps.search
    seconds = min(wanted.time_limit or longest, longest)
    until = clock.monotonic() + seconds
    return _Answer(conversation, asked, wanted, selection, page, most, until)


def _page(conversation: Conversation, asked: Message, wanted: Search) -> Paging | None:
    """RFC 2696 3."""
    value = next((each.value for each in asked.controls if each.oid == PAGED_RESULTS), None)
    return None if value is None else paging.asked(value, _known_by(conversation, wanted))


def _known_by(conversation: Conversation, wanted: Search) -> tuple[bytes, bytes]:
    """What a page's cookie is good for: the caller, and all of the search but its limits."""
    caller = conversation.caller
    return str(caller.official if caller else "").encode(), wanted.identity


def _base(conversation: Conversation, selection: Selection, target: Target) -> bytes:
    """The base of the search as an answer."""
    around = conversation.around
    rendering = around.encoder.rendering
    if isinstance(target, RootDse):
        return selection.encoded("", rendering.root_dse(starttls=around.context is not None))
    if isinstance(target, Subschema):
        return selection.encoded(SUBSCHEMA, subschema())
    if isinstance(target, Top):
        return selection.encoded(around.tree.base, rendering.top())
    return selection.encoded(around.tree.name(target), rendering.shown(target))


def _entries(answer: _Answer, sight: Sight, found: looking.Plan) -> Iterator[None]:
    """What lies below the base, batch by batch."""
    after = paging.BASE if answer.page is None else max(answer.page.after, paging.BASE)
    for number, batch in enumerate(looking.below(sight, found, after)):
        if number:
            yield
        if clock.monotonic() > answer.until:
            answer.done(Code.TIME_LIMIT_EXCEEDED)
            return
        if not answer.send(batch):
            answer.enough()
            return
    answer.done()
