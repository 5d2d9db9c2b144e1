"""Every reply of the submission door (RFC 5321 4.2, RFC 3463): what is said when all is well, and for each error.

A refusal names its rule, then says it in words. Nothing of what the client sent is said back, but the Message-ID.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from groupware.errors import Busy, Conflict, Forbidden, IconetError, NotFound, Refused
from groupware.message.errors import Unacceptable
from groupware.message.unfit import Classified

if TYPE_CHECKING:
    from groupware.posting import Receipt

LONGEST = 480

OK = "250 2.0.0 OK"
SENDER_OK = "250 2.1.0 OK"
RECIPIENT_OK = "250 2.1.5 OK"
SEND_MESSAGE = "354 End with <CR><LF>.<CR><LF>"
BYE = "221 2.0.0 Bye"
SIGNED_IN = "235 2.7.0 signed in"
CANNOT_VERIFY = "252 2.5.0 cannot-verify: send it and see"
HELP = "214 2.0.0 RFC 6409; refusals name the rule that refused"

TRY_LATER = "451 4.3.0 try-later: it was not accepted; send it again later"
TOO_MANY_RECIPIENTS = "452 4.5.3 too-many-recipients: at most 100 in one message"
BUSY_SIGNING_IN = "454 4.7.0 sign-in-busy: try again later"

STOPPING = "421 4.3.2 stopping: come back soon"
TIMED_OUT = "421 4.4.2 idle-too-long: connection closed"
SIGN_IN_TOO_LATE = "421 4.7.0 not-signed-in: connection closed"
SIGNED_OUT = "421 4.7.0 signed-out: connection closed"
TOO_MANY_CONNECTIONS = "421 4.7.0 too-many-connections: try again later"
ENDLESS = "421 4.7.0 too-large: connection closed"
TOO_MANY_BAD_COMMANDS = "421 4.7.0 too-many-bad-commands: connection closed"
TOO_MANY_SIGN_INS = "421 4.7.0 too-many-sign-ins: connection closed"

LINE_TOO_LONG = "500 5.5.6 command-line-too-long: at most 2048 octets"
NOT_A_LINE = "500 5.5.2 bad-line: a command is ASCII and ends with CR LF"
NO_SUCH_COMMAND = "500 5.5.1 no-such-command: see EHLO"
NOT_OFFERED = "502 5.5.1 not-offered: see EHLO"
BAD_ARGUMENT = "501 5.5.4 bad-argument: see RFC 5321"
NOT_NOW = "503 5.5.1 bad-sequence: EHLO, AUTH, MAIL, RCPT, DATA"
ALREADY_SIGNED_IN = "503 5.5.1 already-signed-in: once in a session"
NOT_SIGNED_IN = "530 5.7.0 sign-in-required: AUTH first"
NO_SUCH_MECHANISM = "504 5.5.4 no-such-mechanism: PLAIN or LOGIN"
NOT_BASE64 = "501 5.5.2 bad-base64: see RFC 4954"
SIGN_IN_GIVEN_UP = "501 5.0.0 sign-in-given-up: by the client"
WRONG = "535 5.7.8 sign-in: wrong name or secret"
UNKNOWN_PARAMETER = "555 5.5.4 unknown-parameter: see EHLO"
NOT_CALLER = "550 5.7.1 sender-is-not-caller: MAIL FROM must be your own address"
NOT_PLAIN = "553 5.1.3 address-not-plain: only local@domain is taken"
NO_RECIPIENT = "554 5.5.1 no-valid-recipients: RCPT first"
TOO_LARGE = "552 5.3.4 too-large: see SIZE in EHLO"
UNKNOWN = "550 5.1.1 recipient-unknown: no such recipient, or none that you may write to"


def refusal(error: IconetError | Unacceptable) -> str:
    """The one table from what goes wrong inside to what the client is told."""
    match error:
        case Classified(rule=rule, text=text) | Refused(rule=rule, text=text):
            return _line(f"550 5.7.1 {rule}: {text}")
        case Unacceptable(rule=rule, text=text) | Conflict(rule=rule, text=text):
            return _line(f"554 5.6.0 {rule}: {text}")
        case NotFound() | Forbidden():
            return UNKNOWN
        case _:
            return TRY_LATER


def sign_in_refusal(error: IconetError) -> str:
    """The same answer for an unknown name and a wrong secret."""
    match error:
        case Refused():
            return WRONG
        case Busy():
            return BUSY_SIGNING_IN
        case _:
            return TRY_LATER.replace("451 4.3.0", "454 4.7.0")


def acknowledgement(receipt: Receipt) -> str:
    """It is on disk; where it waits for a moderator or its author's word, under which number."""
    held = ", ".join(f"no. {outcome.number} in {outcome.room}" for outcome in receipt.held)
    asked = ", ".join(f"no. {outcome.number} in {outcome.room}" for outcome in receipt.unconfirmed)
    drafted = ", ".join(f"no. {outcome.number} in {outcome.room}" for outcome in receipt.drafted)
    waits = [f"held for moderation, {held}"] if held else []
    waits += [f"held for your word about personal data, {asked}: see the notice"] if asked else []
    waits += [f"held for a colleague's authorisation, {drafted}"] if drafted else []
    what = "; ".join(waits) or "accepted"
    return _line(f"250 2.6.0 {receipt.message_id} {what}")


def _line(text: str) -> str:
    """Without anything that would be another line, and short enough for every client (RFC 5321 4.5.3.1.5)."""
    plain = "".join(char if " " <= char <= "~" else "?" for char in text)
    return plain if len(plain) <= LONGEST else plain[:LONGEST] + "..."
