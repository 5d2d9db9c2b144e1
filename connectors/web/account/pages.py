"""The pages about one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.account import confirm

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (("/account/confirm", confirm.show, confirm.send),)
"""As connectors.web.app's."""
