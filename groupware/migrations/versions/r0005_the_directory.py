"""The directory that bodies administer for themselves: details, postings, contact points, hand-overs, proposals.

What was there before belongs to the first institution: it governs all bodies and runs all areas.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOREVER = 2**62
TEXT = ("given_name", "surname", "title", "phone", "mobile", "languages", "external_id")
TIMES = ("departed", "reviewed", "reviewed_by")
TABLES = (
    "invitation",
    "terms_acceptance",
    "posting_area",
    "posting_body",
    "posting_interest",
    "posting",
    "contact_deputy",
    "duty_hours",
    "contact_point",
    "hand_over",
    "grant_proposal",
    "appointment",
)
ADDED = {
    "official": (*TEXT, *TIMES, "version"),
    "body": ("authority", "version"),
    "unit": ("address", "phone", "version"),
    "area": ("body", "version"),
    "post": ("sender",),
}


def upgrade() -> None:
    """Add the columns, then the tables."""
    for table, names in ADDED.items():
        for name in names:
            op.add_column(table, _column(name))
    op.create_index("ix_official_external", "official", ["body", "external_id"])
    op.execute("UPDATE post SET sender = author")
    first = "coalesce((SELECT min(id) FROM body WHERE kind = 'institution'), 0)"
    op.execute(f"UPDATE area SET body = {first}")  # noqa: S608 -- the text is above
    op.execute(f"UPDATE body SET authority = {first}")  # noqa: S608 -- the text is above
    _credentials()
    _postings()
    _contact_points()
    _changes_of_duty()


def downgrade() -> None:
    """Drop them."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("ix_official_external", "official")
    for table, names in ADDED.items():
        with op.batch_alter_table(table) as changing:
            for name in names:
                changing.drop_column(name)


def _column(name: str) -> sa.Column[str] | sa.Column[int]:
    """A new column, and what it says of the rows that are there."""
    if name in {*TEXT, "address"}:
        return sa.Column(name, sa.String(), nullable=False, server_default="")
    if name == "version":
        return sa.Column(name, sa.Integer(), nullable=False, server_default="1")
    return sa.Column(name, sa.BigInteger(), nullable=False, server_default="0")


def _id(name: str = "id") -> sa.Column[int]:
    return sa.Column(name, Id, nullable=False)


def _time(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(), nullable=False)


def _key(table: str, *names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names, name=f"pk_{table}")


def _to(table: str, name: str, other: str = "") -> sa.ForeignKeyConstraint:
    other = other or name
    return sa.ForeignKeyConstraint([name], [f"{other}.id"], name=f"fk_{table}_{name}_{other}")


def _credentials() -> None:
    op.create_table(
        "invitation",
        *(_id(), _id("official"), _text("purpose"), sa.Column("digest", sa.LargeBinary(), nullable=False)),
        *(_time("created"), _time("created_by"), _time("expires"), _time("used")),
        *(_key("invitation", "id"), _to("invitation", "official")),
        sa.UniqueConstraint("digest", name="uq_invitation_digest"),
    )
    op.create_index("ix_invitation_official", "invitation", ["official"])
    op.create_table(
        "terms_acceptance",
        *(_id("official"), _text("terms"), _time("at")),
        *(_key("terms_acceptance", "official", "terms"), _to("terms_acceptance", "official")),
    )


def _postings() -> None:
    op.create_table(
        "posting",
        *(_id(), _id("official"), _text("host_country"), _text("host_city"), _text("seat"), _text("duties")),
        *(sa.Column("planned", sa.Boolean(), nullable=False), _time("valid_from"), _time("valid_until")),
        *(_number("version"), _key("posting", "id"), _to("posting", "official")),
    )
    op.create_index("ix_posting_official", "posting", ["official"])
    op.create_index("ix_posting_host_country", "posting", ["host_country"])
    for other in ("area", "body"):
        table = f"posting_{other}"
        op.create_table(
            table,
            *(_id("posting"), _id(other), _key(table, "posting", other), _to(table, "posting"), _to(table, other)),
        )
    op.create_table(
        "posting_interest",
        *(_id("posting"), _id("body"), _id("official"), _text("note"), _time("at")),
        _key("posting_interest", "posting", "body"),
        *(_to("posting_interest", name) for name in ("posting", "body", "official")),
    )


def _contact_points() -> None:
    op.create_table(
        "contact_point",
        *(_id(), _id("body"), _time("area"), _time("holder"), _text("zone"), _number("version")),
        *(_key("contact_point", "id"), _to("contact_point", "body")),
        sa.UniqueConstraint("body", "area", name="uq_contact_point_body"),
    )
    op.create_table(
        "contact_deputy",
        *(_id("contact_point"), _number("place"), _id("official")),
        _key("contact_deputy", "contact_point", "place"),
        *(_to("contact_deputy", "contact_point"), _to("contact_deputy", "official")),
        sa.UniqueConstraint("contact_point", "official", name="uq_contact_deputy_contact_point"),
    )
    op.create_index("ix_contact_deputy_official", "contact_deputy", ["official"])
    op.create_table(
        "duty_hours",
        *(_id("contact_point"), _number("weekday"), _number("opens"), _number("closes")),
        *(_key("duty_hours", "contact_point", "weekday", "opens"), _to("duty_hours", "contact_point")),
        sa.CheckConstraint(
            "weekday BETWEEN 0 AND 6 AND 0 <= opens AND opens < closes AND closes <= 1440", name="ck_duty_hours"
        ),
    )


def _changes_of_duty() -> None:
    op.create_table(
        "hand_over",
        *(_id(), _id("giver"), _id("taker"), _text("state"), _time("effective"), _text("note")),
        *(_time("proposed_by"), _time("proposed"), _time("decided"), _time("done"), _key("hand_over", "id")),
        *(_to("hand_over", "giver", "official"), _to("hand_over", "taker", "official")),
    )
    op.create_index("ix_hand_over_taker", "hand_over", ["taker", "state"])
    op.create_index("ix_hand_over_giver", "hand_over", ["giver", "state"])
    op.create_table(
        "grant_proposal",
        *(_id(), _id("official"), _text("role"), _time("scope"), _time("valid_from"), _time("valid_until")),
        *(_text("reason"), _time("proposed_by"), _time("proposed"), _text("state"), _time("decided_by")),
        *(_time("decided"), _time("role_grant"), _key("grant_proposal", "id"), _to("grant_proposal", "official")),
    )
    op.create_index("ix_grant_proposal_official", "grant_proposal", ["official"])
    op.create_index("ix_grant_proposal_state", "grant_proposal", ["state", "id"])
    op.create_table(
        "appointment",
        *(_id(), _id("body"), _id("official"), _text("act"), _time("appointed_by"), _time("appointed")),
        *(_time("accepted"), _time("declined"), _key("appointment", "id")),
        *(_to("appointment", "body"), _to("appointment", "official")),
    )
    op.create_index("ix_appointment_body", "appointment", ["body"])
