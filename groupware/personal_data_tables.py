"""What is kept about posts that seemed to hold personal data where it is barred: kinds and words, never a value."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from directory.tables import metadata

personal_data_hold = Table(
    "personal_data_hold",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True),
    Column("kinds", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("word", String, nullable=False, default=""),
    Column("said", BigInteger, nullable=False, default=0),
    Column("by", BigInteger, nullable=False, default=0),
    Column("reason", String, nullable=False, default=""),
    Index("ix_personal_data_hold_until", "word", "until"),
)
"""A post that awaited its author's word, until when, and the `kinds` of what seemed to be there, joined by spaces.

`word` is confirmed, redacted, withdrawn or lapsed, `said` when, `by` whom (0: nobody, it lapsed), with a reason.
"""
