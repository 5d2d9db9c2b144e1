"""Releases to third parties, as rows: what is asked, what each owner said, and what has left."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from directory.tables import Id, metadata

release = Table(
    "release",
    metadata,
    Column("id", Id, primary_key=True),
    Column("post", ForeignKey("post.id"), nullable=False),
    Column("asker", ForeignKey("official.id"), nullable=False),
    Column("recipient", String, nullable=False),
    Column("domain", String, nullable=False),
    Column("organisation", String, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("conditions", Text, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("asked", BigInteger, nullable=False),
    Column("answer_by", BigInteger, nullable=False),
    Column("submission", BigInteger, nullable=False, default=0),
    Column("reminded", BigInteger, nullable=False, default=0),
    Column("state", String, nullable=False),
    Column("why", String, nullable=False, default=""),
    Column("ended", BigInteger, nullable=False, default=0),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Index("ix_release_state", "state", "answer_by"),
    Index("ix_release_asker", "asker", "id"),
    Index("ix_release_post", "post"),
    Index("ix_release_submission", "submission"),
    sqlite_autoincrement=True,
)
"""`id` is its number. A row is never changed but in `reminded`, `state`, `why` and `ended`: what was asked stands.

`state` is asked, agreed (all owners said yes), packed (it lies in the relay's queue), refused, lapsed, withdrawn or
stopped; `why` names the rule, or the reason given. `until` is the last moment at which the recipient may have it.
`marking` and `handling` are the post's when it was asked: a post that has become stricter since doesn't leave.
`submission` is the mail by which it was asked, 0 for another way.
"""
consent = Table(
    "consent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("release", ForeignKey("release.id"), nullable=False),
    Column("owner", ForeignKey("unit.id"), nullable=False),
    Column("post", ForeignKey("post.id"), nullable=False),
    Column("author", ForeignKey("official.id"), nullable=False),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("decided", BigInteger, nullable=False, default=0),
    Column("decided_by", BigInteger, nullable=False, default=0),
    Column("door", String, nullable=False, default=""),
    Column("note", Text, nullable=False, default=""),
    Index("ix_consent_release", "release"),
    Index("ix_consent_owner", "owner", "state"),
)
"""One owner's word; `post` is theirs: what is to leave, or what is quoted in it. `author` is who asked.

`state` is open, given, refused, withdrawn or closed (it was never said). `note` is the reason of a no, or what the
owner adds to the conditions.
"""
consent_reply = Table(
    "consent_reply",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("consent", ForeignKey("consent.id"), nullable=False),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("used", BigInteger, nullable=False, default=0),
    Column("chat", BigInteger, nullable=False, default=0),
    Index("ix_consent_reply_consent", "consent"),
)
"""Addresses to which one delegate may answer once by mail; `digest` is of the part that nobody can guess.

`chat` is when they were told of it in their room at the homeserver, 0 for not yet.
"""
release_chat = Table(
    "release_chat",
    metadata,
    Column("official", ForeignKey("official.id"), primary_key=True, autoincrement=False),
    Column("matrix", String, nullable=False, unique=True),
)
"""The room at the homeserver that one delegate has with ICONet alone."""
package = Table(
    "package",
    metadata,
    Column("release", ForeignKey("release.id"), primary_key=True),
    Column("made", BigInteger, nullable=False),
    Column("message", ForeignKey("content.id"), nullable=False),
    Column("message_sha256", LargeBinary, nullable=False),
    Column("pdf_sha256", LargeBinary, nullable=False),
    Column("outbound", ForeignKey("outbound.id"), nullable=False, unique=True),
    Column("told", BigInteger, nullable=False, default=0),
)
"""What leaves, or has left: the very bytes. `told` is the row of `outbound` that tells of a withdrawal, 0 for none."""
text_print = Table(
    "text_print",
    metadata,
    Column("print", BigInteger, primary_key=True, autoincrement=False),
    Column("post", ForeignKey("post.id"), primary_key=True),
    Index("ix_text_print_post", "post"),
    sqlite_with_rowid=False,
)
"""Fingerprints of what posts say (groupware.message.prints)."""
print_due = Table("print_due", metadata, Column("post", ForeignKey("post.id"), primary_key=True, autoincrement=False))
"""Posts whose fingerprints are still to be taken."""
