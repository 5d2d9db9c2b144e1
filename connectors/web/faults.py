"""What goes wrong, as HTTP: one table from the domain's errors to a status, a rule and a sentence."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException

from groupware.errors import Conflict, Forbidden, IconetError, NotFound, Refused
from groupware.message.errors import Unacceptable

RETRY_AFTER = 5
"""Seconds after which a temporary fault may have passed."""
SENTENCES = {
    400: "The request can't be understood.",
    401: "Sign in first.",
    403: "This form didn't come from this site, or is too old. Go back, reload the page and try again.",
    404: "There is nothing here, or nothing for you.",
    405: "This can't be done to this page.",
    408: "The request took too long to arrive.",
    409: "Somebody else was quicker.",
    413: "The request is too large.",
    415: "The request has the wrong media type.",
    421: "This server doesn't answer under that name.",
    422: "Something in the form isn't right.",
    500: "Something went wrong on our side. It has been noted.",
    503: "ICONet is busy or has to stop. Nothing was lost; try again in a moment.",
}
WORDS = {
    "changed-meanwhile": "Somebody else has changed this meanwhile. Look at it again, then repeat your change.",
    "code-taken": "This code is taken, or was once.",
    "closed-room": "The room is closed: the post can be refused, but not published.",
    "message-id-reused": "A different message has the same Message-ID.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is told: a status, the rule's name for programs, a sentence for people."""

    status: int
    rule: str
    sentence: str

    @property
    def title(self) -> str:
        """The status in HTTP's words (RFC 9110 15)."""
        return HTTPStatus(self.status).phrase

    @property
    def headers(self) -> dict[str, str]:
        """Fields that the status asks for."""
        return {"Retry-After": str(RETRY_AFTER)} if self.status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def of_status(status: int) -> Answer:
    """The general answer with this status."""
    rule = HTTPStatus(status).phrase.lower().replace(" ", "-")
    return Answer(status, rule, SENTENCES.get(status, SENTENCES[400]))


def of_error(error: Exception) -> Answer:
    """What an error is answered with; forbidden and absent alike, and what isn't known is our fault."""
    if isinstance(error, HTTPException):
        return of_status(error.status_code)
    if isinstance(error, NotFound | Forbidden):
        return of_status(404)
    if isinstance(error, Conflict):
        return Answer(409, error.rule, WORDS.get(error.rule) or _sentence(error.text) or SENTENCES[409])
    if isinstance(error, Refused | Unacceptable):
        return Answer(422, error.rule, error.text or SENTENCES[422])
    return of_status(503 if isinstance(error, IconetError) and error.temporary else 500)


def _sentence(text: str) -> str:
    """What a rule says, as a page shows it."""
    return f"{text[:1].upper()}{text[1:].rstrip('.')}." if text else ""
