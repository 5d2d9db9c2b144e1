"""Where SCIM's resources are (RFC 7644 1.3)."""

from __future__ import annotations

PATH = "/scim/v2"
