"""Who speaks for a body at any moment to come, as its roles, dates and places are now: a value to compare with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select

from directory import contact_points
from directory.contact_points import NOBODY
from directory.tables import official, role_grant
from policies.vocabulary import Role

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Connection

_SPANS = (
    select(
        role_grant.c.official,
        role_grant.c.role,
        role_grant.c.valid_from.label("since"),
        role_grant.c.valid_until.label("until"),
        official.c.valid_from.label("office_since"),
        official.c.valid_until.label("office_until"),
    )
    .join(official, official.c.id == role_grant.c.official)
    .where(
        role_grant.c.role.in_([Role.CONTACT_POINT.value, Role.DEPUTY.value]),
        role_grant.c.scope == bindparam("body"),
        role_grant.c.valid_until > bindparam("at"),
        ~official.c.suspended,
    )
    .order_by(role_grant.c.id)
)


@dataclass(frozen=True, slots=True)
class Span:
    """From when until when (microseconds) somebody in office holds one of the two roles."""

    official: int
    role: str
    since: int
    until: int


@dataclass(frozen=True, slots=True)
class Succession:
    """`places`: the holder and the deputies of the general contact point, in order."""

    places: tuple[int, ...]
    spans: tuple[Span, ...]

    def at(self, moment: int) -> int:
        """Who speaks then: the holder if in office, else another contact point, else the next deputy; 0 for nobody."""
        serving = [each for each in self.spans if each.since <= moment < each.until]
        first = [each.official for each in serving if each.role == Role.CONTACT_POINT]
        deputies = [each.official for each in serving if each.role == Role.DEPUTY]
        line = [*first, *(each for each in self.places[1:] if each in deputies), *deputies]
        holder = self.places[0] if self.places else NOBODY
        return holder if holder in line else next(iter(line), NOBODY)

    def is_contact_point(self, official: int, moment: int) -> bool:
        """Whether somebody in office holds the role then, whoever speaks."""
        return any(
            each.official == official and each.role == Role.CONTACT_POINT and each.since <= moment < each.until
            for each in self.spans
        )

    def moments(self) -> set[int]:
        """When it may become somebody else."""
        return {moment for each in self.spans for moment in (each.since, each.until)}


def of_body(connection: Connection, body: int, now: int) -> Succession:
    """As it stands now, for now and later."""
    point = contact_points.find(connection, body)
    rows = connection.execute(_SPANS, {"body": body, "at": now})
    spans = (
        Span(row.official, row.role, max(row.since, row.office_since), min(row.until, row.office_until)) for row in rows
    )
    return Succession((point.holder, *point.deputies) if point else (), tuple(spans))


def gains(before: Succession, after: Succession, now: int) -> Iterable[tuple[int, int]]:
    """Moments, now and later, at which somebody speaks who didn't before, and who that is."""
    later = {moment for moment in before.moments() | after.moments() if moment > now}
    for moment in sorted({now, *later}):
        if (speaker := after.at(moment)) != before.at(moment):
            yield moment, speaker
