from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import axe, chromium
from provider_world import Tool, client
from web_site import certificate, open_site, site

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from web_site import Site

__all__ = ["axe", "certificate", "chromium", "open_site", "site"]


@pytest.fixture
def tool(site: Site) -> Callable[..., Awaitable[Tool]]:
    """Adds a client, and lets somebody's browser come to it."""

    async def added(who: str = "anna", name: str = "tool", **kind: object) -> Tool:
        secret = await site.groupware.provider.add_client(made := client(name, **kind))
        return Tool(await site.client(who), await site.client(), made.name, secret)

    return added
