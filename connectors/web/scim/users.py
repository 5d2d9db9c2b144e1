"""An official as a user, and back."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from scim2_models import InvalidValueException, Meta, Reference

from connectors.web.scim import moments
from connectors.web.scim.names import etag, person_id, unit_id
from connectors.web.scim.resources import (
    Email,
    EnterpriseUser,
    Entitlement,
    FullUser,
    Group,
    GroupMembership,
    Name,
    Official,
    PhoneNumber,
    Role,
)
from connectors.web.scim.written import NO_UNIT
from groupware.provisioning.person import FOREVER, Wanted

if TYPE_CHECKING:
    from groupware.provisioning.person import Person

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,8}")
_TYPES = ("work", "mobile")


def user(person: Person) -> Any:  # noqa: ANN401 -- a FullUser, a class that is made while the program runs
    """What a client reads; the service adds where it was asked."""
    return FullUser(
        id=person_id(person.id),
        external_id=person.external_id or None,
        meta=_meta(person),
        user_name=person.login,
        display_name=person.name,
        active=person.active,
        name=_name(person),
        title=person.title or None,
        preferred_language=person.language or None,
        phone_numbers=_phones(person),
        emails=[Email(value=person.address, type="work", primary=True)],
        groups=[_group(person)],
        roles=[Role(value=role) for role in person.roles] or None,
        entitlements=[Entitlement(value=each.room, type=each.access) for each in person.entitlements] or None,
        EnterpriseUser=EnterpriseUser(
            organization=person.body, division=person.unit_name or None, department=person.unit
        ),
        Official=_official(person),
    )


def wanted(model: Any) -> Wanted:  # noqa: ANN401 -- as above
    """What a client writes. InvalidValueException names the attribute that can't be so."""
    phones = _numbers(model.phone_numbers or [])
    extension, enterprise = model.Official, model.EnterpriseUser
    return Wanted(
        login=model.user_name.lower(),
        name=model.display_name,
        given_name=(model.name and model.name.given_name) or "",
        surname=(model.name and model.name.family_name) or "",
        title=model.title or "",
        phone=phones["work"],
        mobile=phones["mobile"],
        language=_tag(model.preferred_language),
        external_id=model.external_id or "",
        active=model.active,
        listed=extension and extension.listed,
        valid_from=extension and _moment("validFrom", extension.valid_from, 0),
        valid_until=extension and _moment("validUntil", extension.valid_until, FOREVER),
        unit=enterprise and (None if enterprise.department == NO_UNIT else enterprise.department),
    )


def _meta(person: Person) -> Meta:
    return Meta(
        resource_type="User",
        created=moments.moment(person.created) if person.created else None,
        last_modified=moments.moment(person.changed) if person.changed else None,
        version=etag(person.version),
    )


def _name(person: Person) -> Name | None:
    if not (person.surname or person.given_name):
        return None
    return Name(family_name=person.surname or None, given_name=person.given_name or None)


def _phones(person: Person) -> list[PhoneNumber] | None:
    numbers = zip(_TYPES, (person.phone, person.mobile), strict=True)
    return [PhoneNumber(value=number, type=kind) for kind, number in numbers if number] or None


def _group(person: Person) -> GroupMembership:
    name = unit_id(person.unit_id)
    return GroupMembership(
        value=name, ref=Reference[Group](f"Groups/{name}"), display=person.unit_name or None, type="direct"
    )


def _official(person: Person) -> Official:
    return Official(
        listed=person.listed,
        valid_from=moments.written(person.valid_from) if person.valid_from else None,
        valid_until=moments.written(person.valid_until) if person.valid_until != FOREVER else None,
        clearance=person.clearance,
        host_country=person.host_country or None,
    )


def _numbers(phones: list[PhoneNumber]) -> dict[str, str]:
    numbers = dict.fromkeys(_TYPES, "")
    for phone in phones:
        kind = (phone.type or "work").lower()
        if kind not in numbers or numbers[kind]:
            raise InvalidValueException(detail="phoneNumbers: at most one of type work and one of type mobile")
        numbers[kind] = phone.value or ""
    return numbers


def _tag(language: str | None) -> str:
    if language and not _TAG.fullmatch(language):
        raise InvalidValueException(detail="preferredLanguage: one language tag (RFC 5646)")
    return language or ""


def _moment(name: str, text: str | None, nothing: int) -> int:
    try:
        return moments.read(text) if text else nothing
    except (ValueError, OverflowError) as error:
        raise InvalidValueException(detail=f"{name}: a time with an offset (RFC 3339), from 1970 on") from error
