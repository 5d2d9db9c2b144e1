"""The pages of releases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.releases import asking, deciding

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/posts/{token}/release", asking.show, asking.send),
    ("/releases", deciding.listed, None),
    ("/releases/{number}", deciding.show, deciding.send),
    ("/releases/{number}/package", deciding.package, None),
)
"""As connectors.web.app's."""
