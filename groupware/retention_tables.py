"""How long posts are kept, what keeps them longer, and what is left of those that were erased, as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Float, ForeignKey, Index, Integer, String, Table, Text, text

from directory.tables import Id, metadata

retention_class = Table(
    "retention_class",
    metadata,
    Column("name", String, primary_key=True),
    Column("length", BigInteger, nullable=False),
    Column("set_at", BigInteger, nullable=False, default=0),
)
"""For how long (microseconds) posts of a class are kept from their publication on; the word is the rooms'."""
retention_date = Table(
    "retention_date",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True, autoincrement=False),
    Column("kept_as", String, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("hold", BigInteger, nullable=False, default=0),
    Column("moved", Integer, nullable=False, default=0),
    Index("ix_retention_date_hold", "hold", "due", "post"),
    Index("ix_retention_date_moved", "post", sqlite_where=text("moved = 1"), postgresql_where=text("moved = 1")),
)
"""When a post is to be erased, fixed by its class when it was published or came to be nobody's. Erased, it has none.

`hold` is the one that was found to keep it when it came due, so that it isn't looked at again and again; 0: none was.
`moved` is 1 until it was looked whether the post lies under the key of its month (groupware/secrecy/sealing_anew.py).
"""
legal_hold = Table(
    "legal_hold",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("body", ForeignKey("body.id"), nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed", BigInteger, nullable=False),
    Column("placed_by", BigInteger, nullable=False),
    Column("lifted", BigInteger, nullable=False, default=0),
    Column("lifted_by", BigInteger, nullable=False, default=0),
    Column("why_lifted", Text, nullable=False, default=""),
    Column("keeps", Boolean, nullable=False, default=False),
    Index("ix_legal_hold_subject", "kind", "subject"),
    Index("ix_legal_hold_keeps", "keeps", "lifted"),
    sqlite_autoincrement=True,
)
"""What isn't erased, though its time has come: a post, a thread (by its first post) or a room. `lifted` 0: in force.

`body` is whose security officers look after it. A row is never changed but by lifting it, and `keeps`: dates name it.
"""
erasure = Table(
    "erasure",
    metadata,
    Column("post", ForeignKey("post.id"), primary_key=True, autoincrement=False),
    Column("message_id", String, nullable=False),
    Column("kept_as", String, nullable=False),
    Column("due", BigInteger, nullable=False),
    Column("rule", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("whole", Boolean, nullable=False),
    Column("stage", String, nullable=False),
    Column("verified", BigInteger, nullable=False, default=0),
    Index("ix_erasure_stage", "stage", "post"),
)
"""The tombstone. `stage` is erased (the rows), scoured (what the database had left of them), waiting (for what has to
go outside of it), verified or left-over.

Not `whole`: its bytes are those of another post, too, that stays.
"""
erasure_step = Table(
    "erasure_step",
    metadata,
    Column("post", ForeignKey("erasure.post"), primary_key=True, autoincrement=False),
    Column("store", String, primary_key=True),
    Column("removed", BigInteger, nullable=False),
    Column("remains", BigInteger, nullable=False, default=-1),
    Column("at", BigInteger, nullable=False, default=0),
)
"""The proof, a line a store: how much was removed, and how much was there when it was looked for (-1: not yet)."""
erasure_errand = Table(
    "erasure_errand",
    metadata,
    Column("id", Id, primary_key=True),
    Column("post", ForeignKey("erasure.post"), nullable=False),
    Column("kind", String, nullable=False),
    Column("name", String, nullable=False),
    Column("done", BigInteger, nullable=False, default=0),
    Column("tries", Integer, nullable=False, default=0),
    Column("again", BigInteger, nullable=False, default=0),
    Column("why", String, nullable=False, default=""),
    Index("ix_erasure_errand_post", "post"),
    Index("ix_erasure_errand_done", "done", "kind", "again"),
)
"""What has to go outside of this database: a file of the store, an event or media of the homeserver.

After so many `tries` it isn't gone, and `why` says what was in the way; it is tried `again` from that time on.
"""
retention_watch = Table(
    "retention_watch",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("counted", BigInteger, nullable=False),
    Column("stayed", Float, nullable=False, default=0.0),
    Column("scoured", BigInteger, nullable=False, default=0),
    Column("owner", String, nullable=False, default=""),
    Column("lease_until", BigInteger, nullable=False, default=0),
)
"""Up to when dates count (`counted`), and for how many seconds the clock has stayed far ahead of that. One row."""
