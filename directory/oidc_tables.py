"""Other programs at which officials sign on through ICONet (OpenID Connect), as rows."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from directory.tables import FOREVER, Id, metadata

oidc_key = Table(
    "oidc_key",
    metadata,
    Column("kid", String, primary_key=True),
    Column("algorithm", String, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("signs_from", BigInteger, nullable=False),
    Column("shown_until", BigInteger, nullable=False, default=FOREVER),
)
"""Signing keys: `sealed` is the private JWK under a key that follows from DIR/server.key."""
oidc_client = Table(
    "oidc_client",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", String, nullable=False, unique=True),
    Column("title", String, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    Column("redirects", Text, nullable=False),
    Column("returns", Text, nullable=False),
    Column("back_channel", String, nullable=False),
    Column("bodies", Text, nullable=False),
    Column("areas", Text, nullable=False),
    Column("algorithm", String, nullable=False),
    Column("first_party", Boolean, nullable=False),
    Column("refreshes", Boolean, nullable=False),
    Column("introspects", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
)
"""`name` is the client_id; `secret` a keyed hash, empty for a public client; lists are words between spaces.

`bodies` and `areas` are codes; empty means all. `returns` are where a browser may go after signing out.
"""
oidc_sign_on = Table(
    "oidc_sign_on",
    metadata,
    Column("id", Id, primary_key=True),
    Column("client", ForeignKey("oidc_client.id"), nullable=False, index=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("session", LargeBinary, nullable=False, index=True),
    Column("sid", String, nullable=False, unique=True),
    Column("scope", String, nullable=False),
    Column("issuer", String, nullable=False),
    Column("redirect", Text, nullable=False),
    Column("challenge", String, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("authenticated", BigInteger, nullable=False),
    Column("amr", String, nullable=False),
    Column("acr", String, nullable=False),
    Column("code", LargeBinary, nullable=False, unique=True),
    Column("spent", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False, index=True),
    Column("until", BigInteger, nullable=False),
    Column("alive", Boolean, nullable=False),
)
"""One official at one client, from one portal session on: the family of a code and all tokens that came of it.

`session` is the digest of the session, whose row may be gone; `spent` whether the code was redeemed. Tokens end at
`until`, or when it isn't `alive` any more; the client's own session may last longer than they do.
"""
oidc_token = Table(
    "oidc_token",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("sign_on", ForeignKey("oidc_sign_on.id"), nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("until", BigInteger, nullable=False, index=True),
    Column("spent", Boolean, nullable=False),
    Column("scope", String, nullable=False),
)
"""`kind` is access or refresh; a refresh token is `spent` once it was used. `scope` is at most the sign-on's."""
oidc_consent = Table(
    "oidc_consent",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("client", ForeignKey("oidc_client.id"), primary_key=True),
    Column("scope", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)
oidc_logout = Table(
    "oidc_logout",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sign_on", ForeignKey("oidc_sign_on.id"), nullable=False, unique=True),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("owner", String, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("reply", String, nullable=False),
    Index("ix_oidc_logout_due", "state", "due"),
)
"""Clients that have to be told that somebody signed out: `state` is queued, sent or failed."""
national_leave = Table(
    "national_leave",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("until", BigInteger, nullable=False),
)
"""Until when an official who has local credentials lets a national provider's account be bound to theirs."""
national_subject = Table(
    "national_subject",
    metadata,
    Column("issuer", String, primary_key=True),
    Column("subject", String, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("official", "issuer"),
)
"""Who an identity provider's subject turned out to be at its first sign-in, and is from then on."""
national_past = Table(
    "national_past",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issuer", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("at", BigInteger, nullable=False),
    Column("ended", BigInteger, nullable=False),
)
"""What was in national_subject, from when until when."""
