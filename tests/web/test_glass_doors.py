"""Break-glass in the portal and the API: nothing that follows links opens a message, and each press is on record."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_program import administrator, described
from sqlalchemy import text
from town import DOMAIN
from web_site import send

from directory import officials, roles, terms
from directory.officials import Official
from directory.roles import Grant
from groupware.house_rules import our_terms
from groupware.too_often import MOST_A_DAY, MOST_OPEN
from policies.vocabulary import Role

if TYPE_CHECKING:
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
ASK = {"scope": "post", "name": "<1@client.test>", "reason": "A life is in danger.", "hours": 2}
READ = "SELECT count(*) FROM audit_record WHERE action = 'break_glass' AND event = 'read'"
WORDS = "The lorry stands at the northern ferry."


@pytest.fixture
async def officers(site: Site) -> Site:
    """emil watches for Aland, and orla, who is new, for Borland; a post of dora's is published."""

    def use_case(tx: Tx) -> None:
        beside = officials.get(tx.connection, site.town.people["otto"])
        orla = Official(0, "orla", f"orla@{DOMAIN}", "Orla", beside.body, beside.unit)
        site.town.people["orla"] = officials.add(tx.connection, orla)
        terms.accept(tx.connection, site.town.people["orla"], our_terms().version, tx.now)
        for name, body in (("emil", 1), ("orla", beside.body)):
            roles.grant(tx.connection, Grant(site.town.people[name], Role.SECURITY_OFFICER, body, reason="test"))

    await site.groupware.store.run(use_case)
    await site.publish("anna", "Secret", WORDS)
    return site


async def openings(site: Site) -> int:
    return int(await site.groupware.store.read(lambda s: s.connection.scalar(text(READ))) or 0)


async def test_only_a_press_opens_and_each_is_on_record(officers: Site) -> None:
    emil, orla = await officers.client("emil"), await officers.client("orla")
    program, second = await administrator(officers, "emil"), await administrator(officers, "orla")
    number = described("/glass", await program.post("/api/glass", json=ASK)).json()["number"]
    api, page = f"/api/glass/{number}", f"/audit/glass/{number}"
    assert described("/glass/{number}/confirm", await second.post(f"{api}/confirm")).json()["told"] == 1
    (covered,) = described("/glass/{number}", await program.get(api)).json()["posts"]
    one = f"/posts/{covered['post']}"
    shown = await emil.get(page)
    assert "Open and put on record" in shown.text
    for part in (WORDS, f'href="{page}{one}', "Secret"):
        assert part not in shown.text
    for method in ("GET", "HEAD"):
        assert (await emil.request(method, page + one)).status_code == 404
        assert (await emil.request(method, f"{page}{one}/source")).status_code == 404
        assert (await program.request(method, api + one)).status_code == 405
    assert (await emil.post(page + one, data={"form_token": "0" * 64})).status_code == 403
    assert (await send(orla, page + one, page)).status_code == 404
    assert await openings(officers) == 0
    assert WORDS in (await send(emil, page + one, page)).text
    assert await openings(officers) == 1
    source = await send(emil, f"{page}{one}/source", page)
    assert (WORDS in source.text, source.headers["content-disposition"][:10]) == (True, "attachment")
    raw = described("/glass/{number}/posts/{post}", await program.post(api + one))
    assert (WORDS in raw.text, raw.headers["content-type"]) == (True, "message/rfc822")
    assert await openings(officers) == 3
    await officers.lose_rights("orla")
    assert (await send(emil, page + one, "/audit/glass")).status_code == 404
    assert (await program.post(api + one)).status_code == 404
    while await officers.groupware.glass.tend():
        pass
    assert described("/glass/{number}", await program.get(api)).json()["ended_why"] == "confirmer"
    assert "Who confirmed it is no longer a security officer in office." in (await emil.get(page)).text


async def test_who_asks_too_often_is_told_so(officers: Site) -> None:
    emil, program = await officers.client("emil"), await administrator(officers, "emil")
    told = f"{MOST_OPEN} of your asks wait already"
    said = [await program.post("/api/glass", json=ASK) for _ in range(MOST_OPEN + 1)]
    late = described("/glass", said[-1])
    assert (late.status_code, late.json()["error"]) == (409, "too-many-open")
    answer = await send(emil, "/audit/glass", **{name: str(value) for name, value in ASK.items()})
    assert (answer.status_code, told in answer.text, ASK["reason"] in answer.text) == (409, True, True)
    for each in said[:-1]:
        await program.post(f"/api/glass/{each.json()['number']}/end")
    for _ in range(MOST_A_DAY - MOST_OPEN):
        await program.post("/api/glass", json=ASK)
    for each in range(MOST_OPEN + 1, MOST_A_DAY + 1):
        await program.post(f"/api/glass/{each}/end")
    assert (await program.post("/api/glass", json=ASK)).json()["error"] == "too-many-today"
