"""What a request says of where it comes from, and of the site that its browser believes to be at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from groupware.identity.proof import Attempt, Proof, Site
from groupware.web_sessions import Start, network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from connectors.web.portal import Portal

PREFIX: Final = "proof-"
"""Of the fields in which a proof is handed in."""
_BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
"""What a User-Agent contains, the telling ones first: most claim to be Safari, too."""
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def client(request: Request) -> str:
    """Its network address."""
    return request.client.host if request.client else ""


def site(portal: Portal, request: Request) -> Site:
    """The portal as this browser has it; the guard has checked the name."""
    return Site(portal.host, f"https://{request.headers.get('host', '')}")


def own_url(portal: Portal, request: Request) -> str:
    """Where the portal is, as its settings say: what is handed on has no name of the asker's choice in it.

    Only a house that doesn't know its own door answers by the name that was asked for, which the guard has checked.
    """
    return portal.house.portal or f"https://{request.headers.get('host', '')}"


def start(request: Request) -> Start:
    """What a session keeps of its browser: coarse, for its owner to know it again."""
    return Start(device=device(request), network=network(client(request)))


def device(request: Request) -> str:
    """The browser and the system, as "Firefox on Linux", no version; "A browser" for what isn't known."""
    told = request.headers.get("user-agent", "")
    browser = next((name for sign, name in _BROWSERS if sign in told), "A browser")
    system = next((name for sign, name in _SYSTEMS if sign in told), "")
    return f"{browser} on {system}" if system else browser


def attempt(portal: Portal, request: Request, form: Mapping[str, str], purpose: str, asker: str) -> Attempt:
    """The proof in a form, for a page's `purpose`; `asker` is the token that its challenge was bound to."""
    proof = Proof(*(form.get(f"{PREFIX}{kind}", "") for kind in ("password", "code", "passkey")))
    return Attempt(proof, purpose, asker, site(portal, request), client(request))
