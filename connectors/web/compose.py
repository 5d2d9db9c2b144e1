"""Write a new post to a room, or (through `reply`) an answer."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import RedirectResponse

from connectors.web.faults import of_error
from groupware import clock
from groupware.composing import Draft
from groupware.errors import Busy, Conflict, NotCommitted, NotFound, Overloaded, Refused
from groupware.message import markings
from groupware.message.errors import Unacceptable
from groupware.message.markings import Marks, strictest
from policies.vocabulary import Marking

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.responses import Response

    from connectors.web.visit import Visit
    from groupware.posting import Receipt
    from groupware.preview import Preview
    from groupware.reading import PostCard, RoomCard

PREVIEW = "preview"
"""What the form's second button says."""
SUBJECT_MAX = 200
TEXT_MAX = 100_000
"""Characters."""
DATE_MAX = 17
"""Digits of a time in microseconds, until the year 5138."""
_NAME = re.compile(r"[0-9a-f]{32}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DAY = 24 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the form is for: a room, and the post that is answered, if it is an answer."""

    room: RoomCard
    answered: PostCard | None = None

    @property
    def least(self) -> Marking:
        """The widest marking that the post can have."""
        return Marking(max(self.room.marking, self.answered.marking if self.answered else 0))


async def show(visit: Visit) -> Response:
    """An empty form."""
    return await form(visit, await _sheet(visit), {})


async def send(visit: Visit) -> Response:
    """Hand it in: what is wrong is told beside its field, and nothing that was typed is lost."""
    return await hand_in(visit, await _sheet(visit))


async def _sheet(visit: Visit) -> Sheet:
    page = await visit.portal.groupware.room(visit.caller, visit.path["code"])
    if not page.may_post:
        raise NotFound(page.room.code)
    return Sheet(page.room)


async def form(
    visit: Visit,
    sheet: Sheet,
    problems: Mapping[str, str],
    subject: str = "",
    status: int = HTTPStatus.OK,
    preview: Preview | None = None,
) -> Response:
    """The form, with what was typed so far; with who could read it, if that was asked."""
    given = visit.form
    values = {
        "subject": given.get("subject", subject),
        "text": given.get("text", ""),
        "chosen": given.get("marking", str(int(sheet.least))),
        "name": given.get("name") or secrets.token_hex(16),
        "date": given.get("date") or str(clock.now()),
    }
    heads = await visit.portal.groupware.duties.heads(visit.caller)
    values |= {"author": given.get("author", ""), "receipts": given.get("receipts", "")}
    offered = [marking for marking in Marking if marking >= sheet.least]
    return await visit.page(
        "compose.html", status, sheet=sheet, markings=offered, heads=heads, problems=problems, preview=preview, **values
    )


async def hand_in(visit: Visit, sheet: Sheet) -> Response:
    """The same way as a mail client's message."""
    problems = _problems(visit.form, sheet)
    if problems:
        return await form(visit, sheet, problems, status=422)
    parent = sheet.answered.token if sheet.answered else ""
    if visit.form.get("act") == PREVIEW:
        asked = strictest(markings.asked(visit.form["subject"]), Marks(_draft(visit.form).marking))
        found = await visit.portal.groupware.preview(visit.caller, sheet.room.code, asked, parent)
        return await form(visit, sheet, {}, preview=found)
    try:
        receipt = await visit.portal.groupware.compose(visit.caller, sheet.room.code, _draft(visit.form), parent)
    except (Refused, Conflict, Unacceptable, NotCommitted, Overloaded, Busy) as error:
        return await _again(visit, sheet, error)
    return RedirectResponse(f"/rooms/{quote(sheet.room.code)}?sent={_sent(receipt)}", HTTPStatus.SEE_OTHER)


async def _again(visit: Visit, sheet: Sheet, error: Exception) -> Response:
    """The form once more: what was typed is kept, whatever stood in its way."""
    said = of_error(error)
    response = await form(visit, sheet, {"form": said.sentence}, status=said.status)
    response.headers.update(said.headers)
    return response


def _sent(receipt: Receipt) -> str:
    if receipt.unconfirmed:
        return "unconfirmed"
    if receipt.drafted:
        return "drafted"
    return str(receipt.held[0].number) if receipt.held else "published"


def _problems(form: Mapping[str, str], sheet: Sheet) -> dict[str, str]:
    """By field, in the order of the form."""
    subject, text = form.get("subject", "").strip(), form.get("text", "")
    found = {}
    if not subject:
        found["subject"] = "Give the post a subject."
    elif len(subject) > SUBJECT_MAX or has_controls(subject):
        found["subject"] = f"A subject is one line of at most {SUBJECT_MAX} characters."
    if form.get("marking") not in {str(int(marking)) for marking in Marking if marking >= sheet.least}:
        found["marking"] = "Choose one of the markings."
    if not text.strip():
        found["text"] = "Write something."
    elif len(text) > TEXT_MAX or has_controls(text):
        found["text"] = f"A text has at most {TEXT_MAX:,} characters and no control characters."
    return found


def has_controls(text: str) -> bool:
    """Whether there is what no message may hold."""
    return _CONTROL.search(text) is not None


def _draft(form: Mapping[str, str]) -> Draft:
    """What the form was made with names the message: sending it twice is one post (RFC 5322 3.6.4)."""
    name, date, now = form.get("name", ""), form.get("date", ""), clock.now()
    fresh = date.isdecimal() and len(date) <= DATE_MAX and now - _DAY < int(date) <= now and _NAME.fullmatch(name)
    return Draft(
        subject=" ".join(form.get("subject", "").split()),
        text=form.get("text", ""),
        marking=Marking(int(form.get("marking", "0"))),
        name=name if fresh else secrets.token_hex(16),
        date=int(date) if fresh else now,
        author=form.get("author", ""),
        receipts=form.get("receipts") == "yes",
    )
