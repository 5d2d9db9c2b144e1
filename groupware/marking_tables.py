"""What is kept about markings, as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table

from directory.tables import Id, metadata

refused_marking = Table(
    "refused_marking",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("door", String, nullable=False),
    Column("level", Integer, nullable=False),
    Column("place", String, nullable=False),
    Column("first", BigInteger, nullable=False),
    Column("last", BigInteger, nullable=False),
    Column("times", Integer, nullable=False),
    Index("ix_refused_marking_official", "official", "last"),
)
"""Messages that an official tried to send though they were marked as classified: nothing of them but the level.

One row for what a program tried again and again: `times`, from `first` to `last`.
"""
