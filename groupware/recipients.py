"""Whom an address names: a room's list, an official, a resource, releases, a partner's mailbox. Forbidden is as absent.

A recipient comes with the permit to write to it, which holds in the transaction that resolved the address.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, false, func, select

from directory import tables as directory
from groupware import given, labels, tables
from groupware.errors import Forbidden, NotFound, Refused
from groupware.meetings import resources
from groupware.message.markings import Marks
from groupware.reply_addresses import CONSENTS, DRAFTS, RELEASE_DESK
from groupware.second_person import NOTHING, Chosen, of_room
from policies.vocabulary import Action, Handling, Kind, Marking

if TYPE_CHECKING:
    from groupware.caller import Caller
    from groupware.monitor import Monitor, Permit
    from groupware.store import Snapshot


@dataclass(frozen=True, slots=True)
class Room:
    """A room as a recipient, with what its renderings show; `permit` is the leave to post in it."""

    permit: Permit
    id: int
    code: str
    name: str
    address: str
    owner: int
    competence: int
    marks: Marks
    retention: str
    bars_personal_data: bool = False
    second_person: Chosen = NOTHING
    """What needs a second person's word here, by the room's, the room's above or the network's settings."""


@dataclass(frozen=True, slots=True)
class Person:
    """An official as a recipient of personal mail; `permit` is the leave to write to them."""

    permit: Permit
    id: int
    address: str


@dataclass(frozen=True, slots=True)
class Outsider:
    """A mailbox at an allow-listed partner; `permit` is the leave to send there."""

    permit: Permit
    address: str
    domain: str


@dataclass(frozen=True, slots=True)
class Bookable:
    """A resource as a recipient of invitations; `permit` is the leave to book it."""

    permit: Permit
    address: str
    resource: resources.Resource


@dataclass(frozen=True, slots=True)
class Desk:
    """Where a reader asks for a release by mail."""

    address: str


@dataclass(frozen=True, slots=True)
class Reply:
    """Where one delegate, and nobody else, answers about one consent."""

    address: str
    local: str
    consent: int


@dataclass(frozen=True, slots=True)
class DraftReply:
    """Where one colleague, and nobody else, answers about one draft."""

    address: str
    local: str
    post: int


@dataclass(frozen=True, slots=True)
class Receipts:
    """Where whoever has read a post says so."""

    address: str


Recipient = Room | Person | Outsider | Bookable | Desk | Reply | DraftReply | Receipts

_above = tables.room.alias("above")
_ROOM = (
    select(
        tables.room,
        func.coalesce(_above.c.bars_personal_data, false()).label("barred_above"),
        func.coalesce(_above.c.second_person, "").label("second_above"),
    )
    .outerjoin(_above, _above.c.id == tables.room.c.parent)
    .where(tables.room.c.code == bindparam("code"))
)
_PERSON = select(directory.official.c.id, directory.official.c.address).where(
    directory.official.c.address == bindparam("address")
)


def resolve(snapshot: Snapshot, monitor: Monitor, caller: Caller, address: str, domain: str) -> Recipient:
    """The recipient that `address` names, if the caller may write to it.

    Raises NotFound when there is none or none for this caller, Refused(relay-denied) when the domain is
    neither ours nor an allowed partner's.
    """
    local, _, host = given.name(address).rpartition("@")
    if host.lower() != domain:
        return _outsider(snapshot, monitor, caller, address, host.lower())
    if local.lower() == RELEASE_DESK:
        return Desk(address.lower())
    if local.lower() == labels.RECEIPTS:
        return Receipts(address.lower())
    if CONSENTS.is_one(local):
        return Reply(address.lower(), local, CONSENTS.find(snapshot, local, caller.official))
    if DRAFTS.is_one(local):
        return DraftReply(address.lower(), local, DRAFTS.find(snapshot, local, caller.official))
    return (
        _room(snapshot, monitor, caller, local.lower(), domain)
        or _resource(snapshot, monitor, caller, address.lower())
        or _person(snapshot, monitor, caller, address.lower())
    )


def _room(snapshot: Snapshot, monitor: Monitor, caller: Caller, code: str, domain: str) -> Room | None:
    row = snapshot.first(_ROOM, {"code": code})
    if row is None:
        return None
    return Room(
        permit=monitor.require(snapshot, caller, Action.POST, Kind.ROOM, row.id),
        id=row.id,
        code=row.code,
        name=row.name,
        address=f"{row.code}@{domain}",
        owner=row.owner,
        competence=row.competence,
        marks=Marks(Marking(row.marking), Handling(row.handling)),
        retention=row.retention,
        bars_personal_data=bool(row.bars_personal_data or row.barred_above),
        second_person=of_room(monitor.second_person, row),
    )


def _resource(snapshot: Snapshot, monitor: Monitor, caller: Caller, address: str) -> Bookable | None:
    found = resources.find(snapshot, address)
    if found is None:
        return None
    permit = monitor.require(snapshot, caller, Action.BOOK, Kind.RESOURCE, found.id)
    return Bookable(permit, found.address, found)


def _person(snapshot: Snapshot, monitor: Monitor, caller: Caller, address: str) -> Person:
    row = snapshot.first(_PERSON, {"address": address})
    if row is None:
        raise NotFound(address)
    return Person(monitor.require(snapshot, caller, Action.MAIL, Kind.OFFICIAL, row.id), row.id, row.address)


def _outsider(snapshot: Snapshot, monitor: Monitor, caller: Caller, address: str, host: str) -> Outsider:
    try:
        permit = monitor.require(snapshot, caller, Action.RELAY, Kind.PARTNER, host)
    except Forbidden as error:
        raise Refused("relay-denied", "mail to this domain isn't relayed") from error
    return Outsider(permit, address, host)
