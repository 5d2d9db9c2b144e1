"""T3: copies kept, holds placed and lifted, and what is due erased, in a running server and in the oracle's network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import model_oracle_beside as oracle
from model_demo import ROOM, until
from model_oracle_beside import Hold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from model_clients import Browser
    from model_demo import Doors
    from model_oracle import Post

BRIEF, UNPUBLISHED = "brief", "unpublished"
LENGTHS = {BRIEF: "1d", UNPUBLISHED: "30d"}
"""In the usual way: nothing comes due while the test runs."""
HOLDS = "/audit/holds"


def keep_briefly(doors: Doors) -> None:
    """What is handed in from now on has a class of its own."""
    _lengths(doors, LENGTHS)
    doors.operator("room-set", code=ROOM, retention=BRIEF)
    doors.briefly = True


def keep(doors: Doors, name: str, post: Post) -> None:
    """A program puts what it was shown into a folder of its own, where it stays whatever becomes of the rights."""
    answer = doors.clients[name].api.raw(post.message_id)
    assert answer.is_success == doors.model.may_read(name, post), f"{name} keeps {post}: {answer.status_code}"
    if answer.is_success:
        doors.clients[name].mailbox.keep(answer.content)
        doors.model.kept.setdefault(name, []).append(post)


def hold(doors: Doors, name: str, post: Post) -> None:
    """In the portal, by whoever."""
    browser, model = _browser(doors, name), doors.model
    may = oracle.may_hold(model, name, post)
    answer = browser.send(HOLDS, HOLDS, kind="post", name=post.message_id, reason="case 7")
    assert (answer.url.query == b"done=placed") == may, f"{name} keeps {post}: {answer.status_code} {answer.url}"
    if may:
        model.holds.append(Hold(post, thread=False, by=name, body=post.body))


def lift(doors: Doors, name: str, known: Hold) -> None:
    """By another officer of the body than who placed it."""
    browser, model = _browser(doors, name), doors.model
    may = oracle.watches(model, name) and model.body_of(name) == known.body and known.by != name
    page = next(iter(re.findall(rf'href="({HOLDS}/\d+)"', browser.client.get(f"{browser.url}{HOLDS}").text)), HOLDS)
    answer = browser.send(page, page, reason="The case is closed.")
    assert (answer.url.query == b"done=lifted") == may, f"{name} lifts {known}: {answer.status_code} {answer.url}"
    known.lifted = may


def _browser(doors: Doors, name: str) -> Browser:
    return doors.watching[name] if name in doors.watching else doors.clients[name].browser


def erase(doors: Doors) -> list[Post]:
    """The time of what is kept briefly, and of all that isn't published, is over: what nobody holds is gone."""
    _lengths(doors, dict.fromkeys(LENGTHS, "0m"), existing=True)
    doors.operator("retention-run", trust_clock=False)
    _lengths(doors, LENGTHS)
    for post in doors.model.posts:
        over = post in doors.brief or post.state != "published"
        post.due = doors.model.now if over and not post.erased and post.state != "absent" else post.due
    return oracle.erase(doors.model)


def let_go(doors: Doors) -> list[Post]:
    """Of what is over, what isn't on hold any more: gone without being asked for, and looked for when that is."""
    until(lambda: _numbers(doors)["due"] == _numbers(doors)["on-hold"] == 0, "what was on hold isn't erased")
    doors.operator("retention-run", trust_clock=False)
    return oracle.erase(doors.model)


def _numbers(doors: Doors) -> dict[str, int]:
    return {row["what"]: row["posts"] for row in doors.operator("retention-due")}


def _lengths(doors: Doors, lengths: dict[str, str], *, existing: bool = False) -> None:
    for name, length in lengths.items():
        doors.operator("retention-set", **{"class": name, "length": length, "existing": existing})


def looked_for(doors: Doors) -> bool:
    """Whether ICONet, which has now looked in every store, the homeserver's too, says that nothing is left."""
    done = {"due", "on-hold", "clock-doubted", "verified", "left-over"}
    until(lambda: _numbers(doors).keys() <= done, "what is erased isn't looked for")
    return "left-over" not in _numbers(doors)


def at_rest(doors: Doors, gone: list[Post]) -> list[str]:
    """Files of the server, by their folder, with something of what was erased; what has left lies at the partner."""
    known = [post.canary.encode() for post in gone if not doors.model.remains(post)]
    return [
        f"{path.parent.name}/{path.name}"
        for path in _files(doors)
        if any(canary in path.read_bytes() for canary in known)
    ]


def _files(doors: Doors) -> Iterator[Path]:
    outbox = Path(doors.server.endpoints["outbox"]["maildir"])
    files = (path for path in doors.server.data.rglob("*") if path.is_file())
    return (path for path in files if outbox not in path.parents)
