"""Personal mail that is marked TLP:RED: mail programs aren't given it, and notices link to here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.download import as_file

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit


async def show(visit: Visit) -> Response:
    """The message with the Message-ID in the query."""
    letter, display = await visit.portal.groupware.marks.letter(visit.caller, visit.query("id"))
    return await visit.page("letter.html", letter=letter, display=display)


async def source(visit: Visit) -> Response:
    """The whole message, attachments and all, as a file."""
    letter, _ = await visit.portal.groupware.marks.letter(visit.caller, visit.query("id"))
    return as_file(letter.head + letter.body, "message/rfc822", "message.eml")
