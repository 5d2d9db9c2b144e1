"""Where address books are."""

from __future__ import annotations

PREFIX = "/dav"
