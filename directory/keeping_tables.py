"""What is kept about the keeping of entries: who changed what, imports in preparation, reminders of reviews."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text

from directory.tables import Id, metadata

entry_change = Table(
    "entry_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("what", String, nullable=False),
    Column("token", BigInteger, nullable=False, server_default="0"),
    Index("ix_entry_change_subject", "kind", "subject", "version"),
)
"""`kind` is official or unit; `version` the one that the change made, `what` a comma list of columns, never values.

`by` is an official, 0 for whoever has the machine, and for a SCIM token, whose id is `token`.
"""
import_draft = Table(
    "import_draft",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False),
    Column("digest", String, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""A file that an official looks through before it is applied: one each, for an hour."""
review_notice = Table(
    "review_notice",
    metadata,
    Column("body", ForeignKey("body.id"), primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""When a body's admins were last told what is due."""
reset_request = Table(
    "reset_request",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("reason", String, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("asked_by", ForeignKey("official.id"), nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("released", BigInteger, nullable=False, default=0),
    Column("released_by", BigInteger, nullable=False, default=0),
)
"""That somebody of a body asked for new credentials of an official; open until it is released or has expired.

One that was withdrawn has expired. It holds no secret: the link is made for whoever releases it.
"""
departure = Table(
    "departure",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("ended", Text, nullable=False),
    Column("doors", Text, nullable=False),
)
"""An off-boarding and its report: `ended` and `doors` are JSON, as directory.departures has them."""
