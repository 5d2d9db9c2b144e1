"""Mistakes in break-glass, retention and bookings, put into the running product one at a time."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sqlalchemy import literal, true

from groupware.glass import asking, opening, rows
from groupware.meetings import calendar
from groupware.retention import erasing, looking


def _without(statement: Any, words: str) -> Any:  # noqa: ANN401 -- statements
    """It as if a condition hadn't been written."""
    kept = [part for part in statement._where_criteria if words not in str(part)]
    assert len(kept) < len(statement._where_criteria)
    made = statement._generate()
    made._where_criteria = tuple(kept)
    return made


def opened_by_anybody() -> Any:  # noqa: ANN401 -- a patch
    """Once it is broken, whoever knows the number reads."""
    right = opening.open_post
    leave = SimpleNamespace(require=lambda *_: SimpleNamespace(use=lambda *_: None, rules=()))

    def wrong(tx: Any, _monitor: Any, *rest: Any) -> Any:  # noqa: ANN401 -- as opening.open_post
        return right(tx, leave, *rest)

    return patch.object(opening, "open_post", wrong)


def held_posts_covered() -> Any:  # noqa: ANN401 -- a patch
    """What isn't published is read as well."""
    return patch.object(rows, "_IN", {scope: _without(each, "post.state") for scope, each in rows._IN.items()})


def asker_is_told() -> Any:  # noqa: ANN401 -- a patch
    """The name is looked up when it is asked for: the error tells of how many posts."""
    right = asking.ask

    def wrong(tx: Any, monitor: Any, caller: Any, wanted: Any, longest: int) -> int:  # noqa: ANN401 -- as asking.ask
        rows.item(tx, wanted.scope, wanted.name)
        return right(tx, monitor, caller, wanted, longest)

    return patch.object(asking, "ask", wrong)


def _left(name: str) -> Any:  # noqa: ANN401 -- a patch
    """A store that erasing forgets."""
    stores = [replace(each, remove=lambda *_: 0) if each.name == name else each for each in erasing.STORES]
    return patch.object(erasing, "STORES", tuple(stores))


def words_stay() -> Any:  # noqa: ANN401 -- a patch
    return _left("search index")


def copies_stay() -> Any:  # noqa: ANN401 -- a patch
    return _left("copies in mailboxes")


def holds_ignored() -> Any:  # noqa: ANN401 -- a patch
    """What is due goes, whoever keeps it."""
    nobody = erasing._LOOK.with_only_columns(erasing._d.post, literal(0).label("hold"))
    return patch.multiple(erasing, _LOOK=nobody, _STILL=_without(erasing._STILL, "legal_hold"))


def proofs_for_all() -> Any:  # noqa: ANN401 -- a patch
    """Every body's officers see what was erased of all."""
    return patch.object(looking, "_THEIRS", true())


def titles_for_members() -> Any:  # noqa: ANN401 -- a patch
    """Whoever sees that a resource is taken sees what for."""
    right = calendar.of_resource

    def wrong(sight: Any, *rest: Any) -> Any:  # noqa: ANN401 -- as calendar.of_resource
        return right(replace(sight, bookings=replace(sight.bookings, clause=true(), parameters={})), *rest)

    return patch.object(calendar, "of_resource", wrong)


BUGS = {
    "opened by anybody": opened_by_anybody,
    "held posts opened in an emergency": held_posts_covered,
    "who asks is told how many there are": asker_is_told,
    "erased words found": words_stay,
    "erased posts kept in folders": copies_stay,
    "holds ignored": holds_ignored,
    "proofs for all": proofs_for_all,
    "bookings named to all members": titles_for_members,
}
