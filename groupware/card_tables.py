"""What ICONet remembers of the cards that it handed out, so that a client's next visit is short."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, LargeBinary, String, Table

from directory.tables import metadata

card = Table(
    "card",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("digest", LargeBinary, nullable=False),
    Column("changed", BigInteger, nullable=False),
)
"""An official's card as it was last written: the digest of its contents, and since when they are these."""
card_state = Table(
    "card_state",
    metadata,
    Column("name", String, primary_key=True),
    Column("entries", LargeBinary, nullable=False),
    Column("used", BigInteger, nullable=False, index=True),
)
"""What a book held at some time, named by its own digest: readers who see the same share a row."""
