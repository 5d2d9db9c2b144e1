"""endpoints.json, version 1: where a client finds every door, and, in the demo, whom it may be."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

from connectors.ldap.naming import base_dn

if TYPE_CHECKING:
    from pathlib import Path

    from connectors.house import Address, House
    from connectors.settings import Settings

VERSION = 1


class Person(TypedDict):
    """An official with credentials; `roles` is empty for a plain one, `areas` are those they may read and post in."""

    login: str
    address: str
    name: str
    body: str
    unit: str
    roles: list[str]
    areas: list[str]
    password: str
    app_password: str
    matrix_id: str


class Area(TypedDict):
    """One area's room and its names at the doors."""

    code: str
    list: str
    room_alias: str
    imap_folder: str
    moderated: bool


class Resource(TypedDict):
    """What can be booked by an invitation to its address, by the members of these areas."""

    address: str
    name: str
    capacity: int
    areas: list[str]


class Network(TypedDict):
    """What a seeded network tells besides its doors; empty lists for a real one."""

    people: list[Person]
    areas: list[Area]
    outbox: str
    scim_token: str
    resources: list[Resource]


NOBODY: Network = {"people": [], "areas": [], "outbox": "", "scim_token": "", "resources": []}

Part = Mapping[str, Mapping[str, object]]


def _line_door(name: str, settings: Settings, address: Address) -> Part:
    return {name: {"host": settings.host, "port": address.port, "tls": address.tls}}


def _web(_name: str, settings: Settings, address: Address) -> Part:
    url = f"https://{settings.host}:{address.port}"
    return {
        "web": {"url": url},
        "api": {"url": f"{url}/api", "openapi": f"{url}/api/openapi.json"},
        "scim": {"url": f"{url}/scim/v2"},
        "carddav": {"url": f"{url}/dav/"},
    }


def _matrix(_name: str, settings: Settings, address: Address) -> Part:
    url = settings.matrix.url or f"http://{settings.host}:{address.port}"
    return {"matrix": {"url": url, "server_name": settings.domain}}


def _ldap(name: str, settings: Settings, address: Address) -> Part:
    return {name: {**_line_door(name, settings, address)[name], "base_dn": base_dn(settings.domain)}}


SHAPES: dict[str, Callable[[str, Settings, Address], Part]] = {"web": _web, "matrix": _matrix, "ldap": _ldap}
"""How a door is described when host, port and tls don't say it all."""


def document(house: House, doors: Mapping[str, Address], network: Network) -> dict[str, Any]:
    """The contents of endpoints.json for the doors that answer; what does not exist is left out."""
    settings = house.settings
    parts: dict[str, Any] = {
        "version": VERSION,
        "domain": settings.domain,
        "data": str(settings.data.absolute()),
        "pid": os.getpid(),
    }
    if house.certificate.authority:
        parts["ca_file"] = str(house.certificate.authority.absolute())
    for name, address in doors.items():
        parts |= SHAPES.get(name, _line_door)(name, settings, address)
    if "scim" in parts and network["scim_token"]:
        parts["scim"] |= {"token": network["scim_token"]}
    if network["outbox"]:
        parts["outbox"] = {"maildir": network["outbox"]}
    return parts | {"people": network["people"], "areas": network["areas"], "resources": network["resources"]}


def write(path: Path, contents: Mapping[str, Any]) -> None:
    """Whole or not at all, readable by nobody else: it may hold the demo's credentials."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        json.dump(contents, file, indent=2)
    draft.replace(path)
