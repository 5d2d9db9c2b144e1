"""The pages on which who governs states and institutions keeps them. Each asks the monitor, after a fresh proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.bodies import governed
from connectors.web.step_up import elevated
from connectors.web.visit import nowhere

if TYPE_CHECKING:
    from connectors.web.visit import Page

BODIES = "/administration/bodies"
PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    (BODIES, elevated(governed.listed), None),
    (f"{BODIES}/new", elevated(governed.show_new), elevated(governed.add)),
    (f"{BODIES}/{{code}}", elevated(governed.show), elevated(governed.rename)),
    (f"{BODIES}/{{code}}/state", nowhere, elevated(governed.set_state)),
)
"""As connectors.web.app's."""
