"""Whole entries as JSON, for lists: the same as the models in `resources` are written, without making the models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from connectors.web.scim import moments
from connectors.web.scim.names import etag, person_id, unit_id
from connectors.web.scim.resources import EnterpriseUser, Group, Official, User
from groupware.provisioning.person import FOREVER

if TYPE_CHECKING:
    from groupware.provisioning.person import Person
    from groupware.provisioning.unit import Unit

_USER, _GROUP = str(User.__schema__), str(Group.__schema__)
_ENTERPRISE, _OFFICIAL = str(EnterpriseUser.__schema__), str(Official.__schema__)


def user(person: Person, base_url: str) -> dict[str, Any]:
    """As `users.user` is written, with what is returned by default."""
    group = unit_id(person.unit_id)
    name = {"familyName": person.surname, "givenName": person.given_name}
    written = {
        "externalId": person.external_id,
        "name": _filled(name),
        "title": person.title,
        "preferredLanguage": person.language,
        "phoneNumbers": _phones(person),
        "entitlements": [{"value": each.room, "type": each.access} for each in person.entitlements],
        "roles": [{"value": role} for role in person.roles],
    }
    return {
        "schemas": [_USER, _ENTERPRISE, _OFFICIAL],
        "id": person_id(person.id),
        "meta": _meta("User", person, f"{base_url}/Users/{person_id(person.id)}"),
        "userName": person.login,
        "displayName": person.name,
        "active": person.active,
        "emails": [{"value": person.address, "type": "work", "primary": True}],
        "groups": [
            _filled(
                {"value": group, "$ref": f"{base_url}/Groups/{group}", "display": person.unit_name, "type": "direct"}
            )
        ],
        **_filled(written),
        _ENTERPRISE: {"department": person.unit},
        _OFFICIAL: _official(person),
    }


def group(unit: Unit, base_url: str) -> dict[str, Any]:
    """As `groups.group` is written."""
    ids = [person_id(number) for number in unit.members]
    members = [{"value": each, "$ref": f"{base_url}/Users/{each}", "type": "User"} for each in ids]
    return {
        "schemas": [_GROUP],
        "id": unit_id(unit.id),
        "meta": _meta("Group", unit, f"{base_url}/Groups/{unit_id(unit.id)}"),
        "displayName": unit.name,
        **_filled({"externalId": unit.external_id, "members": members}),
    }


def _meta(kind: str, entry: Person | Unit, location: str) -> dict[str, str]:
    times = {"created": entry.created, "lastModified": entry.changed}
    written = {name: moments.written(micro) for name, micro in times.items() if micro}
    return {"resourceType": kind, **written, "location": location, "version": etag(entry.version)}


def _phones(person: Person) -> list[dict[str, str]]:
    numbers = (("work", person.phone), ("mobile", person.mobile))
    return [{"value": number, "type": kind} for kind, number in numbers if number]


def _official(person: Person) -> dict[str, Any]:
    dates = {
        "validFrom": moments.written(person.valid_from) if person.valid_from else "",
        "validUntil": moments.written(person.valid_until) if person.valid_until != FOREVER else "",
    }
    return {"listed": person.listed, **_filled(dates)}


def _filled(entry: dict[str, Any]) -> dict[str, Any]:
    """Without what is empty (RFC 7643 2.5)."""
    return {name: value for name, value in entry.items() if value}
