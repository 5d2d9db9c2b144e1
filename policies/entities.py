"""Facts as the three questions take them: small, frozen, free of any database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from policies.vocabulary import Access, Role

GROUPS: Mapping[str, str] = MappingProxyType(
    {
        Access.READER: "Readers",
        Access.POSTER: "Posters",
        Access.DRAFTER: "Drafters",
        Access.MANAGER: "Managers",
        Access.SENDER: "Senders",
        Role.MODERATOR: "Moderators",
        Role.ORGANISER: "Organisers",
        Role.LIAISON_OFFICER: "LiaisonOfficers",
        Role.CONTACT_POINT: "ContactPoints",
        Role.DEPUTY: "Deputies",
        Role.DIRECTORY_ADMIN: "DirectoryAdmins",
        Role.SECURITY_OFFICER: "SecurityOfficers",
    }
)
"""The entity type of those who hold a role; an entity's id is that of the room, area, body or official it is for."""


class Uid(NamedTuple):
    """One entity: its type (`Official`) and its id (`"7"`; a partner's is its mail domain).

    A tuple, because a subject has dozens of them in sets, and a tuple's hash is made in C.
    """

    type: str
    id: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that is filled in when a predicate is used, so that the predicate outlives it."""

    name: str


NOW = Parameter("now")
Value = bool | int | Uid
Fact = Value | frozenset[Uid]


@dataclass(frozen=True, slots=True)
class Entity:
    """What is known of one entity; `parents` are what it lies in: groups, and the whole closure of a unit."""

    attributes: Mapping[str, Fact] = field(default_factory=dict)
    parents: frozenset[Uid] = frozenset()


Facts = Mapping[Uid, Entity]


@dataclass(frozen=True, slots=True)
class Context:
    """The circumstances of a question: the moment (microseconds, or `NOW` for a reusable filter) and how she logged in.

    For an audience they must hold for all recipients alike: `strong_auth=False` for what is delivered.
    """

    now: int | Parameter
    strong_auth: bool

    @property
    def facts(self) -> dict[str, Value | Parameter]:
        """The same in the policies' words."""
        return {"now": self.now, "strongAuth": self.strong_auth}
