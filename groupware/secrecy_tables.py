"""Which periods have a key: names and proofs, never keys."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, LargeBinary, String, Table

from directory.tables import metadata

secrecy_period = Table(
    "secrecy_period",
    metadata,
    Column("name", String, primary_key=True),
    Column("proof", LargeBinary, nullable=False),
    Column("at", BigInteger, nullable=False),
)
"""A period under whose key something was sealed: by `proof`, a hash of it, another key is told from the right one."""
