"""What is kept about drafts (RFC 7912): posts that await the word of a colleague who may post."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, LargeBinary, String, Table

from directory.tables import metadata

draft = Table(
    "draft",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True),
    Column("kinds", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("reminded", BigInteger, nullable=False, default=0),
    Column("word", String, nullable=False, default=""),
    Column("said", BigInteger, nullable=False, default=0),
    Column("by", BigInteger, nullable=False, default=0),
    Column("door", String, nullable=False, default=""),
    Column("reason", String, nullable=False, default=""),
    Index("ix_draft_until", "word", "until"),
)
"""A post that was a draft, and until when; `kinds` of what seemed to be personal data in it, joined by spaces.

`word` is "" while it waits, then authorised, refused, withdrawn, superseded, lapsed or fallen; `said` when, `by` whom
(0: nobody) and through which door, with a reason. Whose word it was stands in the post's renderings for good.
"""
draft_mail = Table(
    "draft_mail",
    metadata,
    Column("mail", ForeignKey("mail.id"), primary_key=True, autoincrement=False),
    Column("post", ForeignKey("post.id"), nullable=False),
    Index("ix_draft_mail_post", "post"),
)
"""A mail of ours that has the draft in it: it goes when the draft ends without being authorised, or with the post."""
draft_reading = Table(
    "draft_reading",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True, autoincrement=False),
    Column("official", ForeignKey("official.id"), primary_key=True, autoincrement=False),
)
"""Who opened a draft, in the portal or through the API: they have had it, also when it has ended."""
draft_reply = Table(
    "draft_reply",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("post", ForeignKey("post.id"), nullable=False),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("used", BigInteger, nullable=False, default=0),
    Column("chat", BigInteger, nullable=False, default=0),
    Index("ix_draft_reply_post", "post"),
)
"""The address at which one colleague answers about one draft by mail, once: `digest` of what is secret in it.

`chat` is when they were told in the room that they have with ICONet alone; 1 where they aren't to be.
"""
