"""Who is in the demo and where its rooms are, as endpoints.json tells it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from connectors.demo import posts, town
from connectors.fault import Fault
from connectors.relay import maildir
from groupware.errors import StoreFailed
from groupware.provisioning import demo_token

if TYPE_CHECKING:
    from connectors.endpoints import Area, Network, Person, Resource
    from connectors.house import House
    from groupware import demo_people, demo_town


async def seed(house: House) -> Network:
    """The demo network, seeded if it isn't there yet."""
    planned = town()
    try:
        people = await house.groupware.plant_demo(planned)
    except StoreFailed as error:
        raise Fault(str(error)) from error
    await posts.publish(house.groupware, planned)
    state = next(body.code for body in planned.bodies if body.kind == "member-state")
    token = await demo_token.planted(house.groupware.provisioning, house.settings.data, state)
    outbox = house.settings.relay.outbox
    if outbox:
        maildir.make(Path(outbox))
    return {
        "people": [_person(person, planned.domain) for person in people],
        "areas": [_area(area, planned.domain) for area in planned.areas],
        "outbox": outbox,
        "scim_token": token,
        "resources": [_resource(resource, planned.domain) for resource in planned.resources],
    }


def _person(person: demo_people.Person, domain: str) -> Person:
    return {
        "login": person.login,
        "address": person.address,
        "name": person.name,
        "body": person.body,
        "unit": person.unit,
        "roles": list(person.roles),
        "areas": list(person.areas),
        "password": person.password,
        "app_password": person.app_password,
        "matrix_id": f"@{person.login}:{domain}",
    }


def _area(area: demo_town.Area, domain: str) -> Area:
    return {
        "code": area.code,
        "list": f"{area.code}@{domain}",
        "room_alias": f"#{area.code}:{domain}",
        "imap_folder": f"Areas/{area.code}",
        "moderated": True,
    }


def _resource(resource: demo_town.Resource, domain: str) -> Resource:
    return {
        "address": f"{resource.code}@{domain}",
        "name": resource.name,
        "capacity": resource.capacity,
        "areas": list(resource.areas),
    }
