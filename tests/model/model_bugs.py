"""Mistakes put into the running product from outside, one at a time: the sequences have to find each of them."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch

import model_bugs_beside
from sqlalchemy import bindparam, select, true

from directory import bodies, officials
from directory.tables import FOREVER
from directory.tables import official as official_table
from groupware import copies, moderation, posting, reading, tables
from groupware.audit import looking as audit_looking
from groupware.book.sight import Sight
from groupware.cards import books
from groupware.chain import Verdict
from groupware.folders import changes, fetching, names, numbering, searching
from groupware.monitor import Monitor
from groupware.provisioning import finding
from groupware.releases import looking

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def _open(view: Any) -> Any:  # noqa: ANN401 -- a View
    """A view that holds nothing back."""
    return replace(view, clause=true(), parameters={})


def _unheld(module: Any, name: str) -> Any:  # noqa: ANN401 -- a patch
    """A function whose view's clause was forgotten."""
    right: Callable[..., Any] = getattr(module, name)
    return patch.object(module, name, lambda view, *rest: right(_open(view), *rest))


def _newest() -> Any:  # noqa: ANN401 -- a patch
    return _unheld(reading, "newest")


def _thread() -> Any:  # noqa: ANN401 -- a patch
    return _unheld(reading, "thread")


def _raw() -> Any:  # noqa: ANN401 -- a patch
    return _unheld(reading, "by_message_id")


def _folder_names() -> Any:  # noqa: ANN401 -- a patch
    return patch.object(names.reading, "rooms", lambda view, right=reading.rooms: right(_open(view)))


def _queue() -> Any:  # noqa: ANN401 -- a patch
    """Who moderates one room sees what waits in all of them."""
    right = moderation.queue
    return patch.object(moderation, "queue", lambda view: right(view) and right(_open(view)))


def _anybody_decides() -> Any:  # noqa: ANN401 -- a patch
    permit = SimpleNamespace(use=lambda *_: None)
    return patch.object(moderation, "_require", lambda *_: permit)


def _waiting() -> Any:  # noqa: ANN401 -- a patch
    """All that waits in a room, shown to whoever may enter it."""
    statement = reading._POSTS.where(reading._post.state == "held")

    def wrong(view: Any, room: int) -> Any:  # noqa: ANN401 -- View, cards
        return reading._cards(view, statement.where(reading._post.room == room), {})

    return patch.object(reading, "own_waiting", wrong)


def _never_lost() -> Any:  # noqa: ANN401 -- a patch
    """A folder keeps what its reader has lost."""
    return patch.object(numbering, "_lost", lambda *_: [])


def _stale_session() -> Any:  # noqa: ANN401 -- a patch
    """A folder that is open may be fetched from whatever happened to the rights since."""
    right = fetching.fetch

    def wrong(snapshot: Any, monitor: Any, caller: Any, state: Any, *rest: Any) -> Any:  # noqa: ANN401 -- as fetch
        return right(snapshot, monitor, caller, replace(state, stamp=monitor.stamp(snapshot, caller)), *rest)

    return patch.object(fetching, "fetch", wrong)


def _search_everywhere() -> Any:  # noqa: ANN401 -- a patch
    """SEARCH without the folder."""
    everywhere = select(tables.place.c.uid)
    return patch.object(searching, "_HERE", everywhere)


def _copies_for_all() -> Any:  # noqa: ANN401 -- a patch
    """Each post is handed to everybody; who comes to a room later then finds the old ones in the INBOX."""
    everybody = select(official_table.c.id)

    def wrong(tx: Any, event: Any, _audience: Any) -> None:  # noqa: ANN401 -- as Copies._hand_out
        for number in tx.connection.execute(everybody).scalars().all():
            tx.connection.execute(copies._COPY, {"official": number, "post": event.subject, "mail": 0})

    return patch.object(copies.Copies, "_hand_out", staticmethod(wrong))


def _dates_ignored() -> Any:  # noqa: ANN401 -- a patch
    """What is remembered of the rights outlives the date at which a grant begins or ends."""
    right = Monitor.stamp
    return patch.object(Monitor, "stamp", lambda *args: replace(right(*args), until=FOREVER))


def _quiet(module: Any) -> Any:  # noqa: ANN401 -- a module, a patch
    """Changes without a new version of the rights: what was remembered stays."""
    return patch.object(module, "rights", SimpleNamespace(bump=lambda _: None))


def _quiet_bodies() -> Any:  # noqa: ANN401 -- a patch
    return _quiet(bodies)


def _quiet_officials() -> Any:  # noqa: ANN401 -- a patch
    return _quiet(officials)


def _held_at_once() -> Any:  # noqa: ANN401 -- a patch
    """What awaits its author's word is the moderators' already."""
    return patch.dict(posting.STATES, {Verdict.CONFIRM: posting.STATES[Verdict.HOLD]})


def _hidden_by_ldap() -> Any:  # noqa: ANN401 -- a patch
    """Who isn't listed is found, if by name alone."""
    return patch.object(Sight, "_visible", lambda _, places, after: [place for place in places if place > after])


def _hidden_in_books() -> Any:  # noqa: ANN401 -- a patch
    right = books._views

    def wrong(*args: Any) -> Any:  # noqa: ANN401 -- as books._views
        entries, rooms = right(*args)
        return replace(entries, clause=true()), rooms

    return patch.object(books, "_views", wrong)


def _scim_of_all() -> Any:  # noqa: ANN401 -- a patch
    """One body's token shows everybody."""
    opened = {name: _without(getattr(finding, name), finding._mine) for name in ("_PEOPLE", "_COUNT")}
    return patch.multiple(finding, **opened)


def _without(statement: Any, clause: Any) -> Any:  # noqa: ANN401 -- statements
    """It as if a condition hadn't been written."""
    kept = [part for part in statement._where_criteria if part is not clause]
    made = statement._generate()
    made._where_criteria = tuple(kept)
    return made


def _releases_of_all() -> Any:  # noqa: ANN401 -- a patch
    """Whoever asks is told of all that is asked."""
    return patch.object(looking, "known_to", _known_to_all)


def _known_to_all(snapshot: Any, monitor: Any, caller: Any) -> Any:  # noqa: ANN401 -- as looking.known_to
    rows = snapshot.connection.execute(looking._LATEST).all()
    return [looking._card(snapshot, monitor, caller, looking.of_row(row)) for row in rows]


def _text_for_who_is_asked() -> Any:  # noqa: ANN401 -- a patch
    """Whoever knows of a release is shown the text."""
    return patch.object(looking, "_shown", lambda _s, _m, _c, known, _o, *, reads: known.post)  # noqa: ARG005 -- as looking._shown


def _counted_besides() -> Any:  # noqa: ANN401 -- a patch
    """STATUS counts one more than there is: something that this reader doesn't see."""
    right = changes.counts

    def wrong(*args: Any, **named: Any) -> Any:  # noqa: ANN401 -- as changes.counts
        found = right(*args, **named)
        return replace(found, messages=found.messages + 1)

    return patch.object(changes, "counts", wrong)


def _fields_of_others() -> Any:  # noqa: ANN401 -- a patch
    """The header names the message before, whoever may see that."""
    right = reading.rendered
    subject = select(tables.rendering.c.subject).where(tables.rendering.c.id == bindparam("before"))

    def wrong(snapshot: Any, rendering: int, directory: Any) -> Any:  # noqa: ANN401 -- as reading.rendered
        head, body = right(snapshot, rendering, directory)
        before = snapshot.connection.execute(subject, {"before": rendering - 1}).scalar() or ""
        return f"X-Before: {before}\r\n".encode() + head, body

    return patch.object(reading, "rendered", wrong)


def _log_for_all() -> Any:  # noqa: ANN401 -- a patch
    """Everybody reads what was done in their body."""
    own = lambda snapshot, _monitor, caller: officials.get(snapshot.connection, caller.official).body  # noqa: E731 -- a line
    return patch.object(audit_looking, "own_body", own)


BUGS: dict[str, Callable[[], Any]] = {
    "newest": _newest,
    "thread": _thread,
    "raw": _raw,
    "folder names": _folder_names,
    "queue": _queue,
    "anybody decides": _anybody_decides,
    "waiting": _waiting,
    "never lost": _never_lost,
    "stale session": _stale_session,
    "search everywhere": _search_everywhere,
    "copies for all": _copies_for_all,
    "dates ignored": _dates_ignored,
    "quiet bodies": _quiet_bodies,
    "quiet officials": _quiet_officials,
    "held at once": _held_at_once,
    "LDAP finds who is hidden": _hidden_by_ldap,
    "CardDAV has who is hidden": _hidden_in_books,
    "SCIM lists other bodies": _scim_of_all,
    "releases of all": _releases_of_all,
    "a text for who is asked": _text_for_who_is_asked,
    "counted besides": _counted_besides,
    "fields of others": _fields_of_others,
    "the log for all": _log_for_all,
    **model_bugs_beside.BUGS,
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """The product with one of them."""
    with BUGS[name]():
        yield
