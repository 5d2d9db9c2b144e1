"""The directory's pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.directory import contact_points, export, liaison, places, search

if TYPE_CHECKING:
    from connectors.web.visit import Page

DIRECTORY_PAGES: tuple[tuple[str, Page, Page | None], ...] = (
    ("/directory", search.show, None),
    ("/directory/found", search.found, None),
    ("/directory/people/{login}", places.person, None),
    ("/directory/people/{login}/card.vcf", export.card, None),
    ("/directory/bodies/{body}", places.body, None),
    ("/directory/bodies/{body}/{unit}", places.unit, None),
    ("/directory/contact-points", contact_points.show, None),
    ("/directory/liaison-officers", liaison.show, None),
    ("/directory/everybody.vcf", export.vcards, None),
    ("/directory/everybody.ldif", export.ldif_file, None),
)
