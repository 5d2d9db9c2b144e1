from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from groupware import clock, content
from groupware.errors import NotCommitted, NotFound

if TYPE_CHECKING:
    from pathlib import Path

    from groupware.store import Store

pytestmark = pytest.mark.anyio
LARGE = content.LARGEST_ROW + 1


@pytest.mark.parametrize("size", [0, 1, content.LARGEST_ROW, LARGE, 3_000_000])
async def test_bytes_come_back_as_they_came(store: Store, size: int) -> None:
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    prepared = content.prepare(store.directory, body)
    assert (prepared.file is None) == (size <= content.LARGEST_ROW)
    number = await store.run(lambda tx: content.add(tx, prepared))
    assert await store.read(lambda s: content.load(s, store.directory, number)) == body


async def test_an_unknown_number_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound):
        await store.read(lambda s: content.load(s, store.directory, 77))


async def test_only_old_files_without_a_row_are_swept(store: Store) -> None:
    named, unnamed, young = (content.prepare(store.directory, bytes([n]) * LARGE) for n in range(3))
    number = await store.run(lambda tx: content.add(tx, named))
    hours_ago = clock.now() / clock.MICROSECONDS - 7200
    for prepared in (named, unnamed):
        os.utime(_file(store, prepared), (hours_ago, hours_ago))
    assert await content.sweep(store) == 1
    assert not _file(store, unnamed).exists()
    assert _file(store, young).exists()
    assert len(await store.read(lambda s: content.load(s, store.directory, number))) == LARGE


async def test_nothing_to_sweep_is_no_error(store: Store) -> None:
    assert await content.sweep(store) == 0


def test_a_disk_that_does_not_take_it_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / content.FOLDER).write_text("in the way")
    with pytest.raises(NotCommitted):
        content.prepare(tmp_path, b"x" * LARGE)
    assert [p.name for p in tmp_path.iterdir()] == [content.FOLDER]


def _file(store: Store, prepared: content.Prepared) -> Path:
    assert prepared.file
    return store.directory / content.FOLDER / prepared.file
