"""The directory's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.directory import arranging, contact_points, export, liaison, places, posting, search
from connectors.web.officials import found
from connectors.web.step_up import elevated
from connectors.web.visit import nowhere

if TYPE_CHECKING:
    from connectors.web.visit import Page

DIRECTORY_PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/directory", search.show, None),
    ("/directory/found", search.found, None),
    ("/directory/people/{login}", places.person, None),
    ("/directory/people/{login}/card.vcf", export.card, None),
    ("/directory/bodies/{body}", places.body, None),
    ("/directory/bodies/{body}/{unit}", places.unit, None),
    ("/directory/officials", found, None),
    ("/directory/contact-points", contact_points.show, None),
    ("/directory/contact-points/new", elevated(arranging.show_new), elevated(arranging.add)),
    ("/directory/contact-points/{number}", elevated(arranging.show), elevated(arranging.arrange)),
    ("/directory/liaison-officers", liaison.show, None),
    ("/directory/liaison-officers/new", elevated(posting.show_new), elevated(posting.add)),
    ("/directory/liaison-officers/{number}", elevated(posting.show), elevated(posting.change)),
    ("/directory/liaison-officers/{number}/interest", nowhere, elevated(posting.interest)),
    ("/directory/everybody.vcf", export.vcards, None),
    ("/directory/everybody.ldif", export.ldif_file, None),
)
