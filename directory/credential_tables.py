"""What proves who somebody is, beside the password, as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, ForeignKey, LargeBinary, String, Table

from directory.tables import FOREVER, Id, metadata

totp = Table(
    "totp",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("step", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
)
"""`sealed` is the secret, encrypted under the server's key; `step` the last one whose code was used (RFC 6238 5.2)."""
recovery_code = Table(
    "recovery_code",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("used", BigInteger, nullable=False, default=FOREVER),
)
"""One row a code, `used` FOREVER until it is; the digest is keyed, as the code has 120 random bits."""
passkey = Table(
    "passkey",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("handle", LargeBinary, nullable=False),
    Column("credential", LargeBinary, nullable=False, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("counter", BigInteger, nullable=False),
    Column("label", String, nullable=False),
    Column("synced", Boolean, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("used", BigInteger, nullable=False, default=0),
)
"""`handle` names the official to their authenticators, the same for all of theirs (WebAuthn 14.6.1)."""
spent_challenge = Table(
    "spent_challenge",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("until", BigInteger, nullable=False, index=True),
)
"""Challenges that were answered rightly, kept until they would be too old anyhow: each counts once."""
sign_in_step = Table(
    "sign_in_step",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("expires", BigInteger, nullable=False),
)
"""Who gave the right password and still owes the second factor. It opens nothing."""
known_site = Table(
    "known_site",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True),
    Column("digest", LargeBinary, primary_key=True),
    Column("seen", BigInteger, nullable=False),
)
"""Networks that somebody signed in from; the digest is keyed, so that the table tells nobody where people are."""
