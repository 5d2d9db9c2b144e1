"""What is kept about the administration of areas and rooms, and about posts that were taken back, as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text

from directory.tables import Id, metadata

room_change = Table(
    "room_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("act", String, nullable=False),
    Column("area", BigInteger, nullable=False),
    Column("room", BigInteger, nullable=False, default=0),
    Column("detail", Text, nullable=False, default=""),
    Index("ix_room_change_room", "room", "id"),
    Index("ix_room_change_area", "area", "id"),
)
"""Who did what to an area or (not 0) a room, and when; `by` is an official, 0 for the operator. Only added to."""
room_deputy = Table(
    "room_deputy",
    metadata,
    Column("room", ForeignKey("room.id"), primary_key=True),
    Column("official", ForeignKey("official.id"), primary_key=True),
)
"""Moderators of a room who are told of a held post only when nobody else has decided in time."""
escalation = Table(
    "escalation",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True),
    Column("step", Integer, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("told", Integer, nullable=False),
)
"""A held post that nobody decided in time: the deputies (step 1) and who runs the room (2) were told, and how many."""
withdrawal = Table(
    "withdrawal",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
)
"""Who took a post back, why, and in which `state` it was before."""
