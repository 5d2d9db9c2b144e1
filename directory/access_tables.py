"""Access to rooms by rule, as rows: who takes part is said once for many, and worked out for each official."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, String, Table

from directory.tables import FOREVER, Id, metadata

room_access = Table(
    "room_access",
    metadata,
    Column("id", Id, primary_key=True),
    Column("room", BigInteger, nullable=False),
    Column("area", BigInteger, nullable=False),
    Column("access", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("key", BigInteger, nullable=False, default=0),
    Column("role", String, nullable=False, default=""),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False, default=FOREVER),
    Column("granted_by", BigInteger, nullable=False, default=0),
    Column("granted", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("ended", BigInteger, nullable=False, default=0),
    Column("ended_by", BigInteger, nullable=False, default=0),
    Index("ix_room_access_room", "room", "valid_until"),
)
"""`access` is reader, poster, drafter or manager; `subject` says whom it is for, and `key` or `role` which of them.

A rule that was ended holds no longer at `valid_until`; `ended` is when that was decided (0: it wasn't).
"""
