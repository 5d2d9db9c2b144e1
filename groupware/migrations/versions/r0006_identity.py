"""Second factors, passkeys, recovery codes, and what sessions and app passwords say of themselves."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FOREVER = str(2**62)


def _added() -> dict[str, tuple[sa.Column[object], ...]]:
    """New columns by table, made anew at each call: a column belongs to one table for good."""
    return {
        "web_session": (
            sa.Column("proved", sa.BigInteger(), nullable=False, server_default="0"),
            sa.Column("means", sa.String(), nullable=False, server_default="password"),
            sa.Column("device", sa.String(), nullable=False, server_default=""),
            sa.Column("network", sa.String(), nullable=False, server_default=""),
        ),
        "password": (sa.Column("short", sa.Boolean(), nullable=False, server_default=sa.false()),),
        "app_password": (
            sa.Column("expires", sa.BigInteger(), nullable=False, server_default=FOREVER),
            sa.Column("used", sa.BigInteger(), nullable=False, server_default="0"),
        ),
    }


def _matrix_device() -> None:
    op.create_table(
        "matrix_device",
        sa.Column("official", Id, nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("app_password", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["app_password"], ["app_password.id"], name="fk_matrix_device_app_password_app_password"
        ),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_matrix_device_official_official"),
        sa.PrimaryKeyConstraint("official", "device", name="pk_matrix_device"),
    )
    op.create_index("ix_matrix_device_app_password", "matrix_device", ["app_password"])


def _passkey() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", Id, nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("synced", sa.Boolean(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_passkey_official_official"),
        sa.PrimaryKeyConstraint("id", name="pk_passkey"),
        sa.UniqueConstraint("credential", name="uq_passkey_credential"),
    )
    op.create_index("ix_passkey_official", "passkey", ["official"])


def _recovery_code() -> None:
    op.create_table(
        "recovery_code",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_recovery_code_official_official"),
        sa.PrimaryKeyConstraint("digest", name="pk_recovery_code"),
    )
    op.create_index("ix_recovery_code_official", "recovery_code", ["official"])


def _sign_in_step() -> None:
    op.create_table(
        "sign_in_step",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("official", Id, nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_sign_in_step_official_official"),
        sa.PrimaryKeyConstraint("digest", name="pk_sign_in_step"),
    )
    op.create_index("ix_sign_in_step_official", "sign_in_step", ["official"])


def _spent_challenge() -> None:
    op.create_table(
        "spent_challenge",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_spent_challenge"),
    )
    op.create_index("ix_spent_challenge_until", "spent_challenge", ["until"])


def _totp() -> None:
    op.create_table(
        "totp",
        sa.Column("official", Id, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("step", sa.BigInteger(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["official"], ["official.id"], name="fk_totp_official_official"),
        sa.PrimaryKeyConstraint("official", name="pk_totp"),
    )


TABLES = (_matrix_device, _passkey, _recovery_code, _sign_in_step, _spent_challenge, _totp)


def upgrade() -> None:
    """Add the columns and create the tables."""
    for table, columns in _added().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.add_column(column)
    for create in TABLES:
        create()


def downgrade() -> None:
    """Drop them the other way round."""
    for create in reversed(TABLES):
        op.drop_table(create.__name__.removeprefix("_"))
    for table, columns in _added().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.drop_column(column.name)
