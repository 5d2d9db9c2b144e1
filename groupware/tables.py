"""What happens, as rows. `directory.tables` says how times and facts are kept."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
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

from directory.tables import Id, metadata

DAY = 24 * 3600 * 1_000_000
event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("txid", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("subject", BigInteger, nullable=False),
    Column("room", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_event_order", "txid", "id"),
    Index("ix_event_room", "room", "txid", "id"),
    sqlite_autoincrement=True,
)
"""The log that followers read. `room` is 0 where an event belongs to none."""
follower = Table(
    "follower",
    metadata,
    Column("name", String, primary_key=True),
    Column("txid", BigInteger, nullable=False, default=0),
    Column("event", BigInteger, nullable=False, default=0),
    Column("owner", String, nullable=False, default=""),
    Column("lease_until", BigInteger, nullable=False, default=0),
)
content = Table(
    "content",
    metadata,
    Column("id", Id, primary_key=True),
    Column("sha256", LargeBinary, nullable=False),
    Column("size", Integer, nullable=False),
    Column("body", LargeBinary),
    Column("file", String),
)
"""Bytes as received: `body` up to 256 KiB, else the name of a file that was on disk before this row."""
room = Table(
    "room",
    metadata,
    Column("id", Id, primary_key=True),
    Column("area", ForeignKey("area.id"), nullable=False),
    Column("code", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("owner", ForeignKey("unit.id"), nullable=False),
    Column("competence", ForeignKey("competence.id"), nullable=False),
    Column("moderated", Boolean, nullable=False),
    Column("closed", Boolean, nullable=False, default=False),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("retention", String, nullable=False),
    Column("holds", BigInteger, nullable=False, default=0),
    Column("parent", BigInteger, nullable=False, default=0),
    Column("topic", String, nullable=False, default=""),
    Column("archived", BigInteger, nullable=False, default=0),
    Column("patience", BigInteger, nullable=False, default=DAY),
    Column("version", Integer, nullable=False, default=1),
    Column("own_state", String, nullable=False, default=""),
    Column("bars_personal_data", Boolean, nullable=False, default=False),
    Column("second_person", String, nullable=False, default=""),
)
"""`marking`, `handling` and `retention` are the defaults of its posts; `holds` the last number given to a held post.

A sub-theme has a `parent` of the same area (0: none). A room that was `archived` (when; 0: it isn't) is closed, too.
While its area isn't open, `own_state` is what it is by itself, and will be again; "" while the area is open.
`patience` is for how long a post may be held before the deputies are told (microseconds; 0: they never are).
A room `bars_personal_data` when it or its parent says so; `second_person` has words of groupware.second_person.
"""
submission = Table(
    "submission",
    metadata,
    Column("id", Id, primary_key=True),
    Column("author", ForeignKey("official.id"), nullable=False),
    Column("message_id", String, nullable=False, index=True),
    Column("content", ForeignKey("content.id"), nullable=False),
    Column("received", BigInteger, nullable=False),
    UniqueConstraint("author", "message_id"),
)
"""One message accepted from its author; a repeat finds this row."""
rendering = Table(
    "rendering",
    metadata,
    Column("id", Id, primary_key=True),
    Column("content", ForeignKey("content.id"), nullable=False, index=True),
    Column("head", LargeBinary, nullable=False),
    Column("body_at", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("envelope", LargeBinary, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("bodystructure", LargeBinary, nullable=False),
    Column("scanner", Integer, nullable=False),
    Column("message_id", String, nullable=False, index=True),
    Column("subject", String, nullable=False),
    Column("sender", String, nullable=False),
    Column("sent", BigInteger, nullable=False),
    Column("received", BigInteger, nullable=False),
)
"""A message as readers get it, fixed once: `head` (header block and its empty line), then `content` from `body_at`.

`size` is the octets of both; `envelope`, `body` and `bodystructure` are ready IMAP texts of the version `scanner`;
`subject` and `sender` are decoded for display.
"""
search_text = Table(
    "search_text",
    metadata,
    Column("rendering", ForeignKey("rendering.id"), primary_key=True),
    Column("header", Text, nullable=False),
    Column("body", Text, nullable=False),
)
"""Decoded and folded words of a rendering, indexed by trigrams; written by a follower."""
post = Table(
    "post",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token", String, nullable=False, unique=True),
    Column("submission", ForeignKey("submission.id"), nullable=False),
    Column("rendering", ForeignKey("rendering.id"), nullable=False),
    Column("room", ForeignKey("room.id"), nullable=False),
    Column("author", ForeignKey("official.id"), nullable=False),
    Column("sender", BigInteger, nullable=False, default=0),
    Column("owner", ForeignKey("unit.id"), nullable=False),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("competence", ForeignKey("competence.id"), nullable=False),
    Column("retention", String, nullable=False),
    Column("state", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("number", BigInteger, nullable=False, default=0),
    Column("parent", BigInteger, nullable=False, default=0),
    Column("thread", BigInteger, nullable=False, default=0),
    Column("received", BigInteger, nullable=False),
    Column("published", BigInteger, nullable=False, default=0),
    Column("decided_by", BigInteger, nullable=False, default=0),
    Column("decided", BigInteger, nullable=False, default=0),
    Column("reason", String, nullable=False, default=""),
    Column("loosener", BigInteger, nullable=False, default=0),
    UniqueConstraint("submission", "room"),
    Index("ix_post_room", "room", "id"),
    Index("ix_post_thread", "thread", "id"),
    Index("ix_post_author", "author", "id"),
    Index("ix_post_rendering", "rendering"),
    Index("ix_post_state", "state", "room", "id"),
)
"""`state` is draft, unconfirmed, held, published, refused or withdrawn; `rule` named the fate; `number` is its hold's.

`sender` handed it in: the author, or who may send for them. `token` names it in URLs. `parent` and `thread` are posts
of the room (0: none; a thread's first post names itself). `loosener` asks that it be marked less strictly (0: nobody).
"""
mail = Table(
    "mail",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission", BigInteger, nullable=False, default=0),
    Column("rendering", ForeignKey("rendering.id"), nullable=False),
    Column("kind", String, nullable=False),
    Column("author", BigInteger, nullable=False),
    Column("owner", ForeignKey("unit.id"), nullable=False),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_mail_submission", "submission"),
)
"""Personal mail: `kind` mail (to officials), notice (from ICONet, author 0) or own (put in a folder by IMAP)."""
mail_recipient = Table(
    "mail_recipient",
    metadata,
    Column("mail", ForeignKey("mail.id"), primary_key=True),
    Column("official", ForeignKey("official.id"), primary_key=True),
    Index("ix_mail_recipient_official", "official", "mail"),
)
copy = Table(
    "copy",
    metadata,
    Column("id", Id, primary_key=True),
    Column("txid", BigInteger, nullable=False),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("post", BigInteger, nullable=False, default=0),
    Column("mail", BigInteger, nullable=False, default=0),
    UniqueConstraint("official", "post", "mail"),
    Index("ix_copy_order", "official", "txid", "id"),
    sqlite_autoincrement=True,
)
"""What was delivered to an official's INBOX: a row, not bytes; exactly one of `post` and `mail` is not 0."""
folder = Table(
    "folder",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("name", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("room", BigInteger, nullable=False, default=0),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uidnext", BigInteger, nullable=False, default=1),
    Column("modseq", BigInteger, nullable=False, default=1),
    Column("txid", BigInteger, nullable=False, default=0),
    Column("event", BigInteger, nullable=False, default=0),
    Column("rights", BigInteger, nullable=False, default=0),
    Column("until", BigInteger, nullable=False, default=0),
    UniqueConstraint("official", "name"),
)
"""One reader's numbering of one folder. `kind` is inbox, area or personal; `txid` and `event` are its cursor.

`rights` and `until` say for which version of the rights, and up to which time, its places are known to be readable.
"""
place = Table(
    "place",
    metadata,
    Column("folder", ForeignKey("folder.id"), primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("rendering", BigInteger, nullable=False),
    Column("post", BigInteger, nullable=False),
    Column("mail", BigInteger, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("modseq", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_place_item", "folder", "post", "mail"),
    sqlite_with_rowid=False,
)
gone = Table(
    "gone",
    metadata,
    Column("folder", ForeignKey("folder.id"), primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("modseq", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""Numbers that a reader knew and that are not used again (RFC 7162: VANISHED)."""
outbound = Table(
    "outbound",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission", ForeignKey("submission.id"), nullable=False),
    Column("rendering", ForeignKey("rendering.id"), nullable=False),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("sender", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("domain", String, nullable=False),
    Column("state", String, nullable=False),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", BigInteger, nullable=False),
    Column("owner", String, nullable=False, default=""),
    Column("lease_until", BigInteger, nullable=False, default=0),
    Column("reply", String, nullable=False, default=""),
    UniqueConstraint("submission", "recipient"),
    Index("ix_outbound_due", "state", "due"),
)
"""Mail to partners: `state` is queued, sent or failed; `reply` the last answer of the other side."""
resource = Table(
    "resource",
    metadata,
    Column("id", Id, primary_key=True),
    Column("address", String, nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("owner", ForeignKey("unit.id"), nullable=False),
    Column("zone", String, nullable=False),
    Column("days_ahead", Integer, nullable=False),
)
"""What can be booked: `zone` is the IANA name of its local time, `days_ahead` how far ahead it can be booked."""
resource_area = Table(
    "resource_area",
    metadata,
    Column("resource", ForeignKey("resource.id"), primary_key=True),
    Column("area", ForeignKey("area.id"), primary_key=True),
)
booking = Table(
    "booking",
    metadata,
    Column("id", Id, primary_key=True),
    Column("resource", ForeignKey("resource.id"), nullable=False),
    Column("uid", String, nullable=False),
    Column("author", ForeignKey("official.id"), nullable=False),
    Column("owner", ForeignKey("unit.id"), nullable=False),
    Column("marking", Integer, nullable=False),
    Column("handling", Integer, nullable=False),
    Column("state", String, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("stamp", BigInteger, nullable=False),
    Column("summary", String, nullable=False),
    Column("submission", ForeignKey("submission.id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("resource", "uid"),
)
"""What a resource knows of one UID, bound to its first organiser, `author`. `state` is booked, declined or cancelled.

`sequence` (-1: only instances are known) and `stamp` are those of the newest REQUEST or CANCEL for the whole, and
`submission` is the message that spoke last, whose bytes are kept as they came.
"""
occurrence = Table(
    "occurrence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("resource", ForeignKey("resource.id"), nullable=False),
    Column("booking", ForeignKey("booking.id"), nullable=False),
    Column("recurrence", BigInteger, nullable=False),
    Column("t0", BigInteger, nullable=False),
    Column("t1", BigInteger, nullable=False),
    CheckConstraint("t1 > t0 AND t1 - t0 <= 2678400000000", name="ck_occurrence_length"),
    UniqueConstraint("booking", "recurrence"),
    Index("ix_occurrence_time", "resource", "t0", "t1"),
)
"""A resource is taken from `t0` to before `t1`; guards in the database see to it that no two of one resource overlap.

`recurrence` is when the series alone would have it (RFC 5545 RECURRENCE-ID). The check bounds what has to be looked at
for a time: nothing that begins a month before reaches into it.
"""
booking_exception = Table(
    "booking_exception",
    metadata,
    Column("booking", ForeignKey("booking.id"), primary_key=True),
    Column("recurrence", BigInteger, primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("stamp", BigInteger, nullable=False),
    Column("t0", BigInteger, nullable=False),
    Column("t1", BigInteger, nullable=False),
)
"""What was said of single instances: moved to `t0` until `t1`, or, with 0 in both, cancelled or declined."""
booking_answer = Table(
    "booking_answer",
    metadata,
    Column("id", Id, primary_key=True),
    Column("submission", ForeignKey("submission.id"), nullable=False),
    Column("resource", ForeignKey("resource.id"), nullable=False),
    Column("booking", BigInteger, nullable=False, default=0),
    Column("verdict", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("mail", ForeignKey("mail.id")),
    Column("at", BigInteger, nullable=False),
    UniqueConstraint("submission", "resource"),
)
"""Each decision about a message to a resource, once; `mail` is the answer, where there is one."""
