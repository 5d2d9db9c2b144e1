from __future__ import annotations

from browser import axe, chromium
from web_site import certificate, open_site, site

__all__ = ["axe", "certificate", "chromium", "open_site", "site"]
