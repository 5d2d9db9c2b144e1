"""Client set-up: an app password for one device, and what to type there, or a file that types it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import Response

from connectors.web.set_up import apple
from connectors.web.set_up.clients import BY_NAME, CLIENTS, Client
from connectors.where import NAMES, Doors, Place
from groupware.errors import Refused
from policies.vocabulary import Door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from connectors.web.visit import Visit

SHOWN = {
    Door.IMAP: "Reading mail (IMAP)",
    Door.SUBMISSION: "Sending mail (SMTP)",
    Door.LDAP: "Address book (LDAP)",
    Door.NNTP: "News (NNTP)",
}
TLS = {"implicit": "SSL/TLS", "starttls": "STARTTLS", "none": "none"}


@dataclass(frozen=True, slots=True)
class Setting:
    """One line of what is typed into a client."""

    name: str
    value: str


async def show(visit: Visit) -> Response:
    """The choice."""
    return await visit.page("set_up/choose.html", clients=_offered(visit), chosen=visit.query("client"), wrong="")


async def make(visit: Visit) -> Response:
    """A new app password, shown this once; for Apple inside a profile."""
    client = BY_NAME.get(visit.form.get("kind", ""))
    if client is None:
        return await visit.page("set_up/choose.html", 422, clients=_offered(visit), chosen="", wrong="client")
    label = visit.form.get("label", "").strip() or client.shown
    doors = Doors(visit.portal.house)
    try:
        secret = await visit.portal.groupware.identity.make_app_password(visit.caller, label, client.doors)
    except Refused:
        return await visit.page(
            "set_up/choose.html", 422, clients=_offered(visit), chosen=client.name, label=label, wrong="label"
        )
    if client.name == "apple":
        return _profile(visit, doors, secret)
    return await visit.page(
        "set_up/made.html", client=client, label=label, secret=secret, groups=list(_settings(doors, client))
    )


def _offered(visit: Visit) -> list[Client]:
    """Clients of which at least the first door is there."""
    doors = Doors(visit.portal.house)
    return [client for client in CLIENTS if client.doors[0] not in NAMES or doors.place(client.doors[0])]


def _profile(visit: Visit, doors: Doors, secret: str) -> Response:
    authority = visit.portal.house.certificate.authority
    octets = apple.profile(doors, visit.caller, secret, authority)
    headers = {"Content-Disposition": f'attachment; filename="iconet-{visit.caller.login}.mobileconfig"'}
    return Response(octets, media_type=apple.MEDIA_TYPE, headers=headers)


def _settings(doors: Doors, client: Client) -> Iterator[tuple[str, list[Setting]]]:
    """What there is to type, a group for each door."""
    for door in client.doors:
        place = doors.place(door) if door in NAMES else None
        if place:
            yield SHOWN[door], _typed(doors, door, place)
        elif door is Door.CARDDAV:
            yield "Address book (CardDAV)", [Setting("Location", f"{doors.web}/.well-known/carddav")]
        elif door is Door.MATRIX:
            yield "Homeserver", [Setting("Homeserver", doors.matrix)]


def _typed(doors: Doors, door: Door, place: Place) -> list[Setting]:
    lines = [Setting("Server", place.host), Setting("Port", str(place.port)), Setting("Security", TLS[place.tls])]
    if door is Door.LDAP:
        base = ",".join(f"dc={part}" for part in doors.domain.split("."))
        lines += [Setting("Base DN", base), Setting("Bind DN", f"uid=LOGIN,{base}")]
    return lines
