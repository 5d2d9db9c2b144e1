"""Tokens of national identity systems, and what SCIM has to remember of an entry besides the directory's facts."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, String, Table

from directory.tables import FOREVER, Id, metadata

scim_token = Table(
    "scim_token",
    metadata,
    Column("id", Id, primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("label", String, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("revoked", BigInteger, nullable=False, default=FOREVER),
    Column("used", BigInteger, nullable=False, default=0),
)
"""`digest` is the keyed hash of a token, of which nothing else is kept; `used` its last day of use, 0 for never."""
provisioned = Table(
    "provisioned",
    metadata,
    Column("kind", String, primary_key=True),
    Column("number", BigInteger, primary_key=True, autoincrement=False),
    Column("external_id", String, nullable=False, default=""),
    Column("created", BigInteger, nullable=False, default=0),
    Column("changed", BigInteger, nullable=False, default=0),
    Column("removed", BigInteger, nullable=False, default=0),
    Column("version", Integer, nullable=False),
    Column("token", BigInteger, nullable=False),
    Index("ix_provisioned_external", "kind", "external_id"),
)
"""An entry that a token has written, the `token` the last to do so; `number` an official's id or a unit's.

`created` is 0 where somebody else made the entry, `removed` when SCIM was told to delete it, 0 if it wasn't: the
official stays in the directory, departed. `version` is the entry's as of `changed`: when the entry has another one,
somebody else has written it since, nobody knows when. `external_id` is a unit's; an official's is in the directory.
"""
