"""For security officers: why can, or can't, somebody of their own body see a post or a room? No content is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from connectors.web.rules import SENTENCES
from groupware.errors import NotFound
from groupware.explaining import ASKED_OF_OTHERS
from policies.vocabulary import Action

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.why import Answer

NAMES = {str(action): str(action).replace("_", " ") for action in sorted(ASKED_OF_OTHERS)}


async def show(visit: Visit) -> Response:
    """The form, and the answer."""
    login, item = visit.query("login").strip(), visit.query("item").strip()
    action = visit.query("what") if visit.query("what") in NAMES else str(Action.READ)
    if not await visit.portal.groupware.audit.reads(visit.caller):
        raise NotFound("audit")
    answer = await _answer(visit, login, Action(action), item) if login and item else None
    rules = [(rule, SENTENCES[rule]) for rule in answer.rules] if answer else []
    given = {"login": login, "item": item, "action": action}
    return await visit.page("audit/why.html", answer=answer, given=given, actions=NAMES, rules=rules)


async def _answer(visit: Visit, login: str, action: Action, item: str) -> Answer | None:
    try:
        return await visit.portal.groupware.explaining.other(visit.caller, login, action, item)
    except NotFound:
        return None
