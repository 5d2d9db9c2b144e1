"""Acknowledgements: which officials have said that they took note of a post, and of which posts that was asked."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, String, Table

from directory.tables import metadata

acknowledgement = Table(
    "acknowledgement",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True, autoincrement=False),
    Column("official", ForeignKey("official.id"), primary_key=True, autoincrement=False),
    Column("body", ForeignKey("body.id"), nullable=False),
    Column("door", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_acknowledgement_official", "official", "post"),
)
"""`body` is the official's as of then: an acknowledgement counts for the state or institution that they sat for."""
acknowledgement_wanted = Table(
    "acknowledgement_wanted",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True, autoincrement=False),
)
"""Posts whose authors asked for it (RFC 8098 2.1)."""
