"""What is kept about markings, as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, Index, Integer, String, Table, Text

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
remarking = Table(
    "remarking",
    metadata,
    Column("id", Id, primary_key=True),
    Column("post", ForeignKey("post.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", BigInteger, nullable=False),
    Column("operator", Boolean, nullable=False),
    Column("was_marking", Integer, nullable=False),
    Column("was_handling", Integer, nullable=False),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("second", BigInteger, nullable=False, default=0),
    Index("ix_remarking_post", "post", "id"),
)
"""Each act by which an owner marked a post anew: who decided, from what to what, and why. Only added to.

`operator`: it was entered on the command line, in the name of `by`. `second` confirmed it, where two persons had to.
"""
loosening = Table(
    "loosening",
    metadata,
    Column("id", Id, primary_key=True),
    Column("post", ForeignKey("post.id"), nullable=False),
    Column("asker", ForeignKey("official.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("reminded", BigInteger, nullable=False, default=0),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("operator", Boolean, nullable=False),
    Column("word", String, nullable=False, default=""),
    Column("said", BigInteger, nullable=False, default=0),
    Column("by", BigInteger, nullable=False, default=0),
    Column("note", Text, nullable=False, default=""),
    Index("ix_loosening_post", "post", "id"),
    Index("ix_loosening_until", "word", "until"),
)
"""An ask to mark a post less strictly, which another of its owner's has to confirm: by whom, to what, why, until when.

`word` is "" while it waits, then confirmed, refused, withdrawn, superseded, lapsed, fallen or gone with its post;
`said` when, `by` whom (0: nobody), with a `note`. A post has one that waits at most: its `loosener` is the asker.
"""
