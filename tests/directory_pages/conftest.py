from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from browser import axe, chromium
from duty_world import furnish
from web_site import certificate, open_site, site

if TYPE_CHECKING:
    from web_site import Site

__all__ = ["axe", "certificate", "chromium", "open_site", "site"]


@pytest.fixture
async def furnished(site: Site) -> Site:
    """The town with contact points, postings and details."""
    await site.groupware.store.run(lambda tx: furnish(tx, site.town))
    return site
