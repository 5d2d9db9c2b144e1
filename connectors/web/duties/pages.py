"""The pages about duties; those that administer want a fresh proof of who is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.duties import giving, held, leaving, mine
from connectors.web.step_up import elevated
from connectors.web.visit import nowhere

if TYPE_CHECKING:
    from connectors.web.visit import Page

PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/duties", mine.show, None),
    ("/duties/role", elevated(giving.show_role), elevated(giving.propose)),
    ("/duties/proposals/{number}", nowhere, elevated(mine.decide)),
    ("/duties/roles/{number}/revoke", nowhere, elevated(mine.revoke)),
    ("/duties/held/{login}", elevated(held.show), elevated(held.revoke)),
    ("/duties/hand-over", giving.show_offer, elevated(giving.offer)),
    ("/duties/hand-overs/{number}", nowhere, elevated(mine.answer_offer)),
    ("/duties/appoint", elevated(giving.show_appointment), elevated(giving.appoint)),
    ("/duties/appointments/{number}", nowhere, elevated(mine.answer_appointment)),
    ("/duties/off-board", elevated(leaving.show), elevated(leaving.off_board)),
    ("/duties/off-boarded/{login}", leaving.show_departure, None),
    ("/duties/take-back/{login}", elevated(leaving.show_return), elevated(leaving.take_back)),
)
"""As connectors.web.app's."""
