"""Who is who, as rows. Every fact that policies read is NOT NULL, so that NOT in SQL means what it says.

Times are whole microseconds since 1970, UTC. `FOREVER` stands for "no end".
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

FOREVER = 2**62

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Id = BigInteger().with_variant(Integer, "sqlite")

body = Table(
    "body",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("suspended", Boolean, nullable=False, default=False),
)
unit = Table(
    "unit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("parent", ForeignKey("unit.id")),
    Column("code", String, nullable=False),
    Column("name", String, nullable=False),
    UniqueConstraint("body", "code"),
)
unit_above = Table(
    "unit_above",
    metadata,
    Column("above", ForeignKey("unit.id"), primary_key=True),
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Index("ix_unit_above_unit", "unit", "above"),
)
"""The closure of `unit.parent`, each unit with itself included; rewritten by directory.units as units move."""
area = Table(
    "area",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
)
competence = Table(
    "competence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code", String, nullable=False, unique=True),
)
unit_competence = Table(
    "unit_competence",
    metadata,
    Column("competence", ForeignKey("competence.id"), primary_key=True),
    Column("unit", ForeignKey("unit.id"), primary_key=True),
    Column("given", Boolean, nullable=False),
    Index("ix_unit_competence_unit", "unit", "competence"),
)
"""Closed over the unit tree: `given` marks what was assigned, the other rows follow from a unit above."""
official = Table(
    "official",
    metadata,
    Column("id", Id, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("address", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("unit", ForeignKey("unit.id"), nullable=False, index=True),
    Column("clearance", Integer, nullable=False, default=3),
    Column("listed", Boolean, nullable=False, default=True),
    Column("suspended", Boolean, nullable=False, default=False),
    Column("valid_from", BigInteger, nullable=False, default=0),
    Column("valid_until", BigInteger, nullable=False, default=FOREVER),
)
role_grant = Table(
    "role_grant",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("role", String, nullable=False),
    Column("scope", BigInteger, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False, default=FOREVER),
    Column("granted_by", BigInteger, nullable=False, default=0),
    Column("approved_by", BigInteger, nullable=False, default=0),
    Column("reason", String, nullable=False, default=""),
    Index("ix_role_grant_scope", "role", "scope", "official", "valid_from", "valid_until"),
    Index("ix_role_grant_official", "official", "role", "scope"),
)
"""`role` is a policies.vocabulary.Role or Access; `scope` the id of the room, area or body that it holds for."""
partner = Table(
    "partner",
    metadata,
    Column("domain", String, primary_key=True),
    Column("allowed", Boolean, nullable=False),
)
"""Outside mail domains that the restricted relay may write to."""
rights = Table(
    "rights",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
)
"""One row, id 1. Raised by every change, other than a new post, that can change an answer of the policies."""
password = Table(
    "password",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("hash", String, nullable=False),
    Column("changed", BigInteger, nullable=False),
)
app_password = Table(
    "app_password",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("selector", String, nullable=False, unique=True),
    Column("digest", LargeBinary, nullable=False),
    Column("doors", String, nullable=False),
    Column("label", String, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("revoked", BigInteger, nullable=False, default=FOREVER),
)
"""`doors` is a comma list of Door values; `digest` the keyed hash of the secret half."""
web_session = Table(
    "web_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
)
login_failure = Table(
    "login_failure",
    metadata,
    Column("key", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("next_allowed", BigInteger, nullable=False),
)
"""`key` is "login:NAME" or "net:PREFIX"; shared by every door."""
