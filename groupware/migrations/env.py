"""What Alembic runs for each of its commands. The connection and its transaction are the caller's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from alembic import context

import directory.access_tables
import directory.credential_tables
import directory.duty_tables  # these put their tables into the metadata
import directory.keeping_tables
import directory.oidc_tables
import groupware.acknowledgement_tables
import groupware.area_tables
import groupware.audit_tables
import groupware.card_tables
import groupware.draft_tables
import groupware.glass_tables
import groupware.marking_tables
import groupware.matrix_tables
import groupware.personal_data_tables
import groupware.provisioning_tables
import groupware.release_tables
import groupware.retention_tables
import groupware.tables
from directory.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy.sql.schema import SchemaItem

__all__ = ["directory", "groupware"]


def described(item: SchemaItem, name: str | None, kind: str, reflected: bool, compared: SchemaItem | None) -> bool:  # noqa: ARG001, FBT001 -- Alembic's signature
    """Whether the tables' description covers it; indexes of words have no words in SQLAlchemy."""
    return not (name or "").startswith("search_index")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    compare_type=True,
    include_object=described,
)
context.run_migrations()
