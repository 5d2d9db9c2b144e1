"""Roles that wait for a second approver, as rows: who proposed what for whom, why, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, insert, or_, select, update

from directory.duty_tables import grant_proposal
from directory.errors import UnknownEntryError
from directory.roles import word
from directory.rows import add_row
from directory.tables import FOREVER

if TYPE_CHECKING:
    from sqlalchemy import Connection, RowMapping

    from policies.vocabulary import Access, Role


class ProposalState(StrEnum):
    """What becomes of a proposal."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row; `role_grant` is the grant that came of it, 0 for none; `decided_why` what a decision rests on."""

    official: int
    role: Role | Access
    scope: int
    reason: str
    proposed_by: int
    proposed: int
    valid_from: int = 0
    valid_until: int = FOREVER
    state: ProposalState = ProposalState.PROPOSED
    decided_by: int = 0
    decided: int = 0
    role_grant: int = 0
    decided_why: str = ""
    id: int = 0


_c = grant_proposal.c
_ADD = insert(grant_proposal)
_BY_ID = select(grant_proposal).where(_c.id == bindparam("wanted"))
_OPEN = select(grant_proposal).where(_c.state == ProposalState.PROPOSED).order_by(_c.id)
_DECIDE = (
    update(grant_proposal)
    .where(_c.id == bindparam("wanted"), _c.state == ProposalState.PROPOSED)
    .values(
        state=bindparam("becomes"),
        decided_by=bindparam("by"),
        decided=bindparam("at"),
        role_grant=bindparam("made"),
        decided_why=bindparam("why"),
    )
)
_END_OF = (
    update(grant_proposal)
    .where(or_(_c.official == bindparam("of"), _c.proposed_by == bindparam("of")), _c.state == ProposalState.PROPOSED)
    .values(state=ProposalState.WITHDRAWN, decided_by=bindparam("by"), decided=bindparam("at"))
)


def add(connection: Connection, new: Proposal) -> int:
    """Add a proposal and return its id; `new.id` is ignored."""
    row = {
        "official": new.official,
        "role": new.role,
        "scope": new.scope,
        "valid_from": new.valid_from,
        "valid_until": new.valid_until,
        "reason": new.reason,
        "proposed_by": new.proposed_by,
        "proposed": new.proposed,
        "state": new.state,
    }
    return add_row(connection, _ADD, row)


def get(connection: Connection, number: int) -> Proposal:
    """The proposal of this id; UnknownEntryError if there is none."""
    row = connection.execute(_BY_ID, {"wanted": number}).mappings().first()
    if row is None:
        raise UnknownEntryError(f"proposal {number}")
    return _proposal(row)


def waiting(connection: Connection) -> list[Proposal]:
    """All that nobody has decided, oldest first."""
    return [_proposal(row) for row in connection.execute(_OPEN).mappings()]


def decide(
    connection: Connection, number: int, becomes: ProposalState, by: int, now: int, made: int = 0, why: str = ""
) -> bool:
    """Decide one that waits; False if it was decided before."""
    values = {"wanted": number, "becomes": becomes, "by": by, "at": now, "made": made, "why": why}
    return connection.execute(_DECIDE, values).rowcount == 1


def end_of(connection: Connection, official: int, by: int, now: int) -> int:
    """Withdraw what was proposed for an official or by them; return how many that were."""
    return connection.execute(_END_OF, {"of": official, "by": by, "at": now}).rowcount


def _proposal(row: RowMapping) -> Proposal:
    return Proposal(**{**row, "role": word(row["role"]), "state": ProposalState(row["state"])})
