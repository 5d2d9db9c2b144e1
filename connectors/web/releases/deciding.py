"""What awaits one's word, what one asked for, and one release: to whom, why, what would leave, and the decision."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.download import download
from connectors.web.duties.fields import number, sentence
from groupware.errors import Refused
from groupware.releases.telling import RULES
from groupware.releases.words import LONGEST_TEXT, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit

DONE = {
    "asked": "It is asked. The owners have been told; no answer means no.",
    "yes": "Your consent is recorded.",
    "no": "Your refusal is recorded, and who asked has been told the reason.",
    "back": "It is taken back.",
}


async def listed(visit: Visit) -> Response:
    """All that the caller may know of, what awaits their word first."""
    cards = await visit.portal.groupware.releases.known_to(visit.caller)
    waits = [card for card in reversed(cards) if card.decides]
    return await visit.page("releases/list.html", waits=waits, others=[card for card in cards if not card.decides])


async def show(visit: Visit) -> Response:
    """One of them."""
    return await _page(visit, {})


async def send(visit: Visit) -> Response:
    """Say yes or no, or take a word back."""
    wanted, act, note = number(visit.path["number"]), visit.form.get("act", ""), visit.form.get("note", "")
    desk = visit.portal.groupware.releases
    try:
        if act == "back":
            await desk.withdraw(visit.caller, wanted, note)
        elif act in set(Word):
            await desk.decide(visit.caller, wanted, Word(act), note)
        else:
            return await _page(visit, {"form": "Choose what to do."})
    except Refused as error:
        return await _page(visit, {"note": sentence(error.text)})
    return RedirectResponse(f"/releases/{wanted}?done={act}", HTTPStatus.SEE_OTHER)


async def package(visit: Visit) -> Response:
    """What has left, or lies in the queue, to the octet."""
    wanted = number(visit.path["number"])
    octets = await visit.portal.groupware.releases.package(visit.caller, wanted)
    named = {"Content-Disposition": f'attachment; filename="iconet-release-{wanted}.eml"'}
    return download(octets, "message/rfc822", named)


async def _page(visit: Visit, problems: Mapping[str, str]) -> Response:
    shown = await visit.portal.groupware.releases.show(visit.caller, number(visit.path["number"]))
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    values = {
        "card": shown.card,
        "display": shown.display,
        "note": visit.form.get("note", ""),
        "most": LONGEST_TEXT,
        "done": DONE.get(visit.query("done"), ""),
        "why": RULES.get(shown.card.release.why, shown.card.release.why),
    }
    return await visit.page("releases/release.html", status, problems=problems, **values)
