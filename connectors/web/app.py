"""The portal's map: which path is which page."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from connectors.web import (
    acknowledge,
    areas,
    assets,
    compose,
    letter,
    live,
    mark,
    moderation,
    reply,
    resources,
    room,
    second_step,
    sessions,
    sign_in,
    thread,
    unconfirmed,
    visit,
    why,
    withdraw,
)
from connectors.web.account import join
from connectors.web.account import pages as account
from connectors.web.api.app import make_api
from connectors.web.areas_admin import pages as areas_admin
from connectors.web.audit import pages as audit
from connectors.web.bodies import pages as bodies
from connectors.web.dav.app import Dav, well_known
from connectors.web.directory import DIRECTORY_PAGES
from connectors.web.drafting import pages as drafting
from connectors.web.duties import pages as duties
from connectors.web.guard import Guard
from connectors.web.oidc import programs
from connectors.web.oidc.routes import ROUTES as OIDC
from connectors.web.people import pages as people
from connectors.web.releases import pages as releases
from connectors.web.retention import pages as retention
from connectors.web.scim.place import PATH as SCIM
from connectors.web.set_up import routes as set_up
from connectors.web.step_up import elevated
from connectors.web.visit import endpoint

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp

    from connectors.web.portal import Portal
    from connectors.web.visit import Page, Visit

OWN: tuple[tuple[str, Page, Page | None], ...] = (
    ("/", areas.show, None),
    ("/rooms/{code}", room.show, None),
    ("/rooms/{code}/posts", room.posts, None),
    ("/rooms/{code}/live", live.stream, None),
    ("/rooms/{code}/new", compose.show, compose.send),
    ("/posts/{token}", thread.show, None),
    ("/posts/{token}/reply", reply.show, reply.send),
    ("/posts/{token}/source", thread.source, None),
    ("/posts/{token}/files/{part}", thread.attachment, None),
    ("/posts/{token}/why", why.show, None),
    ("/posts/{token}/acknowledge", acknowledge.show, acknowledge.send),
    ("/rooms/{code}/why", why.room, None),
    ("/why", why.ask, None),
    ("/acknowledge", acknowledge.awaiting, None),
    ("/posts/{token}/withdraw", withdraw.show, withdraw.send),
    ("/posts/{token}/mark", elevated(mark.show), elevated(mark.send)),
    ("/letter", letter.show, None),
    ("/letter/source", letter.source, None),
    ("/unconfirmed", unconfirmed.queue, None),
    ("/unconfirmed/{token}", unconfirmed.show, unconfirmed.send),
    ("/moderation", moderation.queue, None),
    ("/moderation/{token}", moderation.show, moderation.decide),
    ("/resources", resources.all_of_them, None),
    ("/resources/{address}", resources.show, None),
    ("/sessions", sessions.show, sessions.end),
    *DIRECTORY_PAGES,
)
"""Path, what answers GET, and what takes its form; all for those who have signed in."""
PAGES = (
    *OWN,
    *duties.PAGES,
    *account.PAGES,
    *programs.PAGES,
    *set_up.PAGES,
    *areas_admin.PAGES,
    *bodies.PAGES,
    *people.PAGES,
    *drafting.PAGES,
    *releases.PAGES,
    *audit.PAGES,
    *retention.PAGES,
)


def make_app(portal: Portal, scim: ASGIApp) -> ASGIApp:
    """The ASGI application of a portal, with what answers below SCIM's path."""
    dav = Dav(portal)
    routes = [_route(path, show, send) for path, show, send in PAGES]
    routes += [
        Route("/sign-in", sign_in.sign_in, methods=["GET", "POST"]),
        Route("/sign-in/second", second_step.second_step, methods=["GET", "POST"]),
        Route("/join/{token}", join.join, methods=["GET", "POST"]),
        Route("/sign-out", endpoint(visit.nowhere, sign_in.sign_out), methods=["POST"]),
        Route("/static/{version}/{name}", assets.send),
        Route("/.well-known/carddav", well_known, methods=["GET", "PROPFIND", "OPTIONS", "REPORT"]),
        Route("/dav", dav),
        Route("/dav/{path:path}", dav),
        *OIDC,
        *set_up.ROUTES,
    ]

    async def broken(_request: Request, error: Exception) -> Response:
        """A fault of ours; Guard has it logged. The request may name a mounted application, which knows no portal."""
        return visit.stranger(portal, error)

    handlers = {HTTPException: _fault, Exception: broken}
    mounts = [Mount("/api", make_api(portal)), Mount(SCIM, scim)]
    made = Starlette(routes=[*routes, *mounts], exception_handlers=handlers)  # type: ignore[arg-type] # Starlette wants handlers of any Exception
    made.router.redirect_slashes = False
    made.state.portal = portal
    return Guard(made, portal)


def _route(path: str, show: Page, send: Page | None) -> Route:
    return Route(path, endpoint(show, send), methods=["GET", "POST"] if send else ["GET"])


async def _fault(request: Request, error: HTTPException) -> Response:
    """No such path, or not with this method: for strangers the sign-in, as everywhere."""
    response = await visit.endpoint(_raising(error))(request)
    if error.status_code != HTTPStatus.NOT_FOUND and response.status_code == HTTPStatus.SEE_OTHER:
        response = visit.stranger(visit.seen(request), error)
    response.headers.update(error.headers or {})
    return response


def _raising(error: HTTPException) -> Page:
    async def page(_visit: Visit) -> Response:
        raise error

    return page
