from __future__ import annotations

from scim_desk import certificate, desk

__all__ = ["certificate", "desk"]
