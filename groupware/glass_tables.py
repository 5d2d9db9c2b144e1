"""Break-glass: what was asked to be read in an emergency, who confirmed it, which owners were told, what was opened."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from directory.tables import Id, metadata

glass = Table(
    "glass",
    metadata,
    Column("id", Id, primary_key=True),
    Column("asker", ForeignKey("official.id"), nullable=False),
    Column("body", ForeignKey("body.id"), nullable=False),
    Column("confirmer", BigInteger, nullable=False, default=0),
    Column("scope", String, nullable=False),
    Column("name", String, nullable=False),
    Column("item", BigInteger, nullable=False, default=0),
    Column("reason", Text, nullable=False),
    Column("lasts", BigInteger, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("valid_until", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("confirmed", BigInteger, nullable=False, default=0),
    Column("ended", BigInteger, nullable=False, default=0),
    Column("ended_by", BigInteger, nullable=False, default=0),
    Column("ended_why", String, nullable=False, default="", server_default=""),
    Index("ix_glass_body", "body", "asked"),
    Index("ix_glass_state", "state", "valid_until"),
    Index("ix_glass_asker", "asker", "id"),
    sqlite_autoincrement=True,
)
"""`id` is its number. `scope` is post, thread or room; `name` what the asker wrote; `item` is the id of the post, the
thread's first post or the room, 0 until it is confirmed: who asks learns nothing of what there is.

`state` is asked, broken, lapsed (never confirmed), over (its time has passed) or ended (somebody ended it: `ended_by`,
or one of the two stopped being an officer: `ended_why` says which, "asker" or "confirmer"). `valid_until` is when the
ask lapses, and once it is broken, `lasts` microseconds after `confirmed`. `handling` is the asker's clearance when they
asked: what asks for more stays closed.
"""
glass_told = Table(
    "glass_told",
    metadata,
    Column("glass", ForeignKey("glass.id"), primary_key=True, autoincrement=False),
    Column("body", ForeignKey("body.id"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
)
"""Owners whose contact points were told of it."""
glass_opening = Table(
    "glass_opening",
    metadata,
    Column("glass", ForeignKey("glass.id"), primary_key=True, autoincrement=False),
    Column("post", ForeignKey("post.id"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_glass_opening_post", "post"),
)
"""Posts that were opened by it, and when first; each opening is in the log of acts."""
