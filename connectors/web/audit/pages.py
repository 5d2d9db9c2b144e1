"""The log of who did what, for security officers; and for everybody, what it holds about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.audit import item, log, own
from connectors.web.step_up import elevated

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/audit", elevated(log.show), None),
    ("/audit/posts/{number}", elevated(item.show), None),
    ("/account/audit.jsonl", elevated(own.send), None),
)
"""As connectors.web.app's."""
