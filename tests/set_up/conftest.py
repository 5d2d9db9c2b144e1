"""The portal's site, for the pages by which a client is set up."""

from __future__ import annotations

from browser import axe, chromium
from web_site import certificate, open_site, site

__all__ = ["axe", "certificate", "chromium", "open_site", "site"]
