"""An official as SCIM tells of them, and what it may say of them."""

from __future__ import annotations

from dataclasses import dataclass

from directory.tables import FOREVER

__all__ = ["FOREVER", "Entitlement", "Person", "Wanted"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client writes. An empty text is nothing; None keeps what there is, or takes what is usual for a new one.

    `active` says whether they are in service at all, None leaves that; dates are microseconds.
    """

    login: str
    name: str
    given_name: str
    surname: str
    title: str
    phone: str
    mobile: str
    language: str
    external_id: str
    active: bool | None
    listed: bool | None = None
    valid_from: int | None = None
    valid_until: int | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class Entitlement:
    """A right in a room, by its code."""

    room: str
    access: str


@dataclass(frozen=True, slots=True)
class Person:
    """What a client reads. `created` and `changed` are 0 where no token has written the entry.

    `unit` is its code, `unit_id` its id; `host_country` where a liaison officer is posted to now, else "".
    """

    id: int
    login: str
    address: str
    name: str
    given_name: str
    surname: str
    title: str
    phone: str
    mobile: str
    language: str
    external_id: str
    active: bool
    listed: bool
    clearance: int
    valid_from: int
    valid_until: int
    version: int
    body: str
    unit: str
    unit_id: int
    unit_name: str
    host_country: str
    created: int
    changed: int
    roles: tuple[str, ...] = ()
    entitlements: tuple[Entitlement, ...] = ()
