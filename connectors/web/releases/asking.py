"""The form by which a reader asks that a post be passed to a third party."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web.duties.fields import sentence
from groupware.errors import Refused
from groupware.release_mail import day
from groupware.releases.words import LONGEST_NAME, LONGEST_TEXT, Asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit

FIELDS = ("recipient", "organisation", "purpose", "conditions", "until")
WORDS = {"recipient": "the recipient", "organisation": "the organisation", "purpose": "the purpose"}
WORDS |= {"conditions": "the conditions", "until": "the last day"}
"""What a refusal about a field begins with."""


async def show(visit: Visit) -> Response:
    """An empty form, or why there is none."""
    return await _form(visit, {})


async def send(visit: Visit) -> Response:
    """Ask."""
    given = {name: visit.form.get(name, "").strip() for name in FIELDS}
    try:
        wanted = Asked(
            given["recipient"], given["organisation"], given["purpose"], given["conditions"], day(given["until"])
        )
        number = await visit.portal.groupware.releases.ask(visit.caller, visit.path["token"], wanted)
    except Refused as error:
        return await _form(visit, {_field(error): sentence(error.text)})
    return RedirectResponse(f"/releases/{number}?done=asked", HTTPStatus.SEE_OTHER)


def _field(error: Refused) -> str:
    if error.rule == "relay-denied":
        return "recipient"
    return next((name for name, words in WORDS.items() if error.text.startswith(words)), "form")


async def _form(visit: Visit, problems: Mapping[str, str]) -> Response:
    post, rules = await visit.portal.groupware.releases.post(visit.caller, visit.path["token"])
    given = {name: visit.form.get(name, "") for name in FIELDS}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK
    values = {"post": post, "rules": rules, "given": given, "longest": LONGEST_TEXT, "line": LONGEST_NAME}
    return await visit.page("releases/ask.html", status, problems=problems, **values)
