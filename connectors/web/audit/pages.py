"""The log of who did what, for security officers; and for everybody, what it holds about themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.audit import glass, item, log, own, why
from connectors.web.step_up import elevated
from connectors.web.visit import nowhere

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/audit", elevated(log.show), None),
    ("/audit/posts/{number}", elevated(item.show), None),
    ("/audit/why", elevated(why.show), None),
    ("/audit/glass", elevated(glass.listed), elevated(glass.ask)),
    ("/audit/glass/{number}", elevated(glass.show), elevated(glass.send)),
    ("/audit/glass/{number}/posts/{post}", nowhere, elevated(glass.post)),
    ("/audit/glass/{number}/posts/{post}/source", nowhere, elevated(glass.source)),
    ("/account/audit.jsonl", elevated(own.send), None),
)
"""As connectors.web.app's."""
