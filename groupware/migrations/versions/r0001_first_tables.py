"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _area() -> None:
    op.create_table(
        "area",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_area"),
        sa.UniqueConstraint("code", name="uq_area_code"),
    )


def _body() -> None:
    op.create_table(
        "body",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_body"),
        sa.UniqueConstraint("code", name="uq_body_code"),
    )


def _competence() -> None:
    op.create_table(
        "competence",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_competence"),
        sa.UniqueConstraint("code", name="uq_competence_code"),
    )


def _content() -> None:
    op.create_table(
        "content",
        sa.Column("id", Id, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("file", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_content"),
    )


def _event() -> None:
    op.create_table(
        "event",
        sa.Column("id", Id, nullable=False),
        sa.Column("txid", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.BigInteger(), nullable=False),
        sa.Column("room", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_order", "event", ["txid", "id"])
    op.create_index("ix_event_room", "event", ["room", "txid", "id"])


def _follower() -> None:
    op.create_table(
        "follower",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("txid", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_follower"),
    )


def _login_failure() -> None:
    op.create_table(
        "login_failure",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("next_allowed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_login_failure"),
    )


def _partner() -> None:
    op.create_table(
        "partner",
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("allowed", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name="pk_partner"),
    )


def _rights() -> None:
    op.create_table(
        "rights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rights"),
    )


def _rendering() -> None:
    op.create_table(
        "rendering",
        sa.Column("id", Id, nullable=False),
        sa.Column("content", Id, nullable=False),
        sa.Column("head", sa.LargeBinary(), nullable=False),
        sa.Column("body_at", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("envelope", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("bodystructure", sa.LargeBinary(), nullable=False),
        sa.Column("scanner", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["content"], ["content.id"], name="fk_rendering_content_content"),
        sa.PrimaryKeyConstraint("id", name="pk_rendering"),
    )
    op.create_index("ix_rendering_message_id", "rendering", ["message_id"])


def _unit() -> None:
    op.create_table(
        "unit",
        sa.Column("id", Id, nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("parent", Id, nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_unit_body_body"),
        sa.ForeignKeyConstraint(["parent"], ["unit.id"], name="fk_unit_parent_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_unit"),
        sa.UniqueConstraint("body", "code", name="uq_unit_body"),
    )
    op.create_index("ix_unit_body", "unit", ["body"])


def _mail() -> None:
    op.create_table(
        "mail",
        sa.Column("id", Id, nullable=False),
        sa.Column("submission", sa.BigInteger(), nullable=False),
        sa.Column("rendering", Id, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("author", sa.BigInteger(), nullable=False),
        sa.Column("owner", Id, nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["owner"], ["unit.id"], name="fk_mail_owner_unit"),
        sa.ForeignKeyConstraint(["rendering"], ["rendering.id"], name="fk_mail_rendering_rendering"),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
    )
    op.create_index("ix_mail_submission", "mail", ["submission"])


def _official() -> None:
    op.create_table(
        "official",
        sa.Column("id", Id, nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("body", Id, nullable=False),
        sa.Column("unit", Id, nullable=False),
        sa.Column("clearance", sa.Integer(), nullable=False),
        sa.Column("listed", sa.Boolean(), nullable=False),
        sa.Column("suspended", sa.Boolean(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["body"], ["body.id"], name="fk_official_body_body"),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_official_unit_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_official"),
        sa.UniqueConstraint("address", name="uq_official_address"),
        sa.UniqueConstraint("login", name="uq_official_login"),
    )
    op.create_index("ix_official_body", "official", ["body"])
    op.create_index("ix_official_unit", "official", ["unit"])


def _room() -> None:
    op.create_table(
        "room",
        sa.Column("id", Id, nullable=False),
        sa.Column("area", Id, nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("owner", Id, nullable=False),
        sa.Column("competence", Id, nullable=False),
        sa.Column("moderated", sa.Boolean(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("retention", sa.String(), nullable=False),
        sa.Column("holds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["area"], ["area.id"], name="fk_room_area_area"),
        sa.ForeignKeyConstraint(["competence"], ["competence.id"], name="fk_room_competence_competence"),
        sa.ForeignKeyConstraint(["owner"], ["unit.id"], name="fk_room_owner_unit"),
        sa.PrimaryKeyConstraint("id", name="pk_room"),
        sa.UniqueConstraint("code", name="uq_room_code"),
    )


def _search_text() -> None:
    op.create_table(
        "search_text",
        sa.Column("rendering", Id, nullable=False),
        sa.Column("header", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["rendering"], ["rendering.id"], name="fk_search_text_rendering_rendering"),
        sa.PrimaryKeyConstraint("rendering", name="pk_search_text"),
    )


def _unit_above() -> None:
    op.create_table(
        "unit_above",
        sa.Column("above", Id, nullable=False),
        sa.Column("unit", Id, nullable=False),
        sa.ForeignKeyConstraint(["above"], ["unit.id"], name="fk_unit_above_above_unit"),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_unit_above_unit_unit"),
        sa.PrimaryKeyConstraint("above", "unit", name="pk_unit_above"),
    )
    op.create_index("ix_unit_above_unit", "unit_above", ["unit", "above"])


def _unit_competence() -> None:
    op.create_table(
        "unit_competence",
        sa.Column("competence", Id, nullable=False),
        sa.Column("unit", Id, nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["competence"], ["competence.id"], name="fk_unit_competence_competence_competence"),
        sa.ForeignKeyConstraint(["unit"], ["unit.id"], name="fk_unit_competence_unit_unit"),
        sa.PrimaryKeyConstraint("competence", "unit", name="pk_unit_competence"),
    )
    op.create_index("ix_unit_competence_unit", "unit_competence", ["unit", "competence"])


def _app_password() -> None:
    op.create_table(
        "app_password",
        sa.Column("id", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("selector", sa.String(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("doors", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("revoked", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_app_password_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_app_password"),
        sa.UniqueConstraint("selector", name="uq_app_password_selector"),
    )
    op.create_index("ix_app_password_official", "app_password", ["official"])


def _copy() -> None:
    op.create_table(
        "copy",
        sa.Column("id", Id, nullable=False),
        sa.Column("txid", sa.BigInteger(), nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("post", sa.BigInteger(), nullable=False),
        sa.Column("mail", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_copy_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_copy"),
        sa.UniqueConstraint("official", "post", "mail", name="uq_copy_official"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_copy_order", "copy", ["official", "txid", "id"])


def _folder() -> None:
    op.create_table(
        "folder",
        sa.Column("id", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("room", sa.BigInteger(), nullable=False),
        sa.Column("uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("uidnext", sa.BigInteger(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.Column("txid", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.BigInteger(), nullable=False),
        sa.Column("rights", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_folder_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_folder"),
        sa.UniqueConstraint("official", "name", name="uq_folder_official"),
    )


def _mail_recipient() -> None:
    op.create_table(
        "mail_recipient",
        sa.Column("mail", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.ForeignKeyConstraint(["mail"], ["mail.id"], name="fk_mail_recipient_mail_mail"),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_mail_recipient_official_official"),
        sa.PrimaryKeyConstraint("mail", "official", name="pk_mail_recipient"),
    )
    op.create_index("ix_mail_recipient_official", "mail_recipient", ["official", "mail"])


def _password() -> None:
    op.create_table(
        "password",
        sa.Column("official", Id, nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_password_official_official"),
        sa.PrimaryKeyConstraint("official", name="pk_password"),
    )


def _role_grant() -> None:
    op.create_table(
        "role_grant",
        sa.Column("id", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("scope", sa.BigInteger(), nullable=False),
        sa.Column("valid_from", sa.BigInteger(), nullable=False),
        sa.Column("valid_until", sa.BigInteger(), nullable=False),
        sa.Column("granted_by", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_role_grant_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_role_grant"),
    )
    op.create_index("ix_role_grant_scope", "role_grant", ["role", "scope", "official", "valid_from", "valid_until"])
    op.create_index("ix_role_grant_official", "role_grant", ["official", "role", "scope"])


def _submission() -> None:
    op.create_table(
        "submission",
        sa.Column("id", Id, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("content", Id, nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["author"], ["official.id"], name="fk_submission_author_official"),
        sa.ForeignKeyConstraint(["content"], ["content.id"], name="fk_submission_content_content"),
        sa.PrimaryKeyConstraint("id", name="pk_submission"),
        sa.UniqueConstraint("author", "message_id", name="uq_submission_author"),
    )
    op.create_index("ix_submission_message_id", "submission", ["message_id"])


def _web_session() -> None:
    op.create_table(
        "web_session",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("seen", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_web_session_official_official"),
        sa.PrimaryKeyConstraint("digest", name="pk_web_session"),
    )
    op.create_index("ix_web_session_official", "web_session", ["official"])


def _gone() -> None:
    op.create_table(
        "gone",
        sa.Column("folder", Id, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["folder"], ["folder.id"], name="fk_gone_folder_folder"),
        sa.PrimaryKeyConstraint("folder", "uid", name="pk_gone"),
        sqlite_with_rowid=False,
    )


def _outbound() -> None:
    op.create_table(
        "outbound",
        sa.Column("id", Id, nullable=False),
        sa.Column("submission", Id, nullable=False),
        sa.Column("rendering", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("sender", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("reply", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_outbound_official_official"),
        sa.ForeignKeyConstraint(["rendering"], ["rendering.id"], name="fk_outbound_rendering_rendering"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_outbound_submission_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_outbound"),
        sa.UniqueConstraint("submission", "recipient", name="uq_outbound_submission"),
    )
    op.create_index("ix_outbound_due", "outbound", ["state", "due"])


def _place() -> None:
    op.create_table(
        "place",
        sa.Column("folder", Id, nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
        sa.Column("rendering", sa.BigInteger(), nullable=False),
        sa.Column("post", sa.BigInteger(), nullable=False),
        sa.Column("mail", sa.BigInteger(), nullable=False),
        sa.Column("flags", sa.Integer(), nullable=False),
        sa.Column("modseq", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["folder"], ["folder.id"], name="fk_place_folder_folder"),
        sa.PrimaryKeyConstraint("folder", "uid", name="pk_place"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_place_item", "place", ["folder", "post", "mail"])


def _post() -> None:
    op.create_table(
        "post",
        sa.Column("id", Id, nullable=False),
        sa.Column("token", sa.String(), nullable=False),
        sa.Column("submission", Id, nullable=False),
        sa.Column("rendering", Id, nullable=False),
        sa.Column("room", Id, nullable=False),
        sa.Column("author", Id, nullable=False),
        sa.Column("owner", Id, nullable=False),
        sa.Column("marking", sa.Integer(), nullable=False),
        sa.Column("handling", sa.Integer(), nullable=False),
        sa.Column("competence", Id, nullable=False),
        sa.Column("retention", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("parent", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.BigInteger(), nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["author"], ["official.id"], name="fk_post_author_official"),
        sa.ForeignKeyConstraint(["competence"], ["competence.id"], name="fk_post_competence_competence"),
        sa.ForeignKeyConstraint(["owner"], ["unit.id"], name="fk_post_owner_unit"),
        sa.ForeignKeyConstraint(["rendering"], ["rendering.id"], name="fk_post_rendering_rendering"),
        sa.ForeignKeyConstraint(["room"], ["room.id"], name="fk_post_room_room"),
        sa.ForeignKeyConstraint(["submission"], ["submission.id"], name="fk_post_submission_submission"),
        sa.PrimaryKeyConstraint("id", name="pk_post"),
        sa.UniqueConstraint("submission", "room", name="uq_post_submission"),
        sa.UniqueConstraint("token", name="uq_post_token"),
    )
    op.create_index("ix_post_author", "post", ["author", "id"])
    op.create_index("ix_post_room", "post", ["room", "id"])
    op.create_index("ix_post_state", "post", ["state", "room", "id"])
    op.create_index("ix_post_thread", "post", ["thread", "id"])


TABLES = (
    _area,
    _body,
    _competence,
    _content,
    _event,
    _follower,
    _login_failure,
    _partner,
    _rights,
    _rendering,
    _unit,
    _mail,
    _official,
    _room,
    _search_text,
    _unit_above,
    _unit_competence,
    _app_password,
    _copy,
    _folder,
    _mail_recipient,
    _password,
    _role_grant,
    _submission,
    _web_session,
    _gone,
    _outbound,
    _place,
    _post,
)


def upgrade() -> None:
    """Create them, each after those that it refers to."""
    for create in TABLES:
        create()


def downgrade() -> None:
    """Drop them the other way round."""
    for create in reversed(TABLES):
        op.drop_table(create.__name__.removeprefix("_"))
