"""Marking a post anew, in its owner's name: the question, the deed, another's word about it, and what was done."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse

from connectors.web import own_word
from connectors.web.duties.fields import number
from groupware.errors import NotFound
from groupware.marks.changing import LONGEST_REASON, Wanted
from groupware.marks.loosening import Word
from groupware.message.markings import Marks
from policies.vocabulary import Handling, Marking

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

MARKINGS = {str(int(each)): each for each in Marking}
CODES = {str(int(each)): each for each in Handling}


DONE = {
    "asked": "It is asked for. Another who speaks for the post's owner confirms it in the portal, or it lapses.",
    "refused": "You have refused it. Who asked is told why, and the marking stays.",
    "withdrawn": "You have taken it back. The marking stays.",
    "fallen": "Who asked for it may not mark the post any more, so it has ended. The marking stays.",
}


async def show(visit: Visit) -> Response:
    """How it is marked, by whom, and the form."""
    return await _form(visit, HTTPStatus.OK, {})


async def send(visit: Visit) -> Response:
    """Do it, or say a word about what another has asked."""
    acts = {"": _mark, "confirm": _confirm, "refuse": _refuse, "withdraw": _withdraw}
    return await own_word.send(visit, acts, _form)


async def _mark(visit: Visit) -> Response:
    marking, code = MARKINGS.get(visit.form.get("marking", "")), CODES.get(visit.form.get("handling", ""))
    if marking is None or code is None:
        raise own_word.UnfitError({"marking": "Choose a marking and a handling code."})
    wanted = Wanted(visit.path["token"], Marks(marking, code), visit.form.get("reason", "").strip())
    return _back(visit, "asked" if await visit.portal.groupware.marks.mark(visit.caller, wanted) else "")


async def _confirm(visit: Visit) -> Response:
    return await _decide(visit, Word.CONFIRM)


async def _refuse(visit: Visit) -> Response:
    return await _decide(visit, Word.REFUSE)


async def _withdraw(visit: Visit) -> Response:
    return await _decide(visit, Word.WITHDRAW)


async def _decide(visit: Visit, word: Word) -> Response:
    note = visit.form.get("note", "").strip()
    if (word is Word.REFUSE and not note) or len(note) > LONGEST_REASON:
        raise own_word.UnfitError({"note": f"Say why, in at most {LONGEST_REASON} characters."})
    seen = number(visit.form.get("ask", ""))
    state = await visit.portal.groupware.marks.decide(visit.caller, visit.path["token"], seen, word, note)
    return _back(visit, "" if word is Word.CONFIRM and state not in DONE else state)


def _back(visit: Visit, done: str) -> Response:
    where = f"/posts/{visit.path['token']}"
    return RedirectResponse(f"{where}/mark?done={done}" if done else where, HTTPStatus.SEE_OTHER)


async def _form(visit: Visit, status: int, problems: dict[str, str]) -> Response:
    token, desk = visit.path["token"], visit.portal.groupware.marks
    post = await visit.portal.groupware.post(visit.caller, token)
    if token not in await desk.markable(visit.caller, [token]):
        raise NotFound(token)
    values = {
        "post": post,
        "asked": await desk.asked(visit.caller, token),
        "done": DONE.get(visit.query("done"), ""),
        "form": visit.form,
        "acts": await desk.acts(visit.caller, token),
        "markings": list(Marking),
        "codes": list(Handling),
        "chosen": visit.form.get("marking", str(post.marking)),
        "code": visit.form.get("handling", str(post.handling)),
        "most": LONGEST_REASON,
    }
    return await visit.page("mark.html", status, problems=problems, **values)
