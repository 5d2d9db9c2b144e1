"""What somebody did to the log behind ICONet's back is named, record by record."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import delete, insert, select, text, update

from groupware.acts import Act, Happening
from groupware.audit.note import BadNoteError
from groupware.audit.sealing import TEXT, Sealing
from groupware.audit.verifying import BETWEEN, Verified, verify
from groupware.audit_tables import audit_checkpoint, audit_record, audit_tile, audit_tree
from groupware.store.recording import Recorder

if TYPE_CHECKING:
    from collections.abc import Callable

    from groupware.store import Store, Tx

pytestmark = pytest.mark.anyio
ORIGIN = "iconet.test/audit"
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
SEALING = Sealing(ORIGIN, KEY)
r = audit_record.c


def _act(number: int) -> Act:
    return Act(Happening.PERMITTED, number % 3, "imap", "read", "Post", number, ("rule-a", "rule-b"))


async def written(store: Store, first: int, behind: int) -> None:
    recorder = Recorder()
    await store.run(lambda tx: recorder.write(tx, [_act(number) for number in range(first, behind)]))


async def sealed(store: Store, *groups: int) -> str:
    """So many records a group, each sealed and checked; the last note."""
    note, at = None, 0
    for group in groups:
        await written(store, at, at + group)
        at += group
        await store.run(SEALING.seal)
        note = await store.run(SEALING.check)
    assert note is not None
    return note


async def seen(store: Store, *kept: str) -> Verified:
    return await verify(store, ORIGIN, KEY.public_key(), [(f"{at}.note", text) for at, text in enumerate(kept)])


async def tampered(store: Store, act: Callable[[Tx], object], *kept: str) -> list[tuple[int, str]]:
    await store.run(act)
    return [(wrong.record, wrong.why) for wrong in (await seen(store, *kept)).wrong]


async def test_a_log_left_alone_is_whole(store: Store) -> None:
    note = await sealed(store, 5, 300, 1)
    await written(store, 306, 310)
    assert await seen(store, note) == Verified(306, 4, ())


async def test_an_empty_one_too(store: Store) -> None:
    assert await store.run(SEALING.check) is None
    assert await seen(store) == Verified(0, 0, ())


@pytest.mark.parametrize("column", sorted({column.name for column in audit_record.columns} - {"id", "txid"}))
async def test_each_column_of_a_record_is_held(store: Store, column: str) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)
    number = column in {"at", "body"}
    change = update(audit_record).where(r.id == ids[6]).values({column: 7 if number else "forged"})
    assert await tampered(store, lambda tx: tx.connection.execute(change)) == [(ids[6], "it is not what was sealed")]


async def test_what_moves_from_one_column_to_the_next_is_seen(store: Store) -> None:
    await sealed(store, 5)
    ids = await _ids(store)
    change = update(audit_record).where(r.id == ids[1]).values(door="ima", action="pread")
    assert await tampered(store, lambda tx: tx.connection.execute(change)) == [(ids[1], "it is not what was sealed")]


async def test_a_record_left_out_is_named(store: Store) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)
    gone = delete(audit_record).where(r.id.in_([ids[2], ids[9]]))
    assert await tampered(store, lambda tx: tx.connection.execute(gone)) == [
        (ids[2], "it is gone"),
        (ids[9], "it is gone"),
    ]


async def test_two_that_changed_places_are_both_named(store: Store) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)

    def swap(tx: Tx) -> None:
        for old, new in ((ids[2], -1), (ids[7], ids[2]), (-1, ids[7])):
            tx.connection.execute(update(audit_record).where(r.id == old).values(id=new))

    assert {record for record, _ in await tampered(store, swap)} == {ids[2], ids[7]}


async def test_two_made_one_are_both_named(store: Store) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)

    def merge(tx: Tx) -> None:
        other = tx.connection.execute(select(TEXT).where(r.id == ids[3])).scalar_one()
        longer = update(audit_record).where(r.id == ids[2]).values(detail=r.detail + BETWEEN + other)
        tx.connection.execute(longer)
        tx.connection.execute(delete(audit_record).where(r.id == ids[3]))

    assert await tampered(store, merge) == [(ids[2], "it is not what was sealed"), (ids[3], "it is gone")]


async def test_a_record_put_into_a_later_transaction_is_named(store: Store) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)
    later = update(audit_record).where(r.id == ids[2]).values(txid=r.txid + 2**40)
    moved = await tampered(store, lambda tx: tx.connection.execute(later))
    assert moved == [(ids[2], "it was not sealed in its turn")]


async def test_two_that_changed_places_with_their_hashes_are_named(store: Store) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)

    def swap(tx: Tx) -> None:
        tile = tx.connection.execute(select(audit_tile).where(audit_tile.c.first == 5)).one()
        records = tile.records[8:16] + tile.records[:8] + tile.records[16:]
        hashes = tile.hashes[32:64] + tile.hashes[:32] + tile.hashes[64:]
        change = update(audit_tile).where(audit_tile.c.first == 5).values(records=records, hashes=hashes)
        tx.connection.execute(change)

    found = await tampered(store, swap)
    assert found
    assert {record for record, _ in found} <= {ids[5], ids[6]}
    assert all("not sealed in its turn" in why or "rewritten" in why for _, why in found)


async def test_the_end_cut_off_is_seen_by_the_checkpoint(store: Store) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)

    def cut(tx: Tx) -> None:
        tx.connection.execute(delete(audit_record).where(r.id > ids[4]))
        tx.connection.execute(delete(audit_tile).where(audit_tile.c.first == 5))

    found = await tampered(store, cut)
    assert found == [(ids[4], "the log ends here, and had 10 records when a checkpoint was signed")]


async def test_what_leaves_no_trace_inside_is_seen_by_a_note_kept_outside(store: Store) -> None:
    await sealed(store, 5)
    tree = await store.read(lambda snapshot: dict(snapshot.connection.execute(select(audit_tree)).one()._mapping))
    ids = await _ids(store)
    await written(store, 5, 10)
    await store.run(SEALING.seal)
    note = await store.run(SEALING.check)
    assert note is not None

    def rewind(tx: Tx) -> None:
        tx.connection.execute(delete(audit_record).where(r.id > ids[4]))
        tx.connection.execute(delete(audit_tile).where(audit_tile.c.first == 5))
        tx.connection.execute(delete(audit_checkpoint).where(audit_checkpoint.c.size == 10))
        tx.connection.execute(update(audit_tree).values(tree))

    assert await tampered(store, rewind) == []
    assert [wrong.record for wrong in (await seen(store, note)).wrong] == [ids[4]]


async def test_a_record_rewritten_with_its_hash_is_narrowed_down_to_its_checkpoint(store: Store) -> None:
    await sealed(store, 5)
    tree = await store.read(lambda snapshot: dict(snapshot.connection.execute(select(audit_tree)).one()._mapping))
    for first in (5, 10):
        await written(store, first, first + 5)
        await store.run(SEALING.seal)
        await store.run(SEALING.check)
    ids = await _ids(store)

    def rewrite(tx: Tx) -> None:
        change = update(audit_record).where(r.id == ids[6]).values(door="portal")
        tx.connection.execute(change)
        tx.connection.execute(delete(audit_tile).where(audit_tile.c.first >= 5))
        tx.connection.execute(delete(audit_checkpoint).where(audit_checkpoint.c.size > 10))
        tx.connection.execute(update(audit_tree).values(tree))

    await store.run(rewrite)
    await store.run(SEALING.seal)
    found = (await seen(store)).wrong
    assert (ids[9], f"it or one before it, back to {ids[4] + 1}, was rewritten with its hash") in [
        (wrong.record, wrong.why) for wrong in found
    ]


async def test_a_record_put_in_afterwards_is_named(store: Store) -> None:
    await sealed(store, 5, 5)
    ids = await _ids(store)
    row = await store.read(lambda snapshot: dict(snapshot.connection.execute(select(audit_record)).first()._mapping))

    def put_in(tx: Tx) -> None:
        tx.connection.execute(delete(audit_record).where(r.id == ids[3]))
        tx.connection.execute(insert(audit_record), row | {"id": 100_000, "txid": 0})
        tx.connection.execute(update(audit_record).where(r.id == 100_000).values(id=ids[3]))

    assert [record for record, _ in await tampered(store, put_in)] == [ids[3]]


async def test_a_forged_checkpoint_is_told(store: Store) -> None:
    await sealed(store, 5)
    forged = update(audit_checkpoint).values(note=text("replace(note, '5', '4')"))
    (found,) = await tampered(store, lambda tx: tx.connection.execute(forged))
    assert "checkpoint of 5 records" in found[1]
    with pytest.raises(BadNoteError):
        await seen(store, "nonsense")


async def test_a_hash_of_the_tile_changed_is_told(store: Store) -> None:
    await sealed(store, 5)
    (first, *_) = await _ids(store)
    change = update(audit_tile).values(hashes=bytes(160))
    assert first in {record for record, _ in await tampered(store, lambda tx: tx.connection.execute(change))}


async def test_any_octet_of_any_table_changed_is_told(store: Store) -> None:
    """A hundred single changes by chance, each taken back."""
    await sealed(store, 20, 20)
    dice = random.Random(4)
    tables = (audit_record, audit_tile, audit_tree, audit_checkpoint)
    for _ in range(100):
        table = dice.choice(tables)
        rows = await store.read(lambda snapshot, table=table: snapshot.connection.execute(select(table)).all())
        row = dice.choice(rows)._mapping
        column = dice.choice([column for column in table.columns if not column.primary_key and column.name != "txid"])
        if (table.name, column.name) == ("audit_checkpoint", "at"):
            continue
        key = next(iter(table.primary_key))
        old = row[column.name]
        change = update(table).where(key == row[key.name])
        new = _changed(dice, old)
        await store.run(
            lambda tx, change=change, column=column, new=new: tx.connection.execute(change.values({column: new}))
        )
        assert (await seen(store)).wrong, (table.name, column.name, old, new)
        await store.run(
            lambda tx, change=change, column=column, old=old: tx.connection.execute(change.values({column: old}))
        )
    assert (await seen(store)).wrong == ()


def _changed(dice: random.Random, old: object) -> object:
    if isinstance(old, int):
        return old ^ 1 << dice.randrange(4)
    if isinstance(old, str):
        place = dice.randrange(len(old) + 1)
        return old[:place] + "x" + old[place:]
    octets = bytearray(old)
    octets[dice.randrange(len(octets))] ^= 1 << dice.randrange(8)
    return bytes(octets)


async def _ids(store: Store) -> list[int]:
    return await store.read(lambda snapshot: list(snapshot.connection.execute(select(r.id).order_by(r.id)).scalars()))
