"""What the caller sees of the directory as a file for address books."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.download import download
from groupware.cards import ldif

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.cards.desk import Card
    from groupware.cards.vcard import Version

EVERYBODY = "all"
VCARD = "text/vcard; charset=utf-8"
LDIF = "text/directory; charset=utf-8"


async def card(visit: Visit) -> Response:
    """One official's vCard."""
    found = await visit.portal.groupware.address_books.card(visit.caller, visit.path["login"])
    return _file(found.written(_version(visit)), f"{found.entry.login}.vcf", VCARD)


async def vcards(visit: Visit) -> Response:
    """Everybody's, one after the other."""
    cards, version = await _cards(visit), _version(visit)
    text = await visit.portal.workers.run(lambda: "".join(each.written(version) for each in cards))
    return _file(text, "iconet.vcf", VCARD)


async def ldif_file(visit: Visit) -> Response:
    """The same as LDIF."""
    cards, domain = await _cards(visit), visit.portal.groupware.domain
    text = await visit.portal.workers.run(lambda: "".join(ldif.written([each.entry for each in cards], domain)))
    return _file(text, "iconet.ldif", LDIF)


async def _cards(visit: Visit) -> Sequence[Card]:
    return (await visit.portal.groupware.address_books.shelf(visit.caller, EVERYBODY)).cards


def _version(visit: Visit) -> Version:
    return "3.0" if visit.query("version") == "3.0" else "4.0"


def _file(text: str, name: str, kind: str) -> Response:
    return download(text.encode(), kind, {"Content-Disposition": f'attachment; filename="{name}"'})
