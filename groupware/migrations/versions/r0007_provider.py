"""Sign-on at other programs through ICONet, and sign-in from national identity providers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _moments(*names: str) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger(), nullable=False) for name in names]


def _flags(*names: str) -> list[sa.Column[bool]]:
    return [sa.Column(name, sa.Boolean(), nullable=False) for name in names]


def _to(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def _oidc_key() -> None:
    op.create_table(
        "oidc_key",
        *_text("kid", "algorithm"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        *_moments("signs_from", "shown_until"),
        sa.PrimaryKeyConstraint("kid", name="pk_oidc_key"),
    )


def _oidc_client() -> None:
    op.create_table(
        "oidc_client",
        sa.Column("id", Id, nullable=False),
        *_text("name", "title"),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("redirects", sa.Text(), nullable=False),
        sa.Column("returns", sa.Text(), nullable=False),
        *_text("back_channel"),
        sa.Column("bodies", sa.Text(), nullable=False),
        sa.Column("areas", sa.Text(), nullable=False),
        *_text("algorithm"),
        *_flags("first_party", "refreshes", "introspects"),
        *_moments("created"),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_client"),
        sa.UniqueConstraint("name", name="uq_oidc_client_name"),
    )


def _oidc_sign_on() -> None:
    op.create_table(
        "oidc_sign_on",
        sa.Column("id", Id, nullable=False),
        sa.Column("client", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("session", sa.LargeBinary(), nullable=False),
        *_text("sid", "scope", "issuer"),
        sa.Column("redirect", sa.Text(), nullable=False),
        *_text("challenge"),
        sa.Column("nonce", sa.Text(), nullable=False),
        *_moments("authenticated"),
        *_text("amr", "acr"),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        *_flags("spent"),
        *_moments("created", "until"),
        *_flags("alive"),
        _to("oidc_sign_on", "client", "oidc_client"),
        _to("oidc_sign_on", "official", "official"),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_sign_on"),
        sa.UniqueConstraint("sid", name="uq_oidc_sign_on_sid"),
        sa.UniqueConstraint("code", name="uq_oidc_sign_on_code"),
    )
    for column in ("client", "official", "session", "created"):
        op.create_index(f"ix_oidc_sign_on_{column}", "oidc_sign_on", [column])


def _oidc_token() -> None:
    op.create_table(
        "oidc_token",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("sign_on", Id, nullable=False),
        *_text("kind"),
        *_moments("created", "until"),
        *_flags("spent"),
        _to("oidc_token", "sign_on", "oidc_sign_on"),
        sa.PrimaryKeyConstraint("digest", name="pk_oidc_token"),
    )
    for column in ("sign_on", "until"):
        op.create_index(f"ix_oidc_token_{column}", "oidc_token", [column])


def _oidc_consent() -> None:
    op.create_table(
        "oidc_consent",
        sa.Column("official", Id, nullable=False),
        sa.Column("client", Id, nullable=False),
        *_text("scope"),
        *_moments("at"),
        _to("oidc_consent", "official", "official"),
        _to("oidc_consent", "client", "oidc_client"),
        sa.PrimaryKeyConstraint("official", "client", name="pk_oidc_consent"),
    )


def _oidc_logout() -> None:
    op.create_table(
        "oidc_logout",
        sa.Column("id", Id, nullable=False),
        sa.Column("sign_on", Id, nullable=False),
        *_text("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_moments("due"),
        *_text("owner"),
        *_moments("lease_until"),
        *_text("reply"),
        _to("oidc_logout", "sign_on", "oidc_sign_on"),
        sa.PrimaryKeyConstraint("id", name="pk_oidc_logout"),
        sa.UniqueConstraint("sign_on", name="uq_oidc_logout_sign_on"),
    )
    op.create_index("ix_oidc_logout_due", "oidc_logout", ["state", "due"])


def _national_subject() -> None:
    op.create_table(
        "national_subject",
        *_text("issuer", "subject"),
        sa.Column("official", Id, nullable=False),
        *_moments("at"),
        _to("national_subject", "official", "official"),
        sa.PrimaryKeyConstraint("issuer", "subject", name="pk_national_subject"),
        sa.UniqueConstraint("official", "issuer", name="uq_national_subject_official"),
    )
    op.create_index("ix_national_subject_official", "national_subject", ["official"])


TABLES = (_oidc_key, _oidc_client, _oidc_sign_on, _oidc_token, _oidc_consent, _oidc_logout, _national_subject)


def upgrade() -> None:
    """Create them."""
    for create in TABLES:
        create()


def downgrade() -> None:
    """Drop them the other way round."""
    for create in reversed(TABLES):
        op.drop_table(create.__name__.removeprefix("_"))
