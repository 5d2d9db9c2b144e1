"""Where a browser goes on to after a form.

A redirect would count as the form's own target, and our content policy (form-action 'self') forbids those outside: so a
page is in between, which goes on by itself and has a link for browsers that don't.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.visit import render

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.portal import Portal

AUTHORIZE = "/oidc/authorize"
"""The page that may send a browser out again."""


def outside(portal: Portal, url: str) -> Response:
    """To another site, which has been checked to be one that we send browsers to."""
    return render(portal, "oidc/onward.html", url=url)


def inside(portal: Portal, path: str) -> Response:
    """To a page of ours."""
    if path.partition("?")[0] == AUTHORIZE:
        return outside(portal, path)
    return RedirectResponse(path, HTTPStatus.SEE_OTHER)
