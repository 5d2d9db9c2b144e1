"""The paths by which a client is set up: a page for its owner, and what the client asks before it can sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from connectors.web.set_up import autoconfig, matrix_client, page
from connectors.web.step_up import elevated

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (("/account/set-up", page.show, elevated(page.make)),)
"""As connectors.web.app's."""
ROUTES = (
    Route("/.well-known/autoconfig/mail/config-v1.1.xml", autoconfig.send),
    Route("/mail/config-v1.1.xml", autoconfig.send),
    Route("/.well-known/matrix/client", matrix_client.send),
)
"""For strangers, too. Autoconfig is asked for at the mail domain itself, and at the host "autoconfig." in it."""
