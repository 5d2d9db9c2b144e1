"""Where each kind's facts are in the tables, for `groupware.render`."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Any as Anything

from sqlalchemy import BigInteger, ColumnElement, Select, and_, bindparam, select

from directory.tables import area, body, official, partner, role_grant, unit, unit_above, unit_competence
from groupware.facts import ASKER_UNTIL, CONFIRMER_UNTIL, ENTERS
from groupware.glass_tables import glass
from groupware.release_tables import consent
from groupware.render import Catalogue, Hop, Place
from groupware.tables import booking, mail, mail_recipient, post, resource, resource_area, room
from policies.entities import GROUPS
from policies.vocabulary import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy import Table

    from groupware.render import Path, Truth
    from policies.entities import Uid

NOW = bindparam("now", type_=BigInteger)
IN_FORCE = (role_grant.c.valid_from <= NOW) & (role_grant.c.valid_until > NOW)
"""A grant's dates can't be in the policy text, so they belong to the relation; the fact reader compares the same."""
BODY_GROUPS = ("contactPoints", "deputies", "directoryAdmins", "securityOfficers")
OWNERS = (("ownersContactPoints",), ("ownersDeputies",))
ROOM_GROUPS = ("readers", "posters", "drafters", "managers", "moderators", "organisers")


def _holders(role: str) -> Callable[[Uid], Select[tuple[int]]]:
    def holders(uid: Uid) -> Select[tuple[int]]:
        scope = role_grant.c.scope == int(uid.id)
        return select(role_grant.c.official).where(role_grant.c.role == role, scope, IN_FORCE)

    return holders


def _on_duty(uid: Uid) -> Select[tuple[int]]:
    return select(role_grant.c.official).where(role_grant.c.role == uid.id, IN_FORCE)


def _below(uid: Uid) -> Select[tuple[int]]:
    return select(unit_above.c.unit).where(unit_above.c.above == int(uid.id))


def _competent(uid: Uid) -> Select[tuple[int]]:
    return select(unit_competence.c.unit).where(unit_competence.c.competence == int(uid.id))


def _members(uid: Uid) -> Select[tuple[int]]:
    """Those who enter a room of an area, as `groupware.facts` reads it of one official."""
    holder = official.alias("holder")
    competent = and_(unit_competence.c.unit == holder.c.unit, unit_competence.c.competence == room.c.competence)
    return (
        select(role_grant.c.official)
        .join(holder, holder.c.id == role_grant.c.official)
        .join(room, room.c.id == role_grant.c.scope)
        .outerjoin(unit_competence, competent)
        .where(room.c.area == int(uid.id), IN_FORCE, ENTERS)
    )


WITHIN: Mapping[str, Callable[[Uid], Select[tuple[int]]]] = {
    **{group: _holders(role) for role, group in GROUPS.items()},
    "Duty": _on_duty,
    "Unit": _below,
    "Competence": _competent,
    "Members": _members,
}


def _own(table: Table, key: str = "id", **facts: str) -> dict[Path, Place]:
    """Facts that are columns of the table: what the policies call them, and what the table does."""
    return {(): Place(table.c[key])} | {(fact,): Place(table.c[column]) for fact, column in facts.items()}


def _groups(prefix: Path, names: Iterable[str], scope: ColumnElement[int]) -> dict[Path, Place]:
    """The groups of a scope bear its id."""
    return {(*prefix, name): Place(scope) for name in names}


def _of_body(prefix: Path, near: ColumnElement[int]) -> dict[Path, Place]:
    """Facts of the body whose id is in `near`."""
    suspended = Place(body.c.suspended, (Hop(near, body.c.id),))
    return {prefix: Place(near), (*prefix, "suspended"): suspended, **_groups(prefix, BODY_GROUPS, near)}


def _of_owner(table: Table) -> dict[Path, Place]:
    """Facts of the unit that owns a row."""
    return {("owner",): Place(table.c.owner), ("owner", "body"): Place(unit.c.body, (Hop(table.c.owner, unit.c.id),))}


def _of_room(near: ColumnElement[int]) -> dict[Path, Place]:
    """Facts of the room whose id is in `near`."""
    hop = (Hop(near, room.c.id),)
    columns: dict[str, ColumnElement[Anything]] = {name: room.c[name] for name in ("competence", "moderated", "closed")}
    own: dict[Path, Place] = {("room", name): Place(column, hop) for name, column in columns.items()}
    its_area: dict[Path, Place] = {
        ("room", "area"): Place(room.c.area, hop),
        ("room", "area", "liaisonOfficers"): Place(room.c.area, hop),
    }
    return {("room",): Place(near), **own, **its_area, **_groups(("room",), ROOM_GROUPS, near)}


def _of_person(prefix: Path, near: ColumnElement[int]) -> dict[Path, Place]:
    """Whether the official whose id is in `near` is in office. Of nobody (0) no test holds, as in `groupware.facts`."""
    hop = Hop(near, official.c.id)
    dates = {
        "suspended": official.c.suspended,
        "validFrom": official.c.valid_from,
        "validUntil": official.c.valid_until,
    }
    return {
        prefix: Place(near),
        **{(*prefix, name): Place(column, (hop,)) for name, column in dates.items()},
        (*prefix, "body"): Place(official.c.body, (hop,)),
        (*prefix, "body", "suspended"): Place(body.c.suspended, (hop, Hop(official.c.body, body.c.id))),
    }


def _state(state: str) -> Truth:
    return post.c.state == state


POST = Catalogue(
    {
        **_own(post, author="author", sender="sender", loosener="loosener"),
        **_own(post, marking="marking", handling="handling", competence="competence"),
        **_of_owner(post),
        **dict.fromkeys(OWNERS, Place(unit.c.body, (Hop(post.c.owner, unit.c.id),))),
        **_of_room(post.c.room),
        ("held",): Place(_state("held")),
        ("draft",): Place(_state("draft")),
        ("unconfirmed",): Place(_state("unconfirmed")),
        ("published",): Place(_state("published")),
        ("withdrawn",): Place(_state("withdrawn")),
        ("loosening",): Place(post.c.loosener != 0),
    },
    within=WITHIN,
)
MAIL = Catalogue(
    {**_own(mail, author="author", marking="marking", handling="handling"), **_of_owner(mail)},
    {("recipients",): (mail_recipient.c.mail, mail_recipient.c.official)},
    WITHIN,
)
ROOM = Catalogue(
    {
        **_own(room, area="area", competence="competence", moderated="moderated", closed="closed"),
        **_of_owner(room),
        **_groups((), ROOM_GROUPS, room.c.id),
        ("area", "liaisonOfficers"): Place(room.c.area),
        ("area", "body"): Place(area.c.body, (Hop(room.c.area, area.c.id),)),
        ("area", "body", "directoryAdmins"): Place(area.c.body, (Hop(room.c.area, area.c.id),)),
    },
    within=WITHIN,
)
AREA = Catalogue(
    {
        **_own(area, body="body"),
        **_groups(("body",), BODY_GROUPS, area.c.body),
        ("liaisonOfficers",): Place(area.c.id),
    },
    within=WITHIN,
)
RESOURCE = Catalogue(
    {**_own(resource), **_of_owner(resource)}, {("members",): (resource_area.c.resource, resource_area.c.area)}, WITHIN
)
BOOKING = Catalogue(
    {**_own(booking, author="author", marking="marking", handling="handling"), **_of_owner(booking)}, within=WITHIN
)
_OWNERS_BODY = Place(unit.c.body, (Hop(consent.c.owner, unit.c.id),))
CONSENT = Catalogue(
    {
        **_own(consent, author="author", marking="marking", handling="handling"),
        **_of_owner(consent),
        **{("owner", "body", group): _OWNERS_BODY for group in BODY_GROUPS},
        ("open",): Place(consent.c.state == "open"),
        ("given",): Place(consent.c.state == "given"),
    },
    within=WITHIN,
)
GLASS = Catalogue(
    {
        **_own(glass, handling="handling", validUntil="valid_until"),
        **_of_body(("body",), glass.c.body),
        ("body", "authority"): Place(body.c.authority, (Hop(glass.c.body, body.c.id),)),
        **{
            ("body", "authority", group): Place(body.c.authority, (Hop(glass.c.body, body.c.id),))
            for group in BODY_GROUPS
        },
        **_of_person(("asker",), glass.c.asker),
        ("askerUntil",): Place(ASKER_UNTIL),
        **_of_person(("confirmer",), glass.c.confirmer),
        ("confirmerUntil",): Place(CONFIRMER_UNTIL),
        ("open",): Place(glass.c.state == "asked"),
        ("broken",): Place(glass.c.state == "broken"),
    },
    within=WITHIN,
)
PARTNER = Catalogue(_own(partner, "domain", allowed="allowed"))
OFFICIAL = Catalogue(
    {
        **_own(official, unit="unit", clearance="clearance", suspended="suspended", listed="listed"),
        ("senders",): Place(official.c.id),
        ("validFrom",): Place(official.c.valid_from),
        ("validUntil",): Place(official.c.valid_until),
        **_of_body(("body",), official.c.body),
    },
    within=WITHIN,
)
UNIT = Catalogue({**_own(unit), **_of_body(("body",), unit.c.body)}, within=WITHIN)
BODY = Catalogue(
    {
        **_own(body, suspended="suspended", authority="authority"),
        **_groups((), BODY_GROUPS, body.c.id),
        **_groups(("authority",), BODY_GROUPS, body.c.authority),
    },
    within=WITHIN,
)
CATALOGUES: Mapping[Kind, Catalogue] = {
    Kind.POST: POST,
    Kind.MAIL: MAIL,
    Kind.AREA: AREA,
    Kind.ROOM: ROOM,
    Kind.PARTNER: PARTNER,
    Kind.RESOURCE: RESOURCE,
    Kind.BOOKING: BOOKING,
    Kind.CONSENT: CONSENT,
    Kind.GLASS: GLASS,
    Kind.OFFICIAL: OFFICIAL,
    Kind.UNIT: UNIT,
    Kind.BODY: BODY,
}


def missing(paths: Mapping[str, set[Path]]) -> list[str]:
    """Facts that the policies read and no table here has, as `Kind.path`; a server starts only when there is none."""
    gaps = ((kind, CATALOGUES[Kind(kind)].missing(read)) for kind, read in paths.items())
    return [".".join((kind, *path)) for kind, lacking in gaps for path in sorted(lacking)]
