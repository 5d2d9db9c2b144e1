"""Pages on which somebody gives their word about a message that waits, or writes it anew: what their forms share."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from connectors.web.compose import SUBJECT_MAX, TEXT_MAX, has_controls
from connectors.web.faults import of_error
from groupware.errors import Conflict, Refused
from groupware.message.errors import Unacceptable

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.visit import Visit

Act = Callable[["Visit"], Awaitable["Response"]]
Page = Callable[["Visit", int, dict[str, str]], Awaitable["Response"]]
"""The page with a status and what isn't right in its form, by field."""


class UnfitError(Exception):
    """What isn't right in the form, by field."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(problems))
        self.problems = problems


async def send(visit: Visit, acts: Mapping[str, Act], page: Page) -> Response:
    """Do what the pressed button says; what goes wrong is told on the page, but that somebody was quicker."""
    act = acts.get(visit.form.get("act", ""))
    if act is None:
        return await page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, {"form": "Choose what to do."})
    try:
        return await act(visit)
    except UnfitError as error:
        return await page(visit, HTTPStatus.UNPROCESSABLE_ENTITY, error.problems)
    except (Refused, Conflict, Unacceptable) as error:
        if isinstance(error, Conflict) and error.rule == "already-decided":
            raise
        said = of_error(error)
        return await page(visit, said.status, {"form": said.sentence})


def reason(visit: Visit, ask: str, most: int, *, needed: bool) -> str:
    """Why, in at most so many characters; `ask` asks for it. Raises UnfitError."""
    said = visit.form.get("reason", "").strip()
    if (needed and not said) or len(said) > most:
        raise UnfitError({"reason": f"{ask}, in at most {most} characters."})
    return said


def anew(visit: Visit) -> tuple[str, str]:
    """Subject and text of a new version. Raises UnfitError."""
    subject, text = " ".join(visit.form.get("subject", "").split()), visit.form.get("text", "")
    found = {}
    if not subject or len(subject) > SUBJECT_MAX or has_controls(subject):
        found["subject"] = f"A subject is one line of at most {SUBJECT_MAX} characters."
    if not text.strip() or len(text) > TEXT_MAX or has_controls(text):
        found["text"] = f"A text has at most {TEXT_MAX:,} characters and no control characters."
    if found:
        raise UnfitError(found)
    return subject, text


def limits(most: int) -> dict[str, int]:
    """For the forms of the template: `most` characters of a reason."""
    return {"most": most, "longest": TEXT_MAX, "longest_subject": SUBJECT_MAX}
