"""Why somebody may do something, or may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.rules import SENTENCES
from groupware.errors import Refused
from groupware.explaining import ASKED_OF_OTHERS
from policies.vocabulary import Action

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call

ACTIONS = [str(action) for action in Action]
OF_OTHERS = [str(action) for action in sorted(ASKED_OF_OTHERS)]


async def explain(call: Call) -> Response:
    """The decision and its rules, about what the caller may know to exist."""
    action, item = call.query("action"), call.query("item")
    if action not in ACTIONS:
        raise Refused("bad-action", "action is one of " + ", ".join(ACTIONS))
    answer = await call.groupware.why_own(call.caller, Action(action), item)
    rules = [{"rule": rule, "sentence": SENTENCES[rule]} for rule in answer.rules]
    return JSONResponse({"allowed": answer.allowed, "rules": rules})


async def explain_other(call: Call) -> Response:
    """The same about somebody of the security officer's own body."""
    login, action, item = call.query("login"), call.query("action"), call.query("item")
    if action not in OF_OTHERS:
        raise Refused("bad-action", "action is one of " + ", ".join(OF_OTHERS))
    answer = await call.groupware.explaining.other(call.caller, login, Action(action), item)
    rules = [{"rule": rule, "sentence": SENTENCES[rule]} for rule in answer.rules]
    return JSONResponse({"allowed": answer.allowed, "rules": rules})
