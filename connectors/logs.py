"""Logs: one JSON object a line on stderr, for our own events and for every library's.

`logging.getLogger("iconet.imap").info("login-failed", extra={"login": ..., "client": ...})` writes an event with
its fields. What may stand there at level info and above:
- no secret, body or subject: fields with such names are withheld, whatever they hold;
- no mail address: everything that looks like one is masked, in events, fields and error messages;
- a client's network address only in `login-failed`.
An exception is one field: type, message and the place that raised it. Tracebacks are never written, and quoted parts
of errors that aren't ours are masked, for they may quote a client's bytes.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
from contextlib import suppress
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any

from connectors.fault import Fault

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping
    from types import TracebackType

OURS = ("policies", "directory", "groupware", "connectors")
WITHHELD = frozenset({"app_password", "body", "content", "cookie", "headers", "password", "secret", "subject", "token"})
CLIENT_FIELDS = frozenset({"client", "peer", "remote"})
LOGIN_FAILED = "login-failed"
LIBRARY_LEVELS = {
    "radicale": logging.CRITICAL,  # names clients, logins and paths
    "mail.log": logging.WARNING,  # aiosmtpd writes commands with addresses and credentials at info
    "mail.debug": logging.WARNING,
    "fontTools": logging.WARNING,  # tells of each table of a font
    "fpdf": logging.WARNING,
    "aiohttp.server": logging.CRITICAL,  # names clients that talk nonsense
    "uvicorn.error": logging.ERROR,  # warns, with advice, of whatever a stranger sends
    "uvicorn.access": logging.CRITICAL,  # names clients and what they ask for
    "asyncio": logging.WARNING,
    "sqlalchemy": logging.WARNING,  # statements carry contents
    "alembic": logging.WARNING,
}
LONGEST_TEXT = 300

_STANDARD = frozenset(vars(logging.LogRecord("", 0, "", 0, "", (), None))) | {"message", "asctime", "color_message"}
_ADDRESS = re.compile(r"[^\s<>@\"',;:()\[\]]+@[^\s<>@\"',;:()\[\]]+")
_QUOTED = re.compile(r"b?'[^']*'|b?\"[^\"]*\"")


def install(level: str, stream: IO[str] | None = None) -> None:
    """Send every logger, warning and uncaught exception of this process through one JSON handler."""
    handler = _Stderr(stream or sys.stderr)
    handler.setFormatter(OneLine())
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    for name, least in LIBRARY_LEVELS.items():
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
        library.setLevel(least)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)
    sys.unraisablehook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def on_loop_exception(_loop: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """The event loop's exception handler: one line, without the reprs (they name clients) that asyncio adds."""
    logging.getLogger("asyncio").error(context.get("message", "exception"), exc_info=context.get("exception"))


class OneLine(logging.Formatter):
    """A record as one JSON object: time, level, logger, event, the event's fields, error."""

    def format(self, record: logging.LogRecord) -> str:
        """One line of ASCII, without its end."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": redact(record.getMessage()),
            **_fields(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, default=lambda value: redact(repr(value)))


def describe(error: BaseException) -> dict[str, str]:
    """An exception as log fields: type, message, and the innermost place in our code that it passed."""
    # only the first line: SQLAlchemy puts statements and their parameters on the later ones
    message = str(error).partition("\n")[0]
    ours = isinstance(error, OSError | Fault) or type(error).__module__.partition(".")[0] in OURS
    return {
        "type": type(error).__name__,
        "message": redact(message if ours else _QUOTED.sub("'...'", message)),
        "location": _location(error.__traceback__),
    }


def redact(text: str) -> str:
    """`text` without mail addresses, cut to a bounded length."""
    masked = _ADDRESS.sub("[address]", text)
    return masked if len(masked) <= LONGEST_TEXT else masked[:LONGEST_TEXT] + "..."


def _fields(record: logging.LogRecord) -> dict[str, object]:
    named = {name: value for name, value in vars(record).items() if name not in _STANDARD}
    if record.levelno < logging.INFO:
        return named
    if record.msg != LOGIN_FAILED:
        named = {name: value for name, value in named.items() if name not in CLIENT_FIELDS}
    return {name: _shown(name, value) for name, value in named.items()}


def _shown(name: str, value: object) -> object:
    if name in WITHHELD:
        return "[withheld]"
    return value if isinstance(value, int | float | None) else redact(str(value))


def _location(trace: TracebackType | None) -> str:
    last = ours = ""
    while trace:
        code = trace.tb_frame.f_code
        last = f"{code.co_filename}:{trace.tb_lineno}"
        if trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] in OURS:
            ours = last
        trace = trace.tb_next
    return ours or last


def _uncaught(_kind: type[BaseException], error: BaseException | None, _trace: TracebackType | None = None) -> None:
    logging.getLogger("iconet").critical("uncaught", exc_info=error)


class _Stderr(logging.StreamHandler[IO[str]]):
    """Tells in one line that a record could not be written; the standard handler prints a traceback.

    Where nobody reads stderr any more, the work whose log it was goes on.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        with suppress(OSError, ValueError):
            self.stream.write(json.dumps({"level": "error", "logger": record.name, "event": "unloggable"}) + "\n")
