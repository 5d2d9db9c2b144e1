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
    Column("authority", BigInteger, nullable=False, default=0),
    Column("version", Integer, nullable=False, default=1),
)
"""`authority` is the body that governs this one: it founds areas and appoints first contact points; 0 for none.

`version` counts the changes of a row, here and below: who changes it names the version that they saw.
"""
unit = Table(
    "unit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("parent", ForeignKey("unit.id")),
    Column("code", String, nullable=False),
    Column("name", String, nullable=False),
    Column("address", String, nullable=False, default=""),
    Column("phone", String, nullable=False, default=""),
    Column("version", Integer, nullable=False, default=1),
    UniqueConstraint("body", "code"),
)
"""`address` is the functional mailbox that the unit is written to, if it has one."""
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
    Column("body", BigInteger, nullable=False, default=0),
    Column("version", Integer, nullable=False, default=1),
    Column("state", String, nullable=False, default="open"),
)
"""`body` is the one that runs the area: its directory admins manage the area and its rooms; 0 for nobody.

`state` is open, closed or archived; its rooms are at least that.
"""
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
    Column("given_name", String, nullable=False, default=""),
    Column("surname", String, nullable=False, default=""),
    Column("title", String, nullable=False, default=""),
    Column("phone", String, nullable=False, default=""),
    Column("mobile", String, nullable=False, default=""),
    Column("languages", String, nullable=False, default=""),
    Column("external_id", String, nullable=False, default=""),
    Column("departed", BigInteger, nullable=False, default=0),
    Column("reviewed", BigInteger, nullable=False, default=0),
    Column("reviewed_by", BigInteger, nullable=False, default=0),
    Column("version", Integer, nullable=False, default=1),
    Index("ix_official_external", "body", "external_id"),
)
"""`name` is shown; `given_name` and `surname` are for address books. `languages` is a comma list of RFC 5646 tags.

`external_id` is the national system's own name for the person, one within a body. `departed` is when they were
off-boarded (0: they weren't), `reviewed` when `reviewed_by` last confirmed that they still take part.
"""
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
    Column("access", BigInteger, nullable=False, default=0),
    Column("ended_by", BigInteger, nullable=False, default=0),
    Column("ended_why", String, nullable=False, default=""),
    Index("ix_role_grant_scope", "role", "scope", "official", "valid_from", "valid_until"),
    Index("ix_role_grant_official", "official", "role", "scope"),
)
"""`role` is a policies.vocabulary.Role or Access; `scope` the id of the room, area, body or official it holds for.

`access` is the rule that a grant follows from (directory.access), 0 for one given by hand.
One that was revoked says by whom and why; its `valid_until` is when.
"""
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
    Column("short", Boolean, nullable=False, default=False),
)
"""`short`: it has so few characters that it opens nothing without a second factor."""
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
    Column("expires", BigInteger, nullable=False, default=FOREVER),
    Column("used", BigInteger, nullable=False, default=0),
)
"""`doors` is a comma list of Door values; `digest` the keyed hash of the secret half; `used` is coarse."""
web_session = Table(
    "web_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("created", BigInteger, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    Column("proved", BigInteger, nullable=False),
    Column("means", String, nullable=False),
    Column("device", String, nullable=False),
    Column("network", String, nullable=False),
    Column("program", Boolean, nullable=False, default=False),
    Column("strong", Boolean, nullable=False, default=True),
)
"""`proved`: when the person last showed that it is them; `means`: how they signed in.

`program`: it was made for a program, which has it in a header; it is no browser's. `strong`: what was shown is
enough for RED and for administration, then or at `proved`.
"""
invitation = Table(
    "invitation",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("purpose", String, nullable=False),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("created", BigInteger, nullable=False),
    Column("created_by", BigInteger, nullable=False, default=0),
    Column("expires", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False, default=0),
)
"""A one-time link by which an official makes their credentials: `purpose` is join or reset, `digest` of its token.

One that was withdrawn has expired.
"""
terms_acceptance = Table(
    "terms_acceptance",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("terms", String, primary_key=True),
    Column("at", BigInteger, nullable=False),
)
"""`terms` is the version of the terms of use that were accepted."""
login_failure = Table(
    "login_failure",
    metadata,
    Column("key", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("next_allowed", BigInteger, nullable=False),
)
"""`key` is "login:NAME", "net:PREFIX" and the like (directory.login_failures); shared by every door."""
