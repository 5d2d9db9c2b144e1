"""Pages on which a body's people are kept: what admins can do there, and what nobody else can."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from web_site import TOKEN, send

if TYPE_CHECKING:
    import httpx
    from web_site import Site

pytestmark = pytest.mark.anyio
PAGES = ("", "/new", "/units", "/units/u", "/import", "/export.csv", "/review", "/programs", "/entry/anna")
CSV = b"login,name,unit,phone\r\nnina,Nina Nova,visa,+358 9 1\r\nanna,Anna Other,u,\r\n"


async def upload(client: httpx.AsyncClient, octets: bytes) -> httpx.Response:
    found = TOKEN.search((await client.get("/people/import")).text)
    assert found
    return await client.post(
        "/people/import", data={"form_token": found[1]}, files={"file": ("people.csv", octets, "text/csv")}
    )


@pytest.mark.parametrize("path", PAGES)
async def test_pages_are_for_the_keepers_of_a_body(kept: Site, path: str) -> None:
    assert (await (await kept.client("clara")).get(f"/people{path}")).status_code == 200
    assert (await (await kept.client("emil")).get(f"/people{path}")).status_code == 200
    absent = await (await kept.client("anna")).get("/people/entry/nobody")
    refused = await (await kept.client("anna")).get(f"/people{path}")
    assert (refused.status_code, absent.status_code) == (404, 404)
    assert (await (await kept.client()).get(f"/people{path}")).headers["location"].startswith("/sign-in")


async def test_a_page_wants_a_fresh_proof(kept: Site) -> None:
    client = await kept.client("clara")
    kept.clock.ahead = 16 * 60 * 1_000_000
    answer = await client.get("/people")
    assert (answer.status_code, answer.headers["location"]) == (303, "/account/confirm?next=%2Fpeople")


async def test_navigation_leads_keepers_there(kept: Site) -> None:
    assert 'href="/people"' in (await (await kept.client("clara")).get("/")).text
    assert 'href="/people"' not in (await (await kept.client("anna")).get("/")).text


async def test_foreign_entries_are_absent(kept: Site) -> None:
    bruno = await kept.client("bruno")
    absent = await bruno.get("/people/entry/nobody")
    assert [(await bruno.get(path)).text for path in ("/people/entry/anna", "/people/units/visa")] == [absent.text] * 2
    assert "Anna" not in (await bruno.get("/people?words=anna")).text


async def test_an_official_is_added_changed_suspended_and_invited(kept: Site) -> None:
    client = await kept.client("clara")
    new = {"name": "Nina Nova", "unit": "visa", "clearance": "1", "listed": "yes", "last_day": "2099-12-31"}
    bad = {"phone": "call me", "languages": "english", "first_day": "2027-02-31", "clearance": "9", "listed": "perhaps"}
    wrong = await send(client, "/people/new", login="Nina Nova", **{**new, **bad})
    assert wrong.status_code == 422
    assert all(f'id="{name}-problem"' in wrong.text for name in bad)
    assert 'aria-describedby="login-problem login-hint"' in wrong.text
    assert 'id="phone-problem"' in wrong.text
    made = await send(client, "/people/new", login="nina", **new)
    assert made.headers["location"] == "/people/entry/nina?done=added"
    path = "/people/entry/nina"
    page = (await client.get(path)).text
    assert 'value="2099-12-31"' in page
    assert (
        page.index("<summary>Suspend</summary>") < page.index("signed out everywhere") < page.index("Suspend Nina Nova")
    )
    changed = await send(client, path, seen="1", **{**new, "title": "Adviser"})
    assert changed.status_code == 303
    late = await send(client, path, seen="1", **{**new, "title": "Other"})
    assert late.status_code == 409
    assert "Clara changed title" in late.text
    assert 'value="Other"' in late.text
    assert (await send(client, f"{path}/act", path, act="suspend", seen="2")).status_code == 303
    refused = await send(client, f"{path}/act", path, act="invite", seen="3")
    assert (refused.status_code, "suspended" in refused.text) == (422, True)
    assert (await send(client, f"{path}/act", path, act="resume", seen="3")).status_code == 303
    link = await send(client, f"{path}/act", path, act="invite")
    found = re.search(r'value="(https://localhost:\d+)(/join/[\w-]{43})"', link.text)
    assert found
    assert found[1] == kept.url
    stranger = await kept.client()
    assert "Nina Nova" in (await stranger.get(found[2])).text
    assert found[2] not in (await client.get(path)).text
    assert (await send(client, f"{path}/act", path, act="withdraw")).status_code == 303
    assert (await stranger.get(found[2])).status_code == 404


async def test_new_credentials_take_two(kept: Site) -> None:
    clara, emil, anna = await kept.client("clara"), await kept.client("emil"), await kept.client("anna")
    path = "/people/entry/anna"
    alone = await send(clara, f"{path}/act", path, act="invite")
    assert (alone.status_code, "somebody else releases" in alone.text) == (422, True)
    empty = await send(clara, f"{path}/act", path, act="ask", reason=" ")
    assert (empty.status_code, 'id="reason-problem"' in empty.text) == (422, True)
    assert (await send(clara, f"{path}/act", path, act="ask", reason="lost it")).status_code == 303
    assert "Somebody asked for new credentials" in (await anna.get("/account")).text
    assert "you asked" in (await clara.get("/people/resets")).text
    for page in ("/people", "/duties"):
        assert "Waits for your word: 1" in (await emil.get(page)).text
        assert "Waits for your word" not in (await clara.get(page)).text
    assert 'href="/people/resets"' not in (await anna.get("/duties")).text
    assert "releases it" in (await send(clara, "/people/resets", login="anna")).text
    assert (await send(anna, "/account/reset/withdraw", "/account")).status_code == 303
    assert "Nothing waits" in (await emil.get("/people/resets")).text
    assert (await send(clara, f"{path}/act", path, act="ask", reason="lost it")).status_code == 303
    released = await send(emil, f"{path}/act", path, act="release")
    assert re.search(r'value="https://localhost:\d+/join/[\w-]{43}"', released.text)
    assert (await anna.get("/people/resets")).status_code == 404


async def test_units_are_added_and_changed(kept: Site) -> None:
    client = await kept.client("clara")
    wrong = await send(client, "/people/units", code="u", name="")
    assert (wrong.status_code, 'id="code-problem"' in wrong.text, 'id="name-problem"' in wrong.text) == (
        422,
        True,
        True,
    )
    new = {"name": "Returns", "parent": "u", "address": "returns@iconet.test"}
    assert (await send(client, "/people/units", code="ret", **new)).status_code == 303
    assert (await send(client, "/people/units/ret", seen="2", **{**new, "parent": ""})).status_code == 303
    assert (await send(client, "/people/units/ret", seen="2", **new)).status_code == 409
    own = await send(client, "/people/units/u", seen="1", name="Unit A", parent="ret")
    assert (own.status_code, "another admin" in own.text) == (422, True)


async def test_a_file_is_looked_through_and_applied(kept: Site) -> None:
    client = await kept.client("clara")
    shown = await upload(client, CSV)
    assert "1 added" in shown.text
    assert "Anna Other" in shown.text
    token, digest = TOKEN.search(shown.text), re.search(r'name="digest" value="(\w{64})"', shown.text)
    assert token
    assert digest
    done = await client.post("/people/import", data={"form_token": token[1], "digest": digest[1]})
    assert done.headers["location"] == "/people/import?added=1&changed=1"
    assert "nina,Nina Nova" in (await client.get("/people/export.csv")).text
    again = await client.post("/people/import", data={"form_token": token[1], "digest": digest[1]})
    assert (again.status_code, "Look at them again" in again.text) == (409, True)


async def test_a_bad_file_is_explained(kept: Site) -> None:
    client = await kept.client("clara")
    for octets, status, said in (
        (CSV.replace(b",", b"|"), 422, "separated by vertical bars"),
        (CSV.replace(b"N", b"\xd1"), 422, "CSV UTF-8"),
        (b"", 422, "Choose a file"),
        (CSV + b"x,=1+1,u,\r\n", 200, "formula"),
        (b"login\r\n" + b"x" * (5 << 20), 413, ""),
    ):
        answer = await upload(client, octets)
        assert (answer.status_code, said in answer.text) == (status, True)


async def test_files_are_taken_nowhere_else(kept: Site) -> None:
    client = await kept.client("clara")
    answer = await client.post("/people/new", data={"form_token": "x"}, files={"file": ("x", b"x", "text/csv")})
    assert answer.status_code == 415


async def test_the_review_is_confirmed_by_ticking(kept: Site) -> None:
    client, anna = await kept.client("clara"), kept.town.people["anna"]
    page = (await client.get("/people/review")).text
    assert "Reader for Return" in page
    assert "4 of 4 are late" in page
    assert f'name="official-{kept.town.people["clara"]}"' not in page
    done = await send(client, "/people/review", **{f"official-{anna}": "1"})
    assert done.headers["location"] == "/people/review?done=1"
    assert "3 of 4 are late" in (await client.get("/people/review")).text
    own = await send(client, "/people/review", **{f"official-{kept.town.people['clara']}": "1"})
    foreign = await send(client, "/people/review", **{f"official-{kept.town.people['otto']}": "1"})
    assert (own.status_code, foreign.status_code) == (404, 404)


async def test_everybody_keeps_their_own_telephone(kept: Site) -> None:
    client = await kept.client("anna")
    wrong = await send(client, "/account/contact", phone="=1", mobile="", languages="", seen="1")
    assert (wrong.status_code, 'id="phone-problem"' in wrong.text) == (422, True)
    done = await send(client, "/account/contact", phone="+32 2 555 01", mobile="", languages="fr", seen="1")
    assert "Saved." in done.text
    late = await send(client, "/account/contact", phone="", mobile="", languages="", seen="1")
    assert (late.status_code, "Anna changed telephone and languages" in late.text) == (409, True)


async def test_a_program_keeps_people_with_a_session_of_its_own(kept: Site) -> None:
    client = await kept.client("clara")
    found = re.search(r'value="([\w-]{43})"', (await send(client, "/people/programs")).text)
    assert found
    program = await kept.client()
    del program.headers["Sec-Fetch-Site"]
    program.headers["Authorization"] = f"Bearer {found[1]}"
    assert (await program.get("/api/people")).json()["total"] == 4
    made = await program.post("/api/people", json={"login": "nina", "entry": {"name": "Nina", "unit": "visa"}})
    assert made.json() == {"login": "nina"}
    entry = (await program.get("/api/people/entry/nina")).json()
    assert (entry["state"], entry["version"], entry["entry"]["unit"]) == ("active", 1, "visa")
    path = "/api/people/entry/nina"
    assert (await program.patch(path, json={"version": 1, "entry": {"title": "X"}})).json() == {"version": 2}
    stale = await program.patch(path, json={"version": 1, "entry": {"title": "Y"}})
    assert (stale.status_code, stale.json()["error"]) == (409, "changed-meanwhile")
    bad = await program.patch(path, json={"version": 2, "entry": {"phone": "x"}})
    assert (bad.status_code, bad.json()["error"]) == (422, "bad-phone")
    assert (await program.post(f"{path}/suspend", json={"version": 2})).json() == {"version": 3}
    assert (await program.post(f"{path}/resume", json={"version": 3})).json() == {"version": 4}
    elsewhere = {"Host": "127.0.0.1:1"}
    made = await program.post(f"{path}/invitation", headers=elsewhere)
    assert made.json()["url"].startswith(f"{kept.url}/join/"), "where passkeys work, whatever was asked for"
    assert (await program.delete(f"{path}/invitation")).json() == {"ended": True}
    csv = {"content": CSV, "headers": {"Content-Type": "text/csv"}}
    diff = (await program.post("/api/people/import", **csv)).json()
    assert (diff["added"], diff["applied"]) == ([], False)
    assert {each["login"] for each in diff["changed"]} == {"anna", "nina"}
    assert (await program.post(f"/api/people/import?digest={diff['digest']}", **csv)).json()["applied"]
    assert b"Nina Nova" in (await program.get("/api/people/export")).content
    assert (await program.post("/api/people/review", json={"logins": ["nina", "anna"]})).json() == {"confirmed": 2}
    assert (await program.get("/api/people/review")).json()["late"] == 3
    assert (await program.post("/api/units", json={"code": "ret", "name": "Returns"})).json() == {"code": "ret"}
    assert (await program.patch("/api/units/ret", json={"version": 2, "parent": "u"})).json() == {"version": 3}
    assert [each["code"] for each in (await program.get("/api/units")).json()] == ["u", "ret", "visa"]
    for foreign in (
        "/api/people?body=bb",
        "/api/people/entry/bruno",
        "/api/people/export?body=bb",
        "/api/units?body=bb",
    ):
        assert (await program.get(foreign)).status_code == 404
    program.headers["Authorization"] = "Bearer nonsense"
    assert (await program.get("/api/people")).status_code == 401
