"""The pages of legal holds and proofs of erasure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.retention import erasures, holds
from connectors.web.step_up import elevated

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/audit/holds", elevated(holds.listed), elevated(holds.place)),
    ("/audit/holds/{number}", elevated(holds.show), elevated(holds.lift)),
    ("/audit/erasures", elevated(erasures.listed), None),
    ("/audit/erasures/{number}", elevated(erasures.show), None),
)
"""As connectors.web.app's."""
