"""The log for security officers: records, the hashes that hold them in their order, signed checkpoints, pseudonyms."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, String, Table, Text

from directory.tables import Id, metadata

audit_record = Table(
    "audit_record",
    metadata,
    Column("id", Id, primary_key=True),
    Column("txid", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("event", String, nullable=False),
    Column("actor", String, nullable=False),
    Column("body", BigInteger, nullable=False),
    Column("door", String, nullable=False),
    Column("action", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("resource", String, nullable=False),
    Column("rules", String, nullable=False),
    Column("detail", Text, nullable=False),
    sqlite_autoincrement=True,
)
"""What somebody did, asked in vain, read or was sent: ids and words, never contents. No column holds a line's end.

`actor` is a pseudonym, empty for ICONet itself and its operator; `body` the actor's, 0 where there is none. `resource`
is the thing's id, an official's pseudonym, or a word. `detail` is canonical JSON.
"""
Index("ix_audit_record_order", audit_record.c.txid, audit_record.c.id)
_OF_POSTS = audit_record.c.kind == "Post"
Index(
    "ix_audit_record_post",
    audit_record.c.resource,
    audit_record.c.id,
    sqlite_where=_OF_POSTS,
    postgresql_where=_OF_POSTS,
)
"""For the ledger of a post; other questions to the log go through all of it."""
audit_tile = Table(
    "audit_tile",
    metadata,
    Column("first", BigInteger, primary_key=True, autoincrement=False),
    Column("size", Integer, nullable=False),
    Column("records", LargeBinary, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
)
"""The records at the places `first` to `first + size - 1` of the tree: their ids, of eight octets, and their hashes."""
audit_tree = Table(
    "audit_tree",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("txid", BigInteger, nullable=False),
    Column("record", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),
)
"""Up to which record the tree has grown, and what it needs to grow on."""
audit_checkpoint = Table(
    "audit_checkpoint",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
)
"""The tree as it was at some size, signed."""
audit_subject = Table(
    "audit_subject",
    metadata,
    Column("official", BigInteger, primary_key=True, autoincrement=False),
    Column("pseudonym", String, nullable=False, unique=True),
)
"""Who stands behind a pseudonym. Without the row nobody tells any more whom the records are about."""
