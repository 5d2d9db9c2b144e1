"""Settings for mail clients as Thunderbird and its relatives ask for them (Mozilla's autoconfig, version 1.1).

It is asked before anybody signs in, and says the same for every address: who exists is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, SubElement, tostring

from starlette.responses import Response

from connectors.web.visit import seen
from connectors.where import Doors
from policies.vocabulary import Door

if TYPE_CHECKING:
    from starlette.requests import Request

    from connectors.where import Place

TLS = {"implicit": "SSL", "starttls": "STARTTLS", "none": "plain"}


async def send(request: Request) -> Response:
    """The document; `emailaddress` in the query changes nothing."""
    return Response(document(Doors(seen(request).house)), media_type="text/xml")


def document(doors: Doors) -> bytes:
    """The XML for all of our domain's people: they sign in with their address and an app password."""
    top = Element("clientConfig", version="1.1")
    provider = SubElement(top, "emailProvider", id=doors.domain)
    SubElement(provider, "domain").text = doors.domain
    SubElement(provider, "displayName").text = f"ICONet ({doors.domain})"
    SubElement(provider, "displayShortName").text = "ICONet"
    for name, kind, door in (("incomingServer", "imap", Door.IMAP), ("outgoingServer", "smtp", Door.SUBMISSION)):
        place = doors.place(door)
        if place:
            _server(SubElement(provider, name, type=kind), place)
    book = SubElement(top, "addressBook", type="carddav")
    _sign_in(book)
    SubElement(book, "serverURL").text = f"{doors.web}/.well-known/carddav"
    octets: bytes = tostring(top, encoding="utf-8", xml_declaration=True)
    return octets


def _server(element: Element, place: Place) -> None:
    SubElement(element, "hostname").text = place.host
    SubElement(element, "port").text = str(place.port)
    SubElement(element, "socketType").text = TLS[place.tls]
    _sign_in(element)


def _sign_in(element: Element) -> None:
    SubElement(element, "username").text = "%EMAILADDRESS%"
    SubElement(element, "authentication").text = "password-cleartext"  # as such inside TLS
