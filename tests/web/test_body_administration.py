"""States and institutions are added, named, suspended and let in again by who governs them, and by nobody else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from api_program import administrator, described
from area_world import run_by_admin
from web_site import send

from directory import bodies, histories
from groupware.errors import Conflict, Forbidden, NotFound, Refused
from policies.vocabulary import Door

if TYPE_CHECKING:
    from web_site import Site

    from groupware.caller import Caller

pytestmark = pytest.mark.anyio
PATH = "/administration/bodies"


@pytest.fixture
async def run(site: Site) -> Site:
    """clara is directory admin of the body that governs both bodies, its own included."""
    await site.groupware.store.run(lambda tx: run_by_admin(tx, site.town))
    return site


def caller(site: Site, name: str) -> Caller:
    return site.town.caller(name, Door.PORTAL, strong=True)


async def test_who_governs_adds_bodies_and_names_them(run: Site) -> None:
    clara = await administrator(run, "clara")
    assert described("/bodies", await clara.post("/api/bodies", json={"code": "lux", "name": "L"})).json() == {
        "code": "LUX"
    }
    for code, status in (("Lux", 409), ("1A", 422), ("a/b", 422)):
        answer = described("/bodies", await clara.post("/api/bodies", json={"code": code, "name": "L"}))
        assert answer.status_code == status, code
    found = {each["code"]: each for each in described("/bodies", await clara.get("/api/bodies")).json()}
    assert {code: each["authority"] for code, each in found.items()} == {"aa": "aa", "bb": "aa", "LUX": "aa"}
    assert not found["LUX"]["attended"]
    one = "/bodies/{code}"
    assert described(one, await clara.patch("/api/bodies/LUX", json={"version": 1, "name": "Luxland"})).json() == {
        "version": 2
    }
    assert described(one, await clara.patch("/api/bodies/LUX", json={"version": 1, "name": "No"})).status_code == 409
    said = await run.groupware.bodies.one(None, "lux")
    assert [(line.what, line.by) for line in said[1]] == [(("entry",), "Clara"), (("name",), "Clara")]


async def test_nobody_else_does(run: Site) -> None:
    keeping, clara = run.groupware.bodies, caller(run, "clara")
    for name in ("bruno", "dora", "emil"):
        other = caller(run, name)
        assert await keeping.governed(other) == []
        for act in (
            keeping.add(other, "LUX", "L", "member-state"),
            keeping.rename(other, "bb", "B"),
            keeping.suspend(other, "bb"),
            keeping.resume(other, "bb"),
        ):
            with pytest.raises(Forbidden):
                await act
    weak = run.town.caller("clara", Door.PORTAL)
    with pytest.raises(Forbidden):
        await keeping.suspend(weak, "bb")
    with pytest.raises(NotFound):
        await keeping.add(clara, "LUX", "L", "member-state", "bb")
    with pytest.raises(Refused, match="own-body"):
        await keeping.suspend(clara, "aa")


async def test_the_operator_says_who_governs(run: Site) -> None:
    keeping = run.groupware.bodies
    await keeping.add(None, "com", "Commission", "institution", "com")
    await keeping.put_under("bb", "COM")
    lines = {each.code: each.authority for each in await keeping.governed(None)}
    assert lines == {"aa": "aa", "bb": "COM", "COM": "COM"}
    with pytest.raises(Forbidden):
        await keeping.rename(caller(run, "clara"), "bb", "B")
    with pytest.raises(Conflict, match="code-taken"):
        await keeping.add(None, "COM", "Commission", "institution")
    with pytest.raises(Refused, match="unfit-kind"):
        await keeping.add(None, "XX", "X", "planet")
    await keeping.put_under("bb", "")
    record = await run.groupware.store.read(
        lambda s: histories.since(s.connection, histories.BODY, bodies.find(s.connection, "bb").id)  # type: ignore[union-attr] # it is there
    )
    assert [(line.what, line.by) for line in record] == [(("authority",), "")] * 2


async def test_a_suspended_body_is_out_at_once_and_in_again(run: Site) -> None:
    clara = await administrator(run, "clara")
    bruno = await run.client("bruno")
    assert (await bruno.get("/")).status_code == 200
    page = await clara.get("/api/bodies")
    version = next(each["version"] for each in page.json() if each["code"] == "bb")
    state = {"version": version, "suspended": True}
    answer = described("/bodies/{code}/state", await clara.put("/api/bodies/bb/state", json=state))
    assert answer.json() == {"version": version + 1}
    assert (await bruno.get("/")).headers["location"].startswith("/sign-in")
    back = {"version": version + 1, "suspended": False}
    assert (await clara.put("/api/bodies/bb/state", json=back)).json() == {"version": version + 2}


async def test_the_portal_has_it_and_asks_twice(run: Site) -> None:
    clara = await run.client("clara")
    assert "Borland" in (await clara.get(PATH)).text
    made = await send(clara, f"{PATH}/new", code="LUX", name="A luxland", kind="member-state")
    assert made.headers["location"] == f"{PATH}/LUX?done=added"
    assert (await send(clara, f"{PATH}/new", code="LUX", name="", kind="agency")).status_code == 409
    form = {"page": f"{PATH}/LUX", "version": "1", "act": "suspend"}
    assert (await send(clara, f"{PATH}/LUX/state", **form)).status_code == 422
    done = await send(clara, f"{PATH}/LUX/state", **form, again="lux")
    assert done.headers["location"] == f"{PATH}/LUX?done=suspended"
    assert "suspended" in (await clara.get(f"{PATH}/LUX")).text
    names = re.findall(rf'<a href="{PATH}/[^"]+">([^<]+)</a>', (await clara.get(PATH)).text)
    assert names == sorted(names), "by the name, which is what is read first"
    stale = await send(clara, f"{PATH}/LUX/state", **{**form, "act": "resume"})
    assert stale.status_code == 409
    done = await send(clara, f"{PATH}/LUX/state", **{**form, "version": "2", "act": "resume"})
    assert done.headers["location"] == f"{PATH}/LUX?done=resumed"
    done = await send(clara, f"{PATH}/LUX", version="3", name="Lux Land")
    assert done.headers["location"] == f"{PATH}/LUX?done=saved"
    own = await send(clara, f"{PATH}/aa/state", **{**form, "page": f"{PATH}/aa"}, again="AA")
    assert "your own body" in own.text
    bruno = await run.client("bruno")
    for path in (PATH, f"{PATH}/new", f"{PATH}/bb"):
        assert (await bruno.get(path)).status_code == 404
