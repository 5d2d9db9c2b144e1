"""The pages on which the admins of a body keep its people, and the one on which everybody keeps their telephone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.people import entries, imports, own, programs, resets, review, units
from connectors.web.step_up import elevated
from connectors.web.visit import nowhere

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/people", elevated(entries.listed), None),
    ("/people/new", elevated(entries.blank), elevated(entries.add)),
    ("/people/entry/{login}", elevated(entries.show), elevated(entries.change)),
    ("/people/entry/{login}/act", nowhere, elevated(entries.act)),
    ("/people/resets", elevated(resets.show), elevated(resets.release)),
    ("/people/units", elevated(units.tree), elevated(units.add)),
    ("/people/units/{code}", elevated(units.show), elevated(units.change)),
    ("/people/units/{code}/close", nowhere, elevated(units.close)),
    ("/people/import", elevated(imports.show), elevated(imports.send)),
    ("/people/export.csv", elevated(imports.export), None),
    ("/people/review", elevated(review.show), elevated(review.confirm)),
    ("/people/programs", elevated(programs.show), elevated(programs.make)),
    ("/account/reset/withdraw", nowhere, own.withdraw_reset),
    ("/account/national", nowhere, elevated(own.allow_national)),
    ("/account/contact", own.show, own.send),
)
"""As connectors.web.app's."""
