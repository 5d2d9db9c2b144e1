"""The tree grows: records are sealed in the order in which their transactions were committed, one process at a time.

A record counts for proofs once it is sealed, some moments after its commit; a checkpoint says so to the outside.
"""

from __future__ import annotations

from hashlib import sha256
from struct import pack
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, String, bindparam, func, insert, select, update

from groupware.audit.note import Checkpoint, sign
from groupware.audit.tree import Frontier
from groupware.audit_tables import audit_checkpoint, audit_record, audit_tile, audit_tree
from groupware.store.dialect import behind, settled_below

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from groupware.store import Snapshot, Tx

MOST = 1024
"""Records sealed at once: some three milliseconds."""
VERSION = "iconet-audit/1"
_r, _tree = audit_record.c, audit_tree.c


_COLUMNS = (_r.at, _r.event, _r.actor, _r.body, _r.door, _r.action, _r.kind, _r.resource, _r.rules, _r.detail)
TEXT = func.format("\n".join([VERSION, *["%s"] * len(_COLUMNS)]), *_COLUMNS, type_=String)
"""A record as it is hashed: the name of this form, then a column a line."""
_GROWN = select(_tree.txid, _tree.record, _tree.size, _tree.peaks).where(_tree.id == 1)
_PLANT = insert(audit_tree)
_GROW = update(audit_tree).where(_tree.id == 1)
_NEXT = (
    select(_r.id, _r.txid, TEXT.label("text"))
    .where(
        behind(_r.txid, _r.id, bindparam("txid", type_=BigInteger), bindparam("record", type_=BigInteger)),
        _r.txid < settled_below(),
    )
    .order_by(_r.txid, _r.id)
    .limit(MOST)
)
_TILE = insert(audit_tile)
_CHECKPOINT = insert(audit_checkpoint)
_LAST = select(func.max(audit_checkpoint.c.size))


class Sealing:
    """Lets the tree grow by what was committed, and signs what it has become."""

    def __init__(self, origin: str, key: Ed25519PrivateKey) -> None:
        self._origin, self._key = origin, key

    def seal(self, tx: Tx) -> int:
        """Take in the next records and return their number."""
        tree = _tree_for_change(tx)
        rows = tx.rows(_NEXT, {"txid": tree.txid, "record": tree.record})
        if not rows:
            return 0
        hashes = b"".join([sha256(b"\0" + row.text.encode()).digest() for row in rows])
        frontier = Frontier.read(tree.size, bytes(tree.peaks))
        tx.insert(_TILE, _tile(frontier.size, [row.id for row in rows], hashes))
        frontier.extend(hashes)
        last = rows[-1]
        grown = {"txid": last.txid, "record": last.id, "size": frontier.size, "peaks": frontier.octets()}
        tx.connection.execute(_GROW, grown)
        return len(rows)

    @staticmethod
    def behind(snapshot: Snapshot) -> bool:
        """Whether there is anything to take in."""
        tree = snapshot.connection.execute(_GROWN).one_or_none()
        place = {"txid": 0, "record": 0} if tree is None else {"txid": tree.txid, "record": tree.record}
        return snapshot.first(_NEXT, place) is not None

    def check(self, tx: Tx, more: tuple[str, ...] = ()) -> str | None:
        """A checkpoint of what is sealed, and `more`, kept and returned; None if the last one has as many records."""
        tree = tx.connection.execute(_GROWN).one_or_none()
        if tree is None or tree.size == _checked(tx):
            return None
        root = Frontier.read(tree.size, bytes(tree.peaks)).root()
        note = sign(Checkpoint(self._origin, tree.size, root, more), self._key)
        tx.connection.execute(_CHECKPOINT, {"size": tree.size, "at": tx.now, "note": note})
        return note


def _tree_for_change(tx: Tx) -> Any:  # noqa: ANN401 -- a row of _GROWN
    """The tree, held for this transaction alone."""
    found = tx.connection.execute(_GROWN.with_for_update()).one_or_none()
    if found is None:
        tx.connection.execute(_PLANT, {"id": 1, "txid": 0, "record": 0, "size": 0, "peaks": b""})
        found = tx.connection.execute(_GROWN.with_for_update()).one()
    return found


def _checked(tx: Tx) -> int:
    return tx.connection.scalar(_LAST) or 0


def _tile(first: int, ids: Sequence[int], hashes: bytes) -> dict[str, Any]:
    return {"first": first, "size": len(ids), "records": pack(f">{len(ids)}q", *ids), "hashes": hashes}
