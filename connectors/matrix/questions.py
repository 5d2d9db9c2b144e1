"""The socket on which the policy module asks: DIR/matrix/questions.sock, for this user only (mode 0600).

The first line proves who asks, {"secret": ...}, made anew at each start. Then lines {"id": n, "ask": NAME, ...}, as
many at once as it likes, each answered by {"id": n, "answer": {...}} or, when there is none, {"id": n, "failed": true}.
Whoever says anything else is hung up on.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from connectors.control import bound
from connectors.matrix.answers import Allow, Refuse, Replace, Said
from connectors.matrix.configuration import QUESTIONS
from groupware.errors import IconetError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from connectors.matrix.answers import Answers, Verdict

LONGEST_LINE = 512 * 1024
PROVED_WITHIN = 5.0
ANSWERED_WITHIN = 20.0
MOST_AT_ONCE = 2000
log = logging.getLogger("iconet.matrix")

Asked = dict[str, Any]


class Nonsense(Exception):  # noqa: N818 -- what was said
    """Not a question."""


class Questions:
    """The listening end, in `directory`."""

    def __init__(self, directory: Path, secret: str, answers: Answers) -> None:
        self._path = directory / QUESTIONS
        self._secret = secret
        self._answers = answers
        self._server: asyncio.Server | None = None
        self._lines: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def start(self) -> None:
        """Listen. This process has DIR to itself, so a socket that is there already is a dead one's."""
        self._path.unlink(missing_ok=True)
        self._server = await asyncio.start_unix_server(self._serve, sock=bound(self._path), limit=LONGEST_LINE)

    async def stop(self) -> None:
        """Hang up; what is asked from now on is refused."""
        self._path.unlink(missing_ok=True)
        if self._server is not None:
            self._server.close()
        for writer in self._lines.values():
            writer.transport.abort()
        await asyncio.gather(*self._lines, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._lines[task] = writer
        try:
            await self._conversation(reader, writer)
        except (Nonsense, ValueError, RecursionError):
            log.warning("question-refused")
        except OSError:
            log.debug("asker-left")
        finally:
            del self._lines[task]
            writer.close()

    async def _conversation(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(PROVED_WITHIN):
            proof = _object(await reader.readline())
        if not hmac.compare_digest(str(proof.get("secret")).encode(), self._secret.encode()):
            raise Nonsense
        under_way: set[asyncio.Task[None]] = set()
        try:
            while line := await reader.readline():
                asked = _object(line)
                if len(under_way) >= MOST_AT_ONCE or not isinstance(asked.get("id"), int):
                    raise Nonsense
                task = asyncio.create_task(self._answer(asked, writer))
                under_way.add(task)
                task.add_done_callback(under_way.discard)
        finally:
            for each in under_way:
                each.cancel()

    async def _answer(self, asked: Asked, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            writer.write(json.dumps({"id": asked["id"], **await self._found(asked)}).encode() + b"\n")
            await writer.drain()

    async def _found(self, asked: Asked) -> Mapping[str, object]:
        """An answer, or that there is none; the cause is the log's alone."""
        try:
            async with asyncio.timeout(ANSWERED_WITHIN):
                return {"answer": await QUESTIONS_ASKED[str(asked.get("ask"))](self._answers, asked)}
        except IconetError as error:
            log.warning("question-unanswered", extra={"asked": asked.get("ask"), "cause": str(error)})
        except Exception:
            log.exception("question-failed", extra={"asked": str(asked.get("ask"))})
        return {"failed": True}


def _object(line: bytes) -> Asked:
    found = json.loads(line)
    if not isinstance(found, dict):
        raise Nonsense
    return found


async def _login(answers: Answers, asked: Asked) -> Mapping[str, object]:
    signed = await answers.login(_text(asked, "name"), _text(asked, "app_password"), _text(asked, "peer"))
    return {"login": signed.login, "name": signed.name, "app_password": signed.app_password} if signed else {}


async def _device(answers: Answers, asked: Asked) -> Mapping[str, object]:
    await answers.device(_text(asked, "user"), _text(asked, "device"), int(asked["app_password"]))
    return {}


async def _welcome(answers: Answers, asked: Asked) -> Mapping[str, object]:
    await answers.welcome(_text(asked, "user"))
    return {}


async def _active(answers: Answers, asked: Asked) -> Mapping[str, object]:
    return {"yes": await answers.active(_text(asked, "user"))}


async def _join(answers: Answers, asked: Asked) -> Mapping[str, object]:
    return {"yes": await answers.may_join(_text(asked, "user"), _text(asked, "room"))}


async def _upload(answers: Answers, asked: Asked) -> Mapping[str, object]:
    return {"yes": await answers.may_upload(_text(asked, "user"), int(asked["size"]))}


async def _say(answers: Answers, asked: Asked) -> Mapping[str, object]:
    names = ("sender", "room", "type", "txn", "device", "event")
    sender, room, kind, txn, device, event = (_text(asked, name) for name in names)
    content = asked["content"]
    if not isinstance(content, dict):
        raise Nonsense
    return _verdict(await answers.may_say(Said(sender, room, kind, content, txn, device, event)))


async def _forget(answers: Answers, _asked: Asked) -> Mapping[str, object]:
    events, media = await answers.to_forget()
    return {"events": list(events), "media": list(media)}


async def _forgotten(answers: Answers, asked: Asked) -> Mapping[str, object]:
    left = asked["left"]
    if not isinstance(left, dict) or not all(isinstance(why, str) for why in left.values()):
        raise Nonsense
    await answers.forgotten(_texts(asked, "events"), _texts(asked, "media"), left)
    return {}


def _verdict(verdict: Verdict) -> Mapping[str, object]:
    match verdict:
        case Allow():
            return {"verdict": "allow"}
        case Replace(content):
            return {"verdict": "replace", "content": dict(content)}
        case Refuse(errcode, text):
            return {"verdict": "refuse", "errcode": errcode, "text": text}


def _text(asked: Asked, name: str) -> str:
    text = asked[name]
    if not isinstance(text, str):
        raise Nonsense
    return text


def _texts(asked: Asked, name: str) -> list[str]:
    found = asked[name]
    if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
        raise Nonsense
    return found


QUESTIONS_ASKED: Mapping[str, Callable[[Answers, Asked], Awaitable[Mapping[str, object]]]] = {
    "login": _login,
    "device": _device,
    "welcome": _welcome,
    "active": _active,
    "join": _join,
    "upload": _upload,
    "say": _say,
    "forget": _forget,
    "forgotten": _forgotten,
}
