"""Who does what for whom: postings abroad, contact points, and how such duties change hands, as rows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table
from sqlalchemy import UniqueConstraint as Unique

from directory.tables import FOREVER, Id, metadata

posting = Table(
    "posting",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("host_country", String, nullable=False, index=True),
    Column("host_city", String, nullable=False),
    Column("seat", String, nullable=False, default=""),
    Column("duties", String, nullable=False, default=""),
    Column("planned", Boolean, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False, default=FOREVER),
    Column("version", Integer, nullable=False, default=1),
)
"""A liaison officer's posting (Regulation (EU) 2019/1240, article 3): `host_country` is an ISO 3166-1 alpha-2 code.

`seat` is the mission that houses it. A planned one isn't decided yet: other bodies may say that they are interested.
"""
posting_area = Table(
    "posting_area",
    metadata,
    Column("posting", ForeignKey("posting.id"), primary_key=True),
    Column("area", ForeignKey("area.id"), primary_key=True),
)
posting_body = Table(
    "posting_body",
    metadata,
    Column("posting", ForeignKey("posting.id"), primary_key=True),
    Column("body", ForeignKey("body.id"), primary_key=True),
)
"""Other bodies that a shared liaison officer serves, too."""
posting_interest = Table(
    "posting_interest",
    metadata,
    Column("posting", ForeignKey("posting.id"), primary_key=True),
    Column("body", ForeignKey("body.id"), primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("note", String, nullable=False, default=""),
    Column("at", BigInteger, nullable=False),
)
contact_point = Table(
    "contact_point",
    metadata,
    Column("id", Id, primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False),
    Column("area", BigInteger, nullable=False, default=0),
    Column("holder", BigInteger, nullable=False, default=0),
    Column("zone", String, nullable=False, default="UTC"),
    Column("version", Integer, nullable=False, default=1),
    Unique("body", "area"),
)
"""Whom to ask at a body, about one area or (0) about all; `holder` is an official, 0 while nobody is.

`zone` is the IANA name of the time zone that its duty hours are in.
"""
contact_deputy = Table(
    "contact_deputy",
    metadata,
    Column("contact_point", ForeignKey("contact_point.id"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Unique("contact_point", "official"),
)
"""Deputies in the order in which they are asked, from 1."""
duty_hours = Table(
    "duty_hours",
    metadata,
    Column("contact_point", ForeignKey("contact_point.id"), primary_key=True),
    Column("weekday", Integer, primary_key=True),
    Column("opens", Integer, primary_key=True),
    Column("closes", Integer, nullable=False),
    CheckConstraint(
        "weekday BETWEEN 0 AND 6 AND 0 <= opens AND opens < closes AND closes <= 1440", name="ck_duty_hours"
    ),
)
"""`weekday` from 0, Monday; `opens` and `closes` are minutes of the day."""
hand_over = Table(
    "hand_over",
    metadata,
    Column("id", Id, primary_key=True),
    Column("giver", ForeignKey("official.id"), nullable=False),
    Column("taker", ForeignKey("official.id"), nullable=False),
    Column("state", String, nullable=False),
    Column("effective", BigInteger, nullable=False),
    Column("note", String, nullable=False, default=""),
    Column("proposed_by", BigInteger, nullable=False),
    Column("proposed", BigInteger, nullable=False),
    Column("decided", BigInteger, nullable=False, default=0),
    Column("done", BigInteger, nullable=False, default=0),
    Column("confirmed_by", BigInteger, nullable=False, default=0),
    Index("ix_hand_over_taker", "taker", "state"),
    Index("ix_hand_over_giver", "giver", "state"),
)
"""All duties of `giver` go to `taker`: `state` is proposed, accepted, declined, withdrawn or done.

`confirmed_by` is the giver or who else gave their word for them, 0 while nobody has.
"""
grant_proposal = Table(
    "grant_proposal",
    metadata,
    Column("id", Id, primary_key=True),
    Column("official", ForeignKey("official.id"), nullable=False, index=True),
    Column("role", String, nullable=False),
    Column("scope", BigInteger, nullable=False),
    Column("valid_from", BigInteger, nullable=False),
    Column("valid_until", BigInteger, nullable=False, default=FOREVER),
    Column("reason", String, nullable=False),
    Column("proposed_by", BigInteger, nullable=False),
    Column("proposed", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("decided_by", BigInteger, nullable=False, default=0),
    Column("decided", BigInteger, nullable=False, default=0),
    Column("role_grant", BigInteger, nullable=False, default=0),
    Column("decided_why", String, nullable=False, default=""),
    Index("ix_grant_proposal_state", "state", "id"),
)
"""A role that needs a second approver: `state` is proposed, approved, refused or withdrawn."""
appointment = Table(
    "appointment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
    Column("official", ForeignKey("official.id"), nullable=False),
    Column("act", String, nullable=False),
    Column("appointed_by", BigInteger, nullable=False),
    Column("appointed", BigInteger, nullable=False),
    Column("accepted", BigInteger, nullable=False, default=0),
    Column("declined", BigInteger, nullable=False, default=0),
)
"""A body's first contact point, by an `act` of that body that is on record (its reference and date)."""
duty_move = Table(
    "duty_move",
    metadata,
    Column("id", Id, primary_key=True),
    Column("giver", ForeignKey("official.id"), nullable=False, index=True),
    Column("taker", BigInteger, nullable=False),
    Column("hand_over", BigInteger, nullable=False, default=0),
    Column("what", String, nullable=False),
    Column("count", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Index("ix_duty_move_hand_over", "hand_over"),
)
"""How many duties of a kind went to whom: by a hand-over, or (0) when their holder left.

`taker` is 0 for what nobody could take: it stays as it is.
"""
