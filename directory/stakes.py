"""What somebody has that another could want to come in as them for: given or offered to them by name.

What a rule gives to many (all of a body or a unit) doesn't count: everybody new has that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import and_, bindparam, exists, or_, select

from directory.access import Subject
from directory.access_tables import room_access
from directory.duty_tables import appointment, contact_deputy, contact_point, grant_proposal, hand_over, posting
from directory.hand_overs import HandOverState
from directory.proposals import ProposalState
from directory.tables import role_grant
from policies.vocabulary import Access

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, Connection

_who: BindParameter[int] = bindparam("wanted")
_at: BindParameter[int] = bindparam("at")
_by_name = select(room_access.c.id).where(room_access.c.subject == Subject.OFFICIAL.value, room_access.c.key == _who)
_FOR_MANY = (Access.READER.value, Access.POSTER.value, Access.DRAFTER.value)
"""Rules give these, or at most the operator does by hand."""
_grant = exists().where(
    role_grant.c.official == _who,
    role_grant.c.valid_until > _at,
    or_(
        and_(role_grant.c.access == 0, role_grant.c.role.not_in(_FOR_MANY)),
        role_grant.c.access.in_(_by_name),
    ),
)
_proposed = exists().where(grant_proposal.c.official == _who, grant_proposal.c.state == ProposalState.PROPOSED)
_appointed = exists().where(appointment.c.official == _who, appointment.c.accepted == 0, appointment.c.declined == 0)
_offered = exists().where(
    hand_over.c.taker == _who, hand_over.c.state.in_((HandOverState.PROPOSED, HandOverState.ACCEPTED))
)
_place = or_(exists().where(contact_point.c.holder == _who), exists().where(contact_deputy.c.official == _who))
_posted = exists().where(posting.c.official == _who, posting.c.valid_until > _at)
_HAS = select(or_(_grant, _proposed, _appointed, _offered, _place, _posted))


def has_any(connection: Connection, official: int, now: int) -> bool:
    """Whether they hold (or will hold), or are offered, anything by name."""
    return bool(connection.scalar(_HAS, {"wanted": official, "at": now}))
