from __future__ import annotations

from web_site import certificate, open_site, site

__all__ = ["certificate", "open_site", "site"]
