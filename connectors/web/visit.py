"""A visit: one request of somebody who has signed in, and how a page becomes an endpoint."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response

from connectors.web import cookies, origin
from connectors.web.faults import of_error
from connectors.web.uploads import UPLOADS, is_upload, uploaded
from groupware.errors import IconetError
from groupware.house_rules import Hurdle
from groupware.message.errors import Unacceptable

if TYPE_CHECKING:
    from starlette.requests import Request

    from connectors.web.portal import Portal
    from groupware.caller import Caller

FIELDS_MAX = 120
"""Enough for a box for each state, institution and area."""
WAYS = {
    Hurdle.TERMS: re.compile(r"/account/terms|/sign-out"),
    Hurdle.SHORT: re.compile(r"/account(/password|/terms)?|/sign-out"),
    Hurdle.SECOND_FACTOR: re.compile(r"/account(/app|/passkeys|/codes|/password|/confirm|/terms)?|/sign-out"),
}
"""The only pages for those who have a hurdle before them."""
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks for what. `form` holds a POST's fields, already checked to come from our own page.

    `fresh`: they proved who they are within the last 15 minutes; see connectors.web.step_up. With a `hurdle`, only the
    pages that lead over it are shown.
    """

    portal: Portal
    request: Request
    caller: Caller
    session: str
    fresh: bool = False
    hurdle: Hurdle | None = None
    form: Form = field(default_factory=dict)
    file: bytes = b""
    """What was uploaded, where a page takes files."""

    @property
    def path(self) -> Mapping[str, str]:
        """The named parts of the path."""
        return self.request.path_params

    def query(self, name: str) -> str:
        """A parameter of the query, empty without it."""
        return self.request.query_params.get(name, "")

    async def page(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 -- for templates
        """A whole page, with its frame."""
        moderator, held = await self.portal.groupware.moderates(self.caller)
        manages = await self.portal.groupware.areas.manages(self.caller)
        path = self.request.url.path
        frame = {
            "manages": manages,
            "drafts": len(await self.portal.groupware.drafting.to_authorise(self.caller))
            + len(await self.portal.groupware.marks.to_confirm(self.caller)),
            "releases": len(await self.portal.groupware.releases.waiting(self.caller)),
            "keeps": await self.portal.groupware.people.keeps(self.caller),
            "audits": await self.portal.groupware.audit.reads(self.caller),
            "caller": self.caller,
            "moderator": moderator,
            "held": held,
            "path": path,
            "hurdle": self.hurdle,
        }
        return self.fragment(template, status, **frame, **values)

    def fragment(self, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 -- for templates
        """A part of a page, or the whole when the frame's values are given."""
        token = origin.form_token(self.session)
        return render(self.portal, template, status, form_token=token, **values)


Page = Callable[[Visit], Awaitable[Response]]
Endpoint = Callable[["Request"], Awaitable[Response]]


def render(portal: Portal, template: str, status: int = 200, **values: Any) -> Response:  # noqa: ANN401 -- for templates
    """A template as an answer."""
    return HTMLResponse(portal.templates.get_template(template).render(values), status)


def seen(request: Request) -> Portal:
    """The portal that a request came to."""
    portal: Portal = request.app.state.portal
    return portal


async def whose(request: Request) -> Visit | None:
    """The visit of somebody with a live session; None for anybody else."""
    token = cookies.read(request, cookies.SESSION)
    portal = seen(request)
    visitor = await portal.groupware.web_sessions.visitor(token) if token else None
    return None if visitor is None else Visit(portal, request, visitor.caller, token, visitor.fresh, visitor.hurdle)


async def fields(request: Request) -> dict[str, str]:
    """A form's text fields. 415 for other media types; files are not taken."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
    form = await request.form(max_files=0, max_fields=FIELDS_MAX)
    if len(form) > FIELDS_MAX:
        raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return {name: value for name, value in form.items() if isinstance(value, str)}


def endpoint(show: Page, send: Page | None = None) -> Endpoint:
    """A page for those who have signed in: `show` answers GET, `send` its form."""

    async def answer(request: Request) -> Response:
        try:
            visit = await whose(request)
            if visit is None:
                return await to_sign_in(request)
        except (IconetError, HTTPException) as error:
            return stranger(seen(request), error)
        if visit.hurdle is not None and not WAYS[visit.hurdle].fullmatch(request.url.path):
            return over(visit.hurdle, request)
        try:
            return await (show(visit) if send is None or request.method != "POST" else _sent(visit, send))
        except (IconetError, Unacceptable, HTTPException) as error:
            return await fault(visit, error)

    return answer


async def nowhere(_visit: Visit) -> Response:
    """For a path that only takes forms."""
    raise HTTPException(HTTPStatus.NOT_FOUND)


def over(hurdle: Hurdle, request: Request) -> Response:
    """To where the hurdle is taken, and from there to the page that was asked for."""
    if hurdle is not Hurdle.TERMS:
        place = "/account/password" if hurdle is Hurdle.SHORT else "/account"
        return RedirectResponse(place, HTTPStatus.SEE_OTHER)
    after = target(request) if request.method != "POST" else "/"
    return RedirectResponse(f"/account/terms?next={quote(after, safe='')}", HTTPStatus.SEE_OTHER)


async def _sent(visit: Visit, send: Page) -> Response:
    if not origin.is_own(visit.request):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    uploads = visit.request.url.path in UPLOADS and is_upload(visit.request)
    form, file = await uploaded(visit.request) if uploads else (await fields(visit.request), b"")
    if not origin.is_token(visit.session, form.get(origin.FIELD, "")):
        raise HTTPException(HTTPStatus.FORBIDDEN)
    return await send(replace(visit, form=form, file=file))


async def fault(visit: Visit, error: Exception) -> Response:
    """What went wrong, as a page."""
    said = of_error(error)
    if said.status >= HTTPStatus.INTERNAL_SERVER_ERROR:  # whatever fails may fail again for the frame
        return stranger(visit.portal, error)
    return await visit.page("fault.html", said.status, fault=said)


def stranger(portal: Portal, error: Exception) -> Response:
    """The same for somebody who isn't known, or can't be just now: it asks nothing of the store."""
    said = of_error(error)
    response = render(portal, "stranger.html", said.status, fault=said, back="")
    response.headers.update(said.headers)
    return response


def target(request: Request) -> str:
    """What was asked for, as a path with its query."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


async def to_sign_in(request: Request) -> Response:
    """The same for every path, whether there is something or not."""
    if request.method != "POST":
        return RedirectResponse(f"/sign-in?next={quote(target(request), safe='')}", HTTPStatus.SEE_OTHER)
    text = ""
    if origin.is_own(request):
        text = (await fields(request)).get("text", "")
    return render(seen(request), "signed_out.html", HTTPStatus.UNAUTHORIZED, text=text)
