"""A draft at every door: no recipient sees it, by whatever way, until a colleague has said yes (RFC 7912)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from api_program import administrator, described, program
from sqlalchemy import delete, select, update
from web_site import send

from directory import officials, roles
from directory.roles import Grant
from directory.tables import role_grant
from groupware import second_person, tables
from groupware.marks.changing import Wanted
from groupware.marks.loosening import Word
from groupware.matrix.saying import Held
from groupware.message.markings import Marks
from groupware.too_often import MOST_A_DAY
from policies.vocabulary import Access, Door, Marking, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx
    from web_site import Site

    from groupware.store import Snapshot, Tx

pytestmark = pytest.mark.anyio
SECRET = "Ferrostaal"
ONE = "/drafts/{id}"


async def plant(site: Site) -> None:
    """anna drafts in a room that nobody moderates."""
    anna, room = site.town.people["anna"], site.town.rooms["return"]

    def change(tx: Tx) -> None:
        posting = (role_grant.c.official == anna, role_grant.c.role == Access.POSTER.value)
        tx.connection.execute(delete(role_grant).where(*posting))
        roles.grant(tx.connection, Grant(anna, Access.DRAFTER, room, reason="test"))
        tx.connection.execute(update(tables.room).where(tables.room.c.id == room).values(moderated=False))

    await site.groupware.store.run(change)


async def seen_by(site: Site, name: str, pages: httpx.AsyncClient, api: httpx.AsyncClient, message_id: str) -> set[str]:
    """The doors by which somebody has the draft's text, its name, or that there is one."""
    caller, found = site.town.caller(name, Door.IMAP), set()
    for path in ("/", "/rooms/return", "/rooms/return/posts", "/drafts", "/moderation", "/unconfirmed", "/letter"):
        if SECRET in (await pages.get(path)).text:
            found.add(f"portal {path}")
    if SECRET in (await api.get("/api/drafts")).text + (await api.get("/api/held")).text:
        found.add("api")
    if (await api.get(f"/api/posts/{message_id}/raw")).status_code != 404:
        found.add("raw")
    for folder in ("Areas/return", "INBOX"):
        rows = (await site.groupware.folders.open(caller, folder))[2]
        if rows:
            found.add(folder)
    return found


async def test_no_door_shows_a_draft_and_portal_api_and_chat_decide(site: Site) -> None:
    await plant(site)
    anna, clara, bruno = [await site.client(name) for name in ("anna", "clara", "bruno")]
    written = {"subject": f"{SECRET} drafts", "text": f"{SECRET} asks.", "marking": "2"}
    taken = await send(anna, "/rooms/return/new", **written)
    assert taken.headers["location"] == "/rooms/return?sent=drafted"
    room = (await anna.get("/rooms/return?sent=drafted")).text
    assert "colleague" in room
    assert "Awaits authorisation, no. 1" in room
    for follower in site.groupware.followers():
        while await follower.step():
            pass
    await site.groupware.indexer.step()
    name = select(tables.rendering.c.message_id).where(tables.rendering.c.subject.contains(SECRET)).limit(1)

    def of_store(snapshot: Snapshot) -> str:
        return str(snapshot.connection.execute(name).scalar())

    message_id = (await site.groupware.store.read(of_store)).strip("<>")
    apis = {each: await program(site, each) for each in ("anna", "clara", "bruno")}
    assert await seen_by(site, "bruno", bruno, apis["bruno"], message_id) == set()
    expected = {"portal /drafts", "api", "raw", "INBOX"}
    assert await seen_by(site, "clara", clara, apis["clara"], message_id) == expected
    said = await site.groupware.matrix.rooms()
    number = next(each.id for each in said if each.code == "return")
    words = {"msgtype": "m.text", "body": f"{SECRET} in the chat"}
    spoken = await site.groupware.matrix.say(site.town.caller("anna", Door.MATRIX), number, words, ("anna", "1"), _none)
    assert isinstance(spoken, Held)
    assert spoken.content["body"] == "awaits authorisation, no. 2"
    await decided(site, anna, clara, bruno, apis)


async def decided(
    site: Site,
    anna: httpx.AsyncClient,
    clara: httpx.AsyncClient,
    bruno: httpx.AsyncClient,
    apis: Mapping[str, httpx.AsyncClient],
) -> None:
    """Both drafts, at whose doors who isn't asked finds nothing."""
    line = (await site.groupware.drafting.own(site.town.caller("anna")))[0]
    path = f"/drafts/{line.token}"
    absent = await bruno.get("/drafts/none")
    theirs = await bruno.get(path)
    assert (theirs.status_code, theirs.text) == (absent.status_code, absent.text) == (404, absent.text)
    assert "Write it anew" in (await anna.get(path)).text
    assert f"{SECRET} asks." in (await clara.get(path)).text
    assert (await send(clara, path, act="refuse", reason=" ")).status_code == 422
    assert (await send(clara, path, act="other")).status_code == 422
    assert (await send(anna, path, act="authorise")).status_code == 404
    new = await send(anna, path, act="redraft", subject="Anew", text=f"{SECRET} asks again.")
    assert new.headers["location"] == "/drafts?done=redrafted"
    assert (await send(clara, path, act="authorise")).status_code == 409

    lines = described("/drafts", await apis["clara"].get("/api/drafts")).json()
    assert [each["number"] for each in lines] == [2, 3]
    assert described("/drafts/own", await apis["anna"].get("/api/drafts/own")).json() == lines
    chat, anew = (f"/api/drafts/{each['id']}" for each in lines)
    for one in (chat, anew):
        yes = {"decision": "authorise"}
        assert described(ONE, await apis["bruno"].post(one, json=yes)).status_code == 404
        assert described(ONE, await apis["anna"].post(one, json=yes)).status_code == 404
    words = {"subject": "s", "text": "t"}
    assert described(f"{ONE}/redraft", await apis["clara"].post(f"{anew}/redraft", json=words)).status_code == 404
    assert described(ONE, await apis["clara"].post(chat, json={"decision": "refuse"})).status_code == 422
    told = described(ONE, await apis["clara"].post(chat, json={"decision": "refuse", "reason": "Not there"}))
    assert told.json()["state"] == "refused"
    done = await send(clara, f"/drafts/{lines[1]['id']}", act="authorise")
    assert done.headers["location"] == "/drafts?done=published"
    late = described(ONE, await apis["clara"].post(anew, json={"decision": "authorise"}))
    assert (late.status_code, late.json()["error"]) == (409, "already-decided")
    assert "Anew" in (await bruno.get("/rooms/return")).text
    chatted = await site.groupware.drafting.say(site.town.caller("clara", Door.MATRIX), "draft return 3 yes")
    assert "is already authorised by Clara, at " in chatted


async def _none(_url: str) -> bytes:
    return b""


async def test_a_looser_marking_is_confirmed_in_the_portal_or_by_the_api(site: Site) -> None:
    """Asked by one who speaks for the owner, confirmed by another; anybody else finds nothing."""

    def change(tx: Tx) -> None:
        for name in ("clara", "dora"):
            body = officials.get(tx.connection, site.town.people[name]).body
            roles.grant(tx.connection, Grant(site.town.people[name], Role.CONTACT_POINT, body, reason="test"))

    await site.groupware.store.run(change)
    site.groupware.monitor.second_person = second_person.read("TLP:AMBER+STRICT")
    token = await site.publish("dora", "[TLP:AMBER] Ferries")
    clara, dora, anna = [await site.client(name) for name in ("clara", "dora", "anna")]
    path, made = f"/posts/{token}/mark", {"reason": "names are out", "handling": "0"}
    assert (await send(clara, path, marking="3", **made)).headers["location"] == f"/posts/{token}"
    asked = await send(clara, path, marking="0", **made)
    assert asked.headers["location"] == f"{path}?done=asked"
    page = (await clara.get(asked.headers["location"])).text
    assert "Another who speaks for the post" in page
    assert "Take it back" in page
    assert "Confirm</button>" not in page
    (seen,) = re.findall(r'name="ask" value="(\d+)"', page)
    assert (await send(clara, path, act="confirm", ask=seen)).status_code == 404
    assert "From TLP:AMBER+STRICT H0 to TLP:CLEAR H0" in (await dora.get("/drafts")).text
    assert "TLP:CLEAR" not in (await anna.get("/drafts")).text
    assert (await send(anna, path, act="confirm", ask=seen)).status_code == 404
    assert "names are out" in (await dora.get(path)).text
    assert (await send(dora, path, act="refuse", note=" ")).status_code == 422
    assert (await send(dora, path, act="confirm")).status_code == 404
    other = await send(dora, path, act="confirm", ask=str(int(seen) + 1))
    assert (other.status_code, f'value="{seen}"' in other.text) == (409, True)
    assert (await send(dora, path, act="confirm", ask=seen)).headers["location"] == f"/posts/{token}"
    late = await send(dora, path, act="confirm", ask=seen)
    assert late.status_code == 409
    assert "Already confirmed by Dora, at " in late.text
    assert "by Clara, confirmed by Dora" in (await clara.get(path)).text
    apis = {each: await administrator(site, each) for each in ("clara", "dora", "anna")}
    (name,) = [each.message_id for each in (await site.groupware.newest(site.town.caller("dora"), "return"))[1]]
    mark, one = f"/api/posts/{name.strip('<>')}/mark", f"/api/markings/{token}"
    for marking, state in (("TLP:RED", "marked"), ("TLP:GREEN", "asked")):
        body = {"marking": marking, "handling": "H0", "reason": "so it is"}
        answer = described("/posts/{message_id}/mark", await apis["clara"].post(mark, json=body))
        assert answer.json()["state"] == state
    (line,) = described("/markings", await apis["dora"].get("/api/markings")).json()
    assert (line["id"], line["asker"], line["marking"]) == (token, "Clara", "TLP:GREEN")
    assert described("/markings", await apis["clara"].get("/api/markings")).json() == []
    yes = {"decision": "confirm", "ask": line["ask"]}
    for other in ("anna", "clara"):
        assert described("/markings/{id}", await apis[other].post(one, json=yes)).status_code == 404
    weak = await program(site, "dora")
    assert described("/markings/{id}", await weak.post(one, json=yes)).status_code == 403
    assert described("/markings/{id}", await apis["dora"].post(one, json=yes)).json()["state"] == "confirmed"
    late = described("/markings/{id}", await apis["dora"].post(one, json=yes))
    assert (late.status_code, late.json()["error"]) == (409, "already-decided")
    await who_asks_too_often_is_told_so(site, clara, apis["clara"], name)


async def who_asks_too_often_is_told_so(
    site: Site, pages: httpx.AsyncClient, api: httpx.AsyncClient, name: str
) -> None:
    """After the two that were asked."""
    desk, clara = site.groupware.marks, site.town.caller("clara", strong=True)
    await desk.mark(clara, Wanted(name, Marks(Marking.RED), "once more"))
    token = (await site.groupware.newest(clara, "return"))[1][0].token
    for _ in range(MOST_A_DAY - 2):
        await desk.mark(clara, Wanted(name, Marks(Marking.GREEN), "once more"))
        asked = await desk.asked(clara, token)
        assert asked is not None
        await desk.decide(clara, token, asked.number, Word.WITHDRAW)
    told = await send(pages, f"/posts/{token}/mark", marking="1", handling="0", reason="names are out")
    assert (told.status_code, "names are out" in told.text) == (409, True)
    assert "Your state or institution has asked 20 times within 24 hours" in told.text
    body = {"marking": "TLP:GREEN", "handling": "H0", "reason": "so it is"}
    late = described("/posts/{message_id}/mark", await api.post(f"/api/posts/{name.strip('<>')}/mark", json=body))
    assert (late.status_code, late.json()["error"]) == (409, "too-many-today")
