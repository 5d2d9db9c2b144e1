"""The pages for those who administer areas and rooms. Each asks the monitor; a fresh proof is asked for before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.areas_admin import access, area, room, tree
from connectors.web.step_up import elevated
from connectors.web.visit import nowhere

if TYPE_CHECKING:
    from connectors.web.visit import Page

AREAS, ROOMS = "/administration/areas", "/administration/rooms"
PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    (AREAS, elevated(tree.show), None),
    (f"{AREAS}/new", elevated(tree.show_new), elevated(tree.found)),
    (f"{AREAS}/{{code}}", elevated(area.show), elevated(area.rename)),
    (f"{AREAS}/{{code}}/state", nowhere, elevated(area.set_state)),
    (f"{AREAS}/{{code}}/competence", nowhere, elevated(area.set_competence)),
    (f"{AREAS}/{{code}}/rooms/new", elevated(room.show_new), elevated(room.open_it)),
    (f"{ROOMS}/{{code}}", elevated(room.show), elevated(room.change)),
    (f"{ROOMS}/{{code}}/state", nowhere, elevated(room.set_state)),
    (f"{ROOMS}/{{code}}/deputies", nowhere, elevated(room.set_deputy)),
    (f"{ROOMS}/{{code}}/access", elevated(access.show), elevated(access.give)),
    (f"{ROOMS}/{{code}}/access/{{rule}}/end", nowhere, elevated(access.end)),
)
"""As connectors.web.app's."""
