"""The background index looks only where words may be missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attack import post
from sqlalchemy import delete, func, select
from town import build

from groupware import tables
from groupware.indexing import Indexer

if TYPE_CHECKING:
    from town import Town

    from groupware.service import Groupware


pytestmark = pytest.mark.anyio
_words = tables.search_text.c.rendering
_FIRST = select(func.min(_words)).scalar_subquery()


async def filled(groupware: Groupware, settled_after: float) -> tuple[Town, Indexer]:
    """An index that is whole and has looked around a few times; then the first message lacks its words."""
    town = await groupware.store.run(build)
    for number in (1, 2):
        await post(groupware, town, "s", f"<{number}@x>")
    indexer = Indexer(groupware.store, groupware.parser, settled_after)
    while await indexer.step():
        pass
    for _ in range(2):
        assert await indexer.step() == 0
    await groupware.store.run(lambda tx: tx.connection.execute(delete(tables.search_text).where(_words == _FIRST)))
    return town, indexer


async def test_what_comes_late_with_a_lower_number_is_indexed(groupware: Groupware) -> None:
    _, indexer = await filled(groupware, 3600)
    assert await indexer.step() == 1


async def test_what_was_whole_a_while_ago_is_not_looked_at_again(groupware: Groupware) -> None:
    town, indexer = await filled(groupware, 0)
    assert await indexer.step() == 0
    await post(groupware, town, "new", "<3@x>")
    assert await indexer.step() == 1
