"""Follower: what becomes of posts is queued for their Matrix rooms. What to send is decided when it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.events import Event, EventKind
from groupware.matrix import holds, outbox, telling
from groupware.matrix.outbox import What

if TYPE_CHECKING:
    from collections.abc import Sequence

    from groupware.store import Tx

NAME = "matrix"
KINDS = (EventKind.POST_PUBLISHED, EventKind.POST_REFUSED, EventKind.POST_WITHDRAWN, EventKind.POST_MARKED)


def follow(tx: Tx, events: Sequence[Event]) -> None:
    """A published post is sent, unless it was said in the room; a notice in a post's place goes once it is decided."""
    for event in events:
        if event.kind == EventKind.POST_WITHDRAWN:
            _take_back(tx, event)
        elif event.kind == EventKind.POST_MARKED:
            _marked(tx, event)
        else:
            _decided(tx, event)


def _marked(tx: Tx, event: Event) -> None:
    """What isn't for everybody there any more goes; what is, now, comes, if it was published at all."""
    if not telling.for_all(tx, event.subject):
        _take_back(tx, event)
        outbox.hidden(tx, event.subject)
    elif not outbox.is_queued(tx, event.subject):
        _decided(tx, event)


def _decided(tx: Tx, event: Event) -> None:
    if event.kind != EventKind.POST_REFUSED and not outbox.shown(tx, event.subject):
        outbox.queue(tx, What.POST, event.room, post=event.subject)
    hold = holds.of_post(tx, event.subject)
    if hold is not None and hold.event:
        outbox.queue(tx, What.REDACT, event.room, event=hold.event)


def _take_back(tx: Tx, event: Event) -> None:
    """What shows the post goes, and the notice that stands in the place of one that was held."""
    hold = holds.of_post(tx, event.subject)
    notice = [hold.event] if hold is not None and hold.event else []
    for shown in [*outbox.shown(tx, event.subject), *notice]:
        outbox.queue(tx, What.REDACT, event.room, event=shown)
