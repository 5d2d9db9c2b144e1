"""Facts about what is asked for, read on the caller's connection, in the policies' words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, func, or_, select

from directory import facts as directory
from directory.facts import (
    body_facts,
    body_or_nobody,
    body_row_facts,
    official_facts,
    official_or_nobody,
    one,
    unit_facts,
)
from directory.tables import area, body, official, partner, role_grant, unit, unit_competence
from groupware.glass_tables import glass
from groupware.release_tables import consent
from groupware.tables import booking, mail, mail_recipient, post, resource, resource_area, room
from policies.entities import Entity, Uid
from policies.vocabulary import Access, Kind, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from policies.entities import Facts

_PLACE = (
    room.c.id.label("room"),
    room.c.area,
    area.c.body.label("area_body"),
    room.c.owner.label("room_owner"),
    room.c.competence.label("room_competence"),
    room.c.moderated,
    room.c.closed,
)
_AREA = select(area.c.body).where(area.c.id == bindparam("area"))
_ROOM = select(*_PLACE).join(area, area.c.id == room.c.area).where(room.c.id == bindparam("room"))
_POST = (
    select(
        *(
            post.c.owner,
            post.c.author,
            post.c.sender,
            post.c.loosener,
            post.c.marking,
            post.c.handling,
            post.c.competence,
            post.c.state,
        ),
        *(*_PLACE, unit.c.body),
    )
    .join(room, room.c.id == post.c.room)
    .join(area, area.c.id == room.c.area)
    .join(unit, unit.c.id == post.c.owner)
    .where(post.c.id == bindparam("post"))
)
_MAIL = (
    select(mail.c.owner, mail.c.author, mail.c.marking, mail.c.handling, unit.c.body)
    .join(unit, unit.c.id == mail.c.owner)
    .where(mail.c.id == bindparam("mail"))
)
_USUAL = (
    select(*_PLACE, room.c.marking, room.c.handling, unit.c.body)
    .join(area, area.c.id == room.c.area)
    .join(unit, unit.c.id == room.c.owner)
    .where(room.c.id == bindparam("room"))
)
_HOME = select(unit.c.body).where(unit.c.id == bindparam("unit"))
_RECIPIENTS = select(mail_recipient.c.official).where(mail_recipient.c.mail == bindparam("mail"))
_RESOURCE = select(resource.c.owner).where(resource.c.id == bindparam("resource"))
_AREAS = select(resource_area.c.area).where(resource_area.c.resource == bindparam("resource"))
_BOOKING = (
    select(booking.c.owner, booking.c.author, booking.c.marking, booking.c.handling, unit.c.body)
    .join(unit, unit.c.id == booking.c.owner)
    .where(booking.c.id == bindparam("booking"))
)
_CONSENT = (
    select(
        *(consent.c.owner, consent.c.author, consent.c.marking, consent.c.handling, consent.c.state),
        *(unit.c.body, body.c.suspended.label("body_suspended"), body.c.authority),
    )
    .join(unit, unit.c.id == consent.c.owner)
    .join(body, body.c.id == unit.c.body)
    .where(consent.c.id == bindparam("consent"))
)


def _officer_until(
    who: ColumnElement[int], since: ColumnElement[int], *more: ColumnElement[bool]
) -> ColumnElement[int]:
    """Until when somebody is a security officer by the roles that held at a moment of a glass; 0 for not at all."""
    held = role_grant.c.valid_from <= since, role_grant.c.valid_until > since
    mine = role_grant.c.official == who, role_grant.c.role == Role.SECURITY_OFFICER.value
    last = select(func.coalesce(func.max(role_grant.c.valid_until), 0)).where(*mine, *held, *more)
    return last.correlate(glass).scalar_subquery()


ASKER_UNTIL = _officer_until(glass.c.asker, glass.c.asked, role_grant.c.scope == glass.c.body)
CONFIRMER_UNTIL = _officer_until(glass.c.confirmer, glass.c.confirmed, role_grant.c.scope != glass.c.body)
_GLASS = (
    select(
        *(ASKER_UNTIL.label("asker_until"), CONFIRMER_UNTIL.label("confirmer_until")),
        *(glass.c.asker, glass.c.confirmer, glass.c.body, glass.c.handling, glass.c.state, glass.c.valid_until),
        *(body.c.suspended.label("body_suspended"), body.c.authority),
    )
    .join(body, body.c.id == glass.c.body)
    .where(glass.c.id == bindparam("glass"))
)
ENTERS = and_(
    role_grant.c.scope == room.c.id,
    or_(
        role_grant.c.role == Role.MODERATOR,
        and_(role_grant.c.role == Access.READER, unit_competence.c.unit.is_not(None)),
    ),
)
"""A grant by which its holder enters a room; joined with the competence of their unit for it, if it has one."""
_ENTERED = (
    select(room.c.area)
    .select_from(role_grant)
    .join(official, official.c.id == role_grant.c.official)
    .join(room, room.c.id == role_grant.c.scope)
    .outerjoin(
        unit_competence,
        and_(unit_competence.c.unit == official.c.unit, unit_competence.c.competence == room.c.competence),
    )
    .where(
        role_grant.c.official == bindparam("official"),
        role_grant.c.valid_from <= bindparam("now"),
        role_grant.c.valid_until > bindparam("now"),
        ENTERS,
    )
)
_PARTNER = select(partner.c.allowed).where(partner.c.domain == bindparam("domain"))


def subject_facts(connection: Connection, official_id: int, now: int) -> tuple[Uid, Facts, int]:
    """As `directory.facts.subject_facts`, with the areas that the official is a member of. Raises AbsentError.

    Membership follows from grants and competences, so it changes with the version of the rights and at no other dates.
    """
    me, facts, until = directory.subject_facts(connection, official_id, now)
    areas = connection.scalars(_ENTERED, {"official": official_id, "now": now})
    parents = facts[me].parents | {Uid("Members", str(area)) for area in areas}
    return me, {**facts, me: Entity(facts[me].attributes, parents)}, until


def resource_facts(connection: Connection, kind: Kind, key: int | str) -> tuple[Uid, Facts]:
    """What policies need of an item: its own facts and of what it lies in. Raises directory.facts.AbsentError.

    `key` is the row's id, or a partner's mail domain; an unknown domain is a partner that isn't allowed.
    """
    uid = Uid(kind.value, str(key))
    if kind is Kind.PARTNER:
        return uid, {uid: Entity({"allowed": bool(connection.scalar(_PARTNER, {"domain": key}))})}
    return uid, READERS[kind](connection, int(key))


def usual_post_facts(connection: Connection, room_id: int) -> tuple[Uid, Facts]:
    """What policies need of a published post with a room's defaults, that nobody of ours wrote. Raises AbsentError."""
    row = one(connection, _USUAL, room=room_id)
    return _published(row, Coming(0, row.room_owner, row.marking, row.handling), row.body)


@dataclass(frozen=True, slots=True)
class Coming:
    """What a post will be that isn't written yet: its author, and their unit, which will own it; its marks.

    Published, or a `draft` that awaits a colleague's word.
    """

    author: int
    unit: int
    marking: int
    handling: int
    draft: bool = False


def coming_post_facts(connection: Connection, room_id: int, coming: Coming) -> tuple[Uid, Facts]:
    """What policies will need of a post once it is published, or a draft, in a room. Raises AbsentError."""
    body = one(connection, _HOME, unit=coming.unit).body
    return _published(one(connection, _USUAL, room=room_id), coming, body)


def _published(row: Row[Any], post: Coming, body: int) -> tuple[Uid, Facts]:
    uid, unit_uid = Uid(Kind.POST.value, "0"), Uid("Unit", str(post.unit))
    attributes: dict[str, int | Uid] = {
        "room": Uid("Room", str(row.room)),
        "owner": unit_uid,
        **_owners(body),
        "author": Uid("Official", str(post.author)),
        "sender": Uid("Official", str(post.author)),
        "loosener": Uid("Official", "0"),
        "marking": post.marking,
        "handling": post.handling,
        "competence": Uid("Competence", str(row.room_competence)),
        "held": False,
        "draft": post.draft,
        "unconfirmed": False,
        "published": not post.draft,
        "withdrawn": False,
        "loosening": False,
    }
    return uid, {uid: Entity(attributes), unit_uid: Entity({"body": Uid("Body", str(body))}), **_place(row)}


def _post(connection: Connection, post_id: int) -> Facts:
    row = one(connection, _POST, post=post_id)
    attributes = {
        "room": Uid("Room", str(row.room)),
        **_owned(row),
        **_owners(row.body),
        "sender": Uid("Official", str(row.sender)),
        "loosener": Uid("Official", str(row.loosener)),
        "competence": Uid("Competence", str(row.competence)),
        "held": row.state == "held",
        "draft": row.state == "draft",
        "unconfirmed": row.state == "unconfirmed",
        "published": row.state == "published",
        "withdrawn": row.state == "withdrawn",
        "loosening": row.loosener != 0,
    }
    return {Uid("Post", str(post_id)): Entity(attributes), **_owner(row), **_place(row)}


def _mail(connection: Connection, mail_id: int) -> Facts:
    row = one(connection, _MAIL, mail=mail_id)
    readers = connection.scalars(_RECIPIENTS, {"mail": mail_id})
    recipients = frozenset(Uid("Official", str(reader)) for reader in readers)
    return {Uid("Mail", str(mail_id)): Entity({**_owned(row), "recipients": recipients}), **_owner(row)}


def _resource(connection: Connection, resource_id: int) -> Facts:
    row = one(connection, _RESOURCE, resource=resource_id)
    areas = connection.scalars(_AREAS, {"resource": resource_id})
    members = frozenset(Uid("Members", str(area)) for area in areas)
    return {Uid("Resource", str(resource_id)): Entity({"owner": Uid("Unit", str(row.owner)), "members": members})}


def _booking(connection: Connection, booking_id: int) -> Facts:
    row = one(connection, _BOOKING, booking=booking_id)
    return {Uid("Booking", str(booking_id)): Entity(_owned(row)), **_owner(row)}


def _consent(connection: Connection, consent_id: int) -> Facts:
    row = one(connection, _CONSENT, consent=consent_id)
    attributes = {**_owned(row), "open": row.state == "open", "given": row.state == "given"}
    of_body = body_row_facts(row.body, row.authority, suspended=row.body_suspended)
    return {Uid("Consent", str(consent_id)): Entity(attributes), **_owner(row), **of_body}


def _glass(connection: Connection, glass_id: int) -> Facts:
    row = one(connection, _GLASS, glass=glass_id)
    attributes = {
        "asker": Uid("Official", str(row.asker)),
        "askerUntil": row.asker_until,
        "confirmer": Uid("Official", str(row.confirmer)),
        "confirmerUntil": row.confirmer_until,
        "body": Uid("Body", str(row.body)),
        "handling": row.handling,
        "open": row.state == "asked",
        "broken": row.state == "broken",
        "validUntil": row.valid_until,
    }
    own = body_row_facts(row.body, row.authority, suspended=row.body_suspended)
    two = {**official_or_nobody(connection, row.confirmer), **official_facts(connection, row.asker)}
    return {Uid("Glass", str(glass_id)): Entity(attributes), **two, **body_or_nobody(connection, row.authority), **own}


def _room(connection: Connection, room_id: int) -> Facts:
    row = one(connection, _ROOM, room=room_id)
    return {**_place(row), **body_or_nobody(connection, row.area_body)}


def _area(connection: Connection, area_id: int) -> Facts:
    body = one(connection, _AREA, area=area_id).body
    return {**_area_of(area_id, body), **body_or_nobody(connection, body)}


def _owned(row: Row[Any]) -> Mapping[str, int | Uid]:
    """What posts, mail and bookings have in common."""
    return {
        "owner": Uid("Unit", str(row.owner)),
        "author": Uid("Official", str(row.author)),
        "marking": row.marking,
        "handling": row.handling,
    }


def _owners(body: int) -> Mapping[str, Uid]:
    """Who speaks for the owner, a unit of this body."""
    key = str(body)
    return {"ownersContactPoints": Uid("ContactPoints", key), "ownersDeputies": Uid("Deputies", key)}


def _owner(row: Row[Any]) -> Facts:
    return {Uid("Unit", str(row.owner)): Entity({"body": Uid("Body", str(row.body))})}


def _place(row: Row[Any]) -> Facts:
    """The room, whose groups bear its own id, and its area."""
    key = str(row.room)
    attributes = {
        "area": Uid("Area", str(row.area)),
        "owner": Uid("Unit", str(row.room_owner)),
        "readers": Uid("Readers", key),
        "posters": Uid("Posters", key),
        "drafters": Uid("Drafters", key),
        "managers": Uid("Managers", key),
        "moderators": Uid("Moderators", key),
        "organisers": Uid("Organisers", key),
        "competence": Uid("Competence", str(row.room_competence)),
        "moderated": row.moderated,
        "closed": row.closed,
    }
    return {Uid("Room", key): Entity(attributes), **_area_of(row.area, row.area_body)}


def _area_of(number: int, body: int) -> Facts:
    attributes = {"liaisonOfficers": Uid("LiaisonOfficers", str(number)), "body": Uid("Body", str(body))}
    return {Uid("Area", str(number)): Entity(attributes)}


READERS: Mapping[Kind, Callable[[Connection, int], Facts]] = {
    Kind.POST: _post,
    Kind.MAIL: _mail,
    Kind.AREA: _area,
    Kind.ROOM: _room,
    Kind.RESOURCE: _resource,
    Kind.BOOKING: _booking,
    Kind.CONSENT: _consent,
    Kind.GLASS: _glass,
    Kind.OFFICIAL: official_facts,
    Kind.UNIT: unit_facts,
    Kind.BODY: body_facts,
}
