"""What SCIM shows: users and groups with the attributes that the directory has, and an extension of our own.

An attribute that isn't declared here is refused, not dropped in silence. What SCIM may not change is read-only, which
means that it is passed over in POST and PUT, and refused in PATCH (RFC 7643 2.2).
"""

from __future__ import annotations

from typing import Annotated, Any, Union

from pydantic import Field
from scim2_models import (
    URN,
    CaseExact,
    ComplexAttribute,
    Extension,
    Mutability,
    Reference,
    Required,
    Resource,
    Returned,
    Uniqueness,
)

LANGUAGES = [
    *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr", "hu", "is", "it", "lt", "lv", "mt", "nb"),
    *("nl", "nn", "pl", "pt", "ro", "sk", "sl", "sv"),
]


class Name(ComplexAttribute):
    """RFC 7643 4.1.1: what address books sort by; what is shown is displayName."""

    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    """The official's one address in the network."""

    value: Annotated[str | None, Mutability.read_only] = None
    type: Annotated[str | None, Mutability.read_only] = Field(None, examples=["work"])
    primary: Annotated[bool | None, Mutability.read_only] = None


class PhoneNumber(ComplexAttribute):
    """At most one of each type."""

    value: Annotated[str | None, Required.true] = None
    type: str | None = Field(None, examples=["work", "mobile"])


class GroupMembership(ComplexAttribute):
    """The unit of an official: they have one, and get another by becoming a member of it."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    ref: Annotated[Reference[Group] | None, Mutability.read_only] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display: Annotated[str | None, Mutability.read_only] = None
    type: Annotated[str | None, Mutability.read_only] = Field(None, examples=["direct"])


class Entitlement(ComplexAttribute):
    """A right in a room: `value` is the room's code, `type` reader, poster or manager."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None
    type: Annotated[str | None, Mutability.read_only] = None


class Role(ComplexAttribute):
    """A role somewhere in the network."""

    value: Annotated[str | None, Mutability.read_only, CaseExact.true] = None


class User(Resource[Any]):
    """An official of the body that the token is for."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true, Mutability.immutable] = Field(
        None, description="The login: a-z, 0-9, dot and dash. It is never changed, nor given to somebody else."
    )
    display_name: Annotated[str | None, Required.true] = Field(None, description="The name that everybody sees.")
    active: Annotated[bool | None, Required.true] = Field(
        None, description="False ends everything at once. True again: as one who is new, without credentials or rights."
    )
    name: Name | None = None
    title: str | None = None
    preferred_language: str | None = Field(None, examples=LANGUAGES)
    phone_numbers: list[PhoneNumber] | None = None
    emails: Annotated[list[Email] | None, Mutability.read_only] = Field(
        None, description="The address in this network, which is given by it."
    )
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    entitlements: Annotated[list[Entitlement] | None, Mutability.read_only] = None
    roles: Annotated[list[Role] | None, Mutability.read_only] = None


class EnterpriseUser(Extension):
    """RFC 7643 4.3, as far as the directory has it."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    organization: Annotated[str | None, Mutability.read_only, Returned.request] = Field(
        None, description="The code of the body."
    )
    division: Annotated[str | None, Mutability.read_only, Returned.request] = Field(
        None, description="The name of the unit."
    )
    department: Annotated[str | None, Required.true] = Field(None, description="The code of the unit.")


class Official(Extension):
    """What the network knows of an official besides."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:iconet:1.0:Official")

    listed: Annotated[bool | None, Required.true] = Field(
        None, description="Whether other bodies find the official in the directory."
    )
    valid_from: str | None = Field(
        None, description="The first moment in office (RFC 3339, UTC).", examples=["2026-01-01T00:00:00Z"]
    )
    valid_until: str | None = Field(
        None, description="The moment after the last in office (RFC 3339, UTC).", examples=["2036-01-01T00:00:00Z"]
    )
    clearance: Annotated[int | None, Mutability.read_only, Returned.request] = Field(
        None, description="The highest handling level, 0 to 3, that the official may see."
    )
    host_country: Annotated[str | None, Mutability.read_only, Returned.request] = Field(
        None, description="Where a liaison officer is posted to now (ISO 3166-1 alpha-2)."
    )


class GroupMember(ComplexAttribute):
    """An official of the unit."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    ref: Annotated[Reference[User] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    """A unit of the body that the token is for; its members are the officials in this very unit."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:Group")

    display_name: Annotated[str | None, Required.true] = Field(None, description="The unit's name.")
    members: list[GroupMember] | None = Field(
        None,
        description="Who becomes a member leaves their unit for this one; who is removed goes to the unit above.",
    )


for _waiting in (GroupMembership, GroupMember, User, Group):
    _waiting.model_rebuild(force=True)  # they name each other, so none was whole when it was made
_extensions = Union[Annotated[EnterpriseUser, Required.true], Annotated[Official, Required.true]]  # noqa: UP007 -- the library takes it apart
FullUser: Any = User.__class_getitem__(_extensions)
"""A user with both extensions, a class that is made while the program runs.

They can't be taken away; who leaves one out leaves it as it is.
"""
