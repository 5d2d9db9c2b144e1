"""What ICONet remembers of the Matrix rooms, as rows. Each can be found again from Synapse, but for holds."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

from directory.tables import Id, metadata

matrix_room = Table(
    "matrix_room",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("matrix", String, nullable=False, unique=True),
    Column("owner", String, nullable=False, default=""),
    Column("lease_until", BigInteger, nullable=False, default=0),
)
"""A room's Matrix id. One bridge at a time sends to it: the `owner`, until `lease_until`."""
matrix_user = Table(
    "matrix_user",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("name", String, nullable=False),
)
"""Officials whom the homeserver knows, with the display name that it was told."""
matrix_member = Table(
    "matrix_member",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("joined", Boolean, nullable=False),
    sqlite_with_rowid=False,
)
"""Who is, or may be, in a Matrix room: written before they are joined, removed after they were removed there."""
matrix_event = Table(
    "matrix_event",
    metadata,
    Column("event", String, primary_key=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("post", BigInteger, nullable=False),
    Index("ix_matrix_event_post", "post", "event"),
)
"""Events of the rooms that are dealt with, and the post that each one shows (0: none)."""
matrix_hold = Table(
    "matrix_hold",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String, nullable=False, unique=True),
    Column("post", ForeignKey("post.id"), nullable=False, unique=True),
    Column("event", String, nullable=False, default=""),
    Column("at", BigInteger, nullable=False),
    Column("media", String, nullable=False, default=""),
)
"""Held posts that were said in a room: `key` is of the client's transaction, `event` the notice in the post's place.

`media` is what the homeserver calls the file that was handed in with it; "" without one.
"""
matrix_outbox = Table(
    "matrix_outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("post", BigInteger, nullable=False, default=0),
    Column("text", Text, nullable=False, default=""),
    Column("key", String, nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("event", String, nullable=False, default=""),
    Index("ix_matrix_outbox_next", "state", "room", "id"),
)
"""What the bridge has to send, in this order within a room: `kind` is post, notice or redact.

`state` is queued, sent or dropped; `key` the transaction id; `event` what came of it, or the one to be redacted.
"""
matrix_transaction = Table(
    "matrix_transaction",
    metadata,
    Column("name", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Index("ix_matrix_transaction_at", "at"),
)
"""The homeserver's transactions that have had their effect."""
matrix_device = Table(
    "matrix_device",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("device", String, primary_key=True),
    Column("app_password", ForeignKey("app_password.id"), nullable=False, index=True),
)
"""Which app password signed a device in: when it is revoked, the device is signed out."""
