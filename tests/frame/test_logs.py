from __future__ import annotations

import asyncio
import io
import json
import logging
import subprocess
import sys
import warnings
from typing import Any

import pytest

from connectors import logs

log = logging.getLogger("iconet.test")


@pytest.fixture
def written(logging_as_before: None) -> io.StringIO:  # noqa: ARG001 -- put back afterwards
    stream = io.StringIO()
    logs.install("info", stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_an_event_is_one_line_with_its_fields(written: io.StringIO) -> None:
    log.info("post-held", extra={"room": "return", "number": 3, "note": "two\nlines\u2028three"})
    (line,) = lines(written)
    assert (line["level"], line["logger"], line["event"]) == ("info", "iconet.test", "post-held")
    assert (line["room"], line["number"], line["note"]) == ("return", 3, "two\nlines\u2028three")
    assert line["time"].endswith("+00:00")
    assert written.getvalue().count("\n") == 1


def test_nothing_personal_at_info(written: io.StringIO) -> None:
    log.info(
        "mail from <a.b@c.test> taken", extra={"password": "p", "subject": "s", "body": "b", "client": "192.0.2.1"}
    )
    (line,) = lines(written)
    assert line["event"] == "mail from <[address]> taken"
    assert {line[name] for name in ("password", "subject", "body")} == {"[withheld]"}
    assert "client" not in line


def test_a_network_address_only_with_a_failed_login(written: io.StringIO) -> None:
    log.info("login-failed", extra={"login": "x", "client": "192.0.2.1"})
    log.warning("line-too-long", extra={"client": "192.0.2.1"})
    failed, other = lines(written)
    assert failed["client"] == "192.0.2.1"
    assert "192.0.2.1" not in json.dumps(other)


def test_an_exception_is_type_message_and_place(written: io.StringIO) -> None:
    try:
        int("a secret")
    except ValueError:
        log.exception("broken")
    error = lines(written)[0]["error"]
    assert error["type"] == "ValueError"
    assert error["message"] == "invalid literal for int() with base 10: '...'"
    assert error["location"].startswith(__file__ + ":")
    assert "Traceback" not in written.getvalue()


def test_an_error_of_the_system_keeps_its_path(written: io.StringIO) -> None:
    log.error("broken", exc_info=FileNotFoundError(2, "No such file", "/srv/x"))
    assert lines(written)[0]["error"]["message"] == "[Errno 2] No such file: '/srv/x'"


def test_statements_and_their_parameters_stay_out(written: io.StringIO) -> None:
    log.error("broken", exc_info=RuntimeError("UNIQUE failed: post.id\n[SQL: INSERT]\n[parameters: ('a secret',)]"))
    assert lines(written)[0]["error"]["message"] == "UNIQUE failed: post.id"


@pytest.mark.parametrize("name", ["mail.log", "uvicorn.error", "asyncio", "sqlalchemy.engine"])
def test_libraries_talk_through_the_same_handler_and_not_at_info(written: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("AUTH PLAIN AGEAYg==")
    logging.getLogger(name).error("Exception in ASGI application\n", exc_info=KeyError("a secret"))
    (line,) = lines(written)
    assert line["logger"] == name
    assert line["error"]["message"] == "'...'" or line["error"]["message"] == "..."


def test_a_stranger_whose_request_is_none_warns_nobody(written: io.StringIO) -> None:
    logging.getLogger("uvicorn.error").warning("Unsupported upgrade request.")
    assert not lines(written)


def test_warnings_are_lines_too(written: io.StringIO) -> None:
    warnings.warn("old", DeprecationWarning, stacklevel=1)
    assert [line["logger"] for line in lines(written)] == ["py.warnings"]


@pytest.mark.anyio
async def test_a_forgotten_task_is_one_line_without_reprs(written: io.StringIO) -> None:
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(logs.on_loop_exception)
    failed: asyncio.Future[None] = loop.create_future()
    failed.set_exception(ValueError("oops"))
    del failed
    (line,) = lines(written)
    assert line["event"] == "Future exception was never retrieved"
    assert line["error"]["message"] == "oops"


def test_what_nobody_caught_or_could_format_is_a_line() -> None:
    code = (
        "import logging, threading; from connectors import logs; logs.install('info')\n"
        "def fail(): raise KeyError('a secret')\n"
        "thread = threading.Thread(target=fail); thread.start(); thread.join()\n"
        "logging.getLogger('clumsy').error('%d', 'no number')\n"
        "fail()"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert [json.loads(line)["event"] for line in run.stderr.splitlines()] == ["uncaught", "unloggable", "uncaught"]
    assert "secret" not in run.stderr


def test_work_goes_on_when_nobody_reads_the_log_any_more(written: io.StringIO) -> None:
    written.close()
    log.warning("client-not-told")
