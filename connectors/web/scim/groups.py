"""A unit as a group, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scim2_models import Meta, Reference

from connectors.web.scim import moments
from connectors.web.scim.names import etag, number_of, person_id, unit_id
from connectors.web.scim.resources import Group, GroupMember, User
from groupware.provisioning.unit import WantedUnit

if TYPE_CHECKING:
    from groupware.provisioning.unit import Unit


def group(unit: Unit) -> Group:
    """What a client reads; the service adds where it was asked."""
    return Group(
        id=unit_id(unit.id),
        external_id=unit.external_id or None,
        meta=Meta(
            resource_type="Group",
            created=moments.moment(unit.created) if unit.created else None,
            last_modified=moments.moment(unit.changed) if unit.changed else None,
            version=etag(unit.version),
        ),
        display_name=unit.name,
        members=[_member(number) for number in unit.members] or None,
    )


def wanted(model: Group) -> WantedUnit:
    """What a client writes. An id that no official of the body has is 0."""
    members = [number_of("official", each.value or "") for each in model.members or []]
    return WantedUnit(model.display_name or "", model.external_id or "", frozenset(members))


def _member(number: int) -> GroupMember:
    name = person_id(number)
    return GroupMember(value=name, ref=Reference[User](f"Users/{name}"), type="User")
