"""The pages about duties: forms do what they say, problems stand beside fields, foreign is as absent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from town import app_password

from directory import contact_points, officials, roles
from directory.contact_points import ContactPoint
from directory.roles import Grant
from directory.tables import area, official
from groupware.web_sessions import Start
from policies.vocabulary import Access, Role

if TYPE_CHECKING:
    import httpx
    from web_site import Site

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
TOKEN = re.compile(r'name="form_token" value="([0-9a-f]{64})"')


@pytest.fixture
async def duties(site: Site) -> Site:
    """clara is Aland's contact point, emil its deputy, dora its admin."""

    def use_case(tx: Tx) -> None:
        body = officials.get(tx.connection, site.town.people["clara"]).body
        holders = {"clara": Role.CONTACT_POINT, "emil": Role.DEPUTY, "dora": Role.DIRECTORY_ADMIN}
        for name, role in holders.items():
            roles.grant(tx.connection, Grant(site.town.people[name], role, body, reason="test"))
        deputies = (site.town.people["emil"],)
        contact_points.add(tx.connection, ContactPoint(body, holder=site.town.people["clara"], deputies=deputies))

    await site.groupware.store.run(use_case)
    return site


async def send(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    page = await client.get("/duties")
    found = TOKEN.search(page.text)
    assert found
    return await client.post(path, data={"form_token": found[1], **form})


async def test_a_role_is_proposed_and_approved_by_another(duties: Site) -> None:
    proposer, second = await duties.client("dora"), await duties.client("clara")
    form = {"login": "anna", "role": "security-officer", "reason": "audit of the year"}
    answer = await send(proposer, "/duties/role", **form)
    assert answer.headers["location"] == "/duties?done=proposed"
    page = (await second.get("/duties")).text
    assert "audit of the year" in page
    number = re.search(r"/duties/proposals/(\d+)", page)
    assert number
    assert (await send(proposer, number[0], decision="approve")).status_code == 404
    assert (await send(second, number[0], decision="approve")).headers["location"] == "/duties?done=approved"
    assert (await send(second, number[0], decision="approve")).status_code == 409
    assert "Security officer" in (await (await duties.client("anna")).get("/duties")).text


async def test_a_role_that_is_not_ones_to_propose_is_told_beside_the_field(duties: Site) -> None:
    client = await duties.client("clara")
    form = {"login": "anna", "role": "moderator", "scope": "RETURN", "reason": "typed words"}
    answer = await send(client, "/duties/role", **form)
    assert answer.status_code == 422, "taken by its name, and refused"
    assert re.search(r'id="role-problem"[^>]*>[^<]*Who runs the room proposes its moderators', answer.text)
    assert "typed words" in answer.text
    own = await send(client, "/duties/role", login="clara", role="deputy", reason="typed words")
    assert (own.status_code, "typed words" in own.text) == (422, True)


async def test_what_somebody_holds_is_seen_and_ended_with_a_reason(duties: Site) -> None:
    own, foreign, admin = await duties.client("clara"), await duties.client("bruno"), await duties.client("dora")
    assert (await foreign.get("/duties/held/anna")).status_code == 404
    assert "not yours to end" in (await admin.get("/duties/held/emil")).text, "an admin keeps entries, not roles"
    page = (await own.get("/duties/held/emil")).text
    assert "/duties/held/emil" in (await own.get("/people/entry/emil")).text
    assert 'value="emil"' in (await own.get("/duties/role?login=emil")).text
    number = re.search(r"Deputy contact point</td>.*?name=\"grant\" value=\"(\d+)\"", page, re.DOTALL)
    assert number
    reason = f"reason-{number[1]}"
    for client, form in ((foreign, {reason: "x"}), (admin, {reason: "x"}), (own, {"grant": "999999"})):
        answer = await send(client, "/duties/held/emil", **{"grant": number[1], **form})
        assert answer.status_code == 404
    assert (await send(own, "/duties/held/anna", grant=number[1], **{reason: "x"})).status_code == 404
    wrong = await send(own, "/duties/held/emil", grant=number[1], **{reason: " "})
    assert (wrong.status_code, f'id="{reason}-problem">Say why.' in wrong.text) == (422, True)
    done = await send(own, "/duties/held/emil", grant=number[1], **{reason: "moves on"})
    assert done.headers["location"] == "/duties/held/emil?done=1"
    page = (await own.get("/duties/held/emil?done=1")).text
    assert "It is ended." in page
    assert "Deputy contact point</td>" not in page


@pytest.mark.parametrize("typed", ["Anna (anna), Unit A", "anna", " ANNA ", "anna@iconet.test", "Anna (anna)"])
async def test_an_official_is_named_by_choice_by_login_or_by_address(duties: Site, typed: str) -> None:
    client = await duties.client("clara")
    form = {"login": typed, "role": "security-officer", "reason": "audit"}
    assert (await send(client, "/duties/role", **form)).headers["location"] == "/duties?done=proposed"
    assert "Anna (anna)" in (await client.get("/duties")).text


async def test_who_is_named_by_half_is_asked_for(duties: Site) -> None:
    """Without scripts too: the form comes back with those who may be meant."""
    client = await duties.client("clara")
    assert '<option value="Anna (anna), Unit A">' in (await client.get("/duties/hand-over")).text
    asked = await send(client, "/duties/hand-over", login="ann", note="All in order")
    assert asked.status_code == 422
    assert 'id="login-problem">Who is meant? Anna (anna), Unit A.</p>' in asked.text
    assert "All in order" in asked.text
    foreign = await send(client, "/duties/hand-over", login="brun")
    assert 'id="login-problem">Nobody is to be found' in foreign.text, "a successor is of one's own body"
    both = await send(client, "/duties/role", login="brun", role="moderator", scope="return", reason="x")
    assert "Who is meant? Bruno (bruno), Unit B, Borland" in both.text
    assert '<option value="Bruno (bruno), Unit B, Borland">' in both.text
    empty = await send(client, "/duties/hand-over", login=" ")
    assert 'id="login-problem">Say who it is.' in empty.text
    nobody = await send(client, "/duties/hand-over", login="emil", giver="nobody")
    assert 'id="giver-problem"' in nobody.text


async def test_officials_are_offered_as_one_types(duties: Site) -> None:
    client = await duties.client("clara")
    answer = await client.get("/directory/officials", params={"q": "a", "whose": "own"})
    assert "Anna (anna), Unit A" in answer.text
    assert "Borland" not in answer.text
    assert "Bruno (bruno), Unit B, Borland" in (await client.get("/directory/officials?q=bru&whose=all")).text
    assert "option" not in (await client.get("/directory/officials?q=%00&whose=all")).text
    assert (await (await duties.client()).get("/directory/officials?q=a")).status_code == 303


async def test_who_sends_in_anothers_name_is_given_that_by_names(duties: Site) -> None:
    client = await duties.client("clara")
    form = {"login": "emil", "role": "sender", "reason": "secretary"}
    assert 'id="head-problem"' in (await send(client, "/duties/role", **form)).text
    assert (await send(client, "/duties/role", **form, head="Clara (clara), Unit A")).status_code == 303


async def test_pages_call_roles_by_their_names(duties: Site) -> None:
    client = await duties.client("clara")
    for path in ("/duties", "/duties/role", "/duties/held/emil", "/people/entry/emil"):
        said = re.sub(r"<[^>]+>", " ", (await client.get(path)).text)
        assert not re.search(r"\b(contact-point|liaison-officer|directory-admin|security-officer)\b", said), path
    assert "Directory admin, with a second person" in (await client.get("/duties/role")).text
    assert all(each.label[0].isupper() for kind in (Role, Access) for each in kind)


async def test_what_is_missing_is_told_beside_its_field(duties: Site) -> None:
    client = await duties.client("dora")
    answer = await send(client, "/duties/role", login="anna", role="deputy", reason=" ")
    assert answer.status_code == 422
    assert 'id="reason-problem">Say why.' in answer.text
    answer = await send(client, "/duties/role", login="nobody", role="deputy", reason="x")
    assert 'id="login-problem"' in answer.text
    answer = await send(client, "/duties/role", login="anna", role="deputy", reason="x", until="tomorrow")
    assert 'id="until-problem"' in answer.text


async def test_a_room_that_is_out_of_sight_is_told_as_one_that_is_not_there(duties: Site) -> None:
    client, form = await duties.client("bruno"), {"login": "anna", "role": "organiser", "reason": "x"}
    hidden, absent = [await send(client, "/duties/role", **form, scope=code) for code in ("liaison", "no-such-room")]
    assert hidden.status_code == absent.status_code == 422
    assert 'id="scope-problem"' in hidden.text
    assert hidden.text.replace('value="liaison"', 'value="no-such-room"') == absent.text
    known = await send(client, "/duties/role", **form, scope="return")
    assert (known.status_code, 'id="role-problem"' in known.text) == (422, True), "known, but not his to give"


async def test_who_or_what_is_out_of_sight_is_told_as_none(duties: Site) -> None:
    unlisted = official.update().where(official.c.login == "bruno").values(listed=False)
    await duties.groupware.store.run(lambda tx: tx.connection.execute(unlisted).rowcount)
    client = await duties.client("clara")
    role = {"role": "deputy", "reason": "x"}
    for path, form in (("role", role), ("hand-over", {}), ("off-board", {"reason": "x"}), ("appoint", {"reason": "x"})):
        answers = set()
        for login in ("bruno", "nobody"):
            answer = await send(client, f"/duties/{path}", login=login, again=login, **form)
            answers.add((answer.status_code, TOKEN.sub("", answer.text).replace(login, "")))
        assert len(answers) == 1, path
        assert {status for status, _ in answers} == {422}
    answers = set()
    for code in ("liaison", "no-such-room"):
        answer = await send(client, "/duties/role", login="anna", role="moderator", reason="x", scope=code)
        answers.add((answer.status_code, TOKEN.sub("", answer.text).replace(f'value="{code}"', "")))
    assert len(answers) == 1


async def test_what_another_offered_is_confirmed(duties: Site) -> None:
    offered, giver, taker = await duties.client("clara"), await duties.client("dora"), await duties.client("anna")
    answer = await send(offered, "/duties/hand-over", giver="dora", login="anna")
    assert answer.headers["location"] == "/duties?done=offered-for"
    said = (await offered.get(answer.headers["location"])).text
    assert "Whose duties they are, or a second person" in said
    assert "It also needs the word of Dora (dora)" in said
    page = (await giver.get("/duties")).text
    path = re.search(r"/duties/hand-overs/\d+", page)
    assert path
    assert 'value="confirm"' in page
    assert (await send(taker, path[0], decision="accept")).headers["location"] == "/duties?done=accepted"
    assert (await send(giver, path[0], decision="confirm")).headers["location"] == "/duties?done=handed"


async def test_duties_are_handed_over(duties: Site) -> None:
    giver, taker = await duties.client("clara"), await duties.client("emil")
    answer = await send(giver, "/duties/hand-over", login="emil", note="All is in order")
    assert answer.headers["location"] == "/duties?done=offered"
    assert "has to accept" in (await giver.get(answer.headers["location"])).text
    page = (await taker.get("/duties")).text
    path = re.search(r"/duties/hand-overs/\d+", page)
    assert path
    assert "All is in order" in page
    assert (await send(taker, path[0], decision="accept")).headers["location"] == "/duties?done=taken"
    contacts = (await giver.get("/directory/contact-points")).text
    assert "Emil" in contacts


async def test_the_contact_points_page_is_for_all_and_its_form_for_its_own_body(duties: Site) -> None:
    own, foreign = await duties.client("clara"), await duties.client("bruno")
    page = (await foreign.get("/directory/contact-points")).text
    assert "Aland" in page
    assert "Borland" in page
    assert "/directory/contact-points/1" not in page
    assert (await foreign.get("/directory/contact-points/1")).status_code == 404
    form = {"holder": "clara", "deputy-1": "emil", "zone": "Europe/Oslo", "hours": "Mon 09:00-17:00", "seen": "1"}
    assert (await send(foreign, "/directory/contact-points/1", **form)).status_code == 404
    wrong = await send(own, "/directory/contact-points/1", **{**form, "hours": "always\nMon 9-5\nMon 09:00-17:00"})
    assert (wrong.status_code, 'id="hours-problem"' in wrong.text) == (422, True)
    assert "&#39;always&#39;, &#39;Mon 9-5&#39;." in wrong.text
    assert (await send(own, "/directory/contact-points/1", **form)).status_code == 303
    stale = await send(own, "/directory/contact-points/1", **form)
    assert "Somebody else has changed this meanwhile." in stale.text
    assert "Mon 09:00-17:00" in (await own.get("/directory/contact-points/1")).text
    form |= {"seen": "2", "hours": "mon \u2013 tue 9:00 \u2013 17:00\nSun 22:00-06:00\nSat 18:00-00:00"}
    assert (await send(own, "/directory/contact-points/1", **form)).status_code == 303
    shown = "Mon 00:00-06:00\nMon 09:00-17:00\nTue 09:00-17:00\nSat 18:00-24:00\nSun 22:00-24:00"
    assert shown in (await own.get("/directory/contact-points/1")).text


async def test_a_contact_point_for_one_area_is_arranged(duties: Site) -> None:
    own, foreign, admin = await duties.client("clara"), await duties.client("bruno"), await duties.client("dora")
    assert "/directory/contact-points/new" not in (await foreign.get("/directory/contact-points")).text
    assert (await foreign.get("/directory/contact-points/new")).status_code == 404
    assert "/directory/contact-points/new" in (await own.get("/directory/contact-points")).text
    area = re.search(r'<option value="(\d+)">Return<', (await own.get("/directory/contact-points/new")).text)
    assert area
    form = {"area": area[1], "holder": "anna", "deputy-1": "emil", "zone": "Europe/Oslo", "hours": ""}
    assert (await send(foreign, "/directory/contact-points/new", **form)).status_code == 404
    forbidden = await send(admin, "/directory/contact-points/new", **form)
    assert (forbidden.status_code, "Who is named here is said by" in forbidden.text) == (422, True)
    for field, value in {"area": "0", "holder": "nobody", "deputy-2": "nobody"}.items():
        wrong = await send(own, "/directory/contact-points/new", **{**form, field: value})
        assert f'id="{field}-problem"' in wrong.text
    assert (await send(own, "/directory/contact-points/new", **{**form, "holder": "bruno"})).status_code == 422
    assert (await send(own, "/directory/contact-points/new", **form)).status_code == 303
    assert 'id="area-problem"' in (await send(own, "/directory/contact-points/new", **form)).text
    page = (await foreign.get("/directory/contact-points")).text
    assert "Return" in page
    assert "Anna" in page


async def test_postings_are_published_changed_and_wished_for(duties: Site) -> None:
    own, other = await duties.client("clara"), await duties.client("bruno")
    form = {"login": "anna", "country": "TR", "city": "Ankara", "text": "Documents", "planned": "1"}
    assert (await send(other, "/directory/liaison-officers/new", **form)).status_code == 404
    assert (await send(own, "/directory/liaison-officers/new", **form)).status_code == 303
    page = (await other.get("/directory/liaison-officers")).text
    assert "Türkiye" in page
    assert "planned" in page
    assert (await other.get("/directory/liaison-officers/1")).status_code == 404
    assert (
        await send(own, "/directory/liaison-officers/1", **{**form, "city": "Izmir", "seen": "1"})
    ).status_code == 303
    assert (await send(own, "/directory/liaison-officers/1", **{**form, "seen": "1"})).status_code == 422
    assert (await send(own, "/directory/liaison-officers/1", **{**form, "seen": "2", "act": "end"})).status_code == 303
    assert "Türkiye" not in (await other.get("/directory/liaison-officers")).text


async def test_a_posting_says_which_areas_and_other_bodies_it_serves(duties: Site) -> None:
    client = await duties.client("clara")
    empty = (await client.get("/directory/liaison-officers/new")).text
    area = re.search(r'name="(area-\d+)" value="1"> Return', empty)
    body = re.search(r'name="(body-\d+)" value="1"> Borland', empty)
    assert area
    assert body
    assert "> Aland</label>" not in empty, "one's own body isn't another"
    form = {"login": "anna", "country": "TR", "city": "Ankara", area[1]: "1", body[1]: "1"}
    wrong = await send(client, "/directory/liaison-officers/new", **{**form, "until": "never"})
    assert f'name="{body[1]}" value="1" checked' in wrong.text
    assert (await send(client, "/directory/liaison-officers/new", **form)).status_code == 303
    page = (await client.get("/directory/liaison-officers")).text
    assert "Also for Borland" in page
    assert "Return" in page
    shown = (await client.get("/directory/liaison-officers/1")).text
    assert f'name="{area[1]}" value="1" checked' in shown
    without = {name: value for name, value in form.items() if name != body[1]}
    assert (await send(client, "/directory/liaison-officers/1", **without, seen="1")).status_code == 303
    assert "Also for" not in (await client.get("/directory/liaison-officers")).text
    assert (
        await send(client, "/directory/liaison-officers/1", **{**form, "area-999": "1", "seen": "2"})
    ).status_code == 422


async def test_off_boarding_shows_its_report(duties: Site) -> None:
    client, leaver = await duties.client("clara"), await duties.client("anna")
    assert "/duties/off-board?login=anna" in (await client.get("/people/entry/anna")).text
    assert 'value="Anna (anna)' in (await client.get("/duties/off-board?login=anna")).text
    assert 'value="nobody.here"' in (await client.get("/duties/off-board?login=nobody.here")).text
    answer = await send(client, "/duties/off-board", login="anna", again="ana", reason="leaves")
    assert 'id="again-problem"' in answer.text
    answer = await send(client, "/duties/off-board", login="anna", again="anna", reason="leaves for good")
    assert (answer.status_code, answer.headers["location"]) == (303, "/duties/off-boarded/anna")
    for name in ("clara", "dora"):
        report = (await (await duties.client(name)).get("/duties/off-boarded/anna")).text
        assert "Anna (anna) is off-boarded" in report
        assert "by Clara (clara)" in report
        assert "Why: leaves for good" in report
        assert ">The portal</td>" in report
        assert '<span class="small-label">Closed after: </span>' in report
    assert (await leaver.get("/duties")).status_code == 303
    await send(client, "/duties/take-back/anna")
    history = (await client.get("/people/entry/anna")).text
    assert history.index(">taken back<") < history.index(">off-boarded<")
    stranger = await duties.client("bruno")
    assert (await stranger.get("/duties/off-boarded/anna")).status_code == 404
    assert (await client.get("/duties/off-boarded/emil")).status_code == 404
    assert (await send(stranger, "/duties/off-board", login="clara", again="clara", reason="x")).status_code == 404


async def test_a_post_in_anothers_name_says_so(duties: Site) -> None:
    town = duties.town
    granted = Grant(town.people["anna"], Access.SENDER, town.people["clara"], reason="test")
    client = await duties.client("anna")
    assert "In the name of" not in (await client.get("/rooms/return/new")).text
    form = {"subject": "For her", "text": "Words", "marking": "2", "author": "clara@iconet.test"}
    assert (await send(client, "/rooms/return/new", **form)).status_code == 422
    await duties.groupware.store.run(lambda tx: roles.grant(tx.connection, granted))
    assert "In the name of" in (await client.get("/rooms/return/new")).text
    assert (await send(client, "/rooms/return/new", **form)).status_code == 303
    page = (await client.get("/rooms/return")).text
    token = re.search(r"/posts/([\w-]+)", page)
    assert token
    assert "Sent by Anna for Clara" in (await client.get(token[0])).text
    assert "Who may send in your name" in (await (await duties.client("clara")).get("/duties")).text


@pytest.mark.parametrize("path", ["/duties/role", "/duties/hand-over", "/duties/appoint", "/duties/off-board"])
async def test_every_form_has_one_heading_and_a_label_for_each_field(duties: Site, path: str) -> None:
    page = (await (await duties.client("clara")).get(path)).text
    assert page.count("<h1>") == 1
    fields = re.findall(r'<(?:input|textarea|select) id="([\w-]+)"', page)
    assert fields
    assert all(f'<label for="{each}">' in page for each in fields)


async def test_programs_read_duties_and_take_them_over(duties: Site) -> None:
    offered = await send(await duties.client("clara"), "/duties/hand-over", login="emil")
    assert offered.status_code == 303
    weak, client = await duties.client(), await duties.client()
    weak.auth = ("emil", await app_password(duties.groupware, duties.town, "emil"))
    client.headers["Authorization"] = f"Bearer {await duties.session('emil', Start(program=True))}"
    (point,) = (await client.get("/api/contact-points")).json()
    assert (point["body"], point["holder"], point["now"]) == ("aa", "clara@iconet.test", "clara@iconet.test")
    (offer,) = (await client.get("/api/duties")).json()["hand_overs"]
    assert (await client.post(f"/api/hand-overs/{offer['id']}", json={"decision": "perhaps"})).status_code == 422
    assert (await weak.post(f"/api/hand-overs/{offer['id']}", json={"decision": "accept"})).status_code == 404
    answer = await client.post(f"/api/hand-overs/{offer['id']}", json={"decision": "accept"})
    assert answer.json() == {"id": offer["id"], "state": "done"}
    assert (await client.post("/api/hand-overs/999", json={"decision": "accept"})).status_code == 404
    assert (await client.get("/api/postings")).json() == []


ACTS = ("/duties/hand-over", "/duties/role", "/duties/appoint", "/duties/off-board")


async def test_an_act_is_shown_to_who_may_do_it(duties: Site) -> None:
    shown = {}
    for name in ("clara", "dora", "anna", "bruno"):
        page = (await (await duties.client(name)).get("/duties")).text
        shown[name] = [path for path in ACTS if f'href="{path}"' in page]
    assert shown == {"clara": [ACTS[0], ACTS[1], ACTS[3]], "dora": [ACTS[0], ACTS[1], ACTS[3]], "anna": [], "bruno": []}


async def test_the_successor_sees_what_comes(duties: Site) -> None:
    moderator = Grant(duties.town.people["clara"], Role.MODERATOR, duties.town.rooms["return"], reason="test")
    await duties.groupware.store.run(lambda tx: roles.grant(tx.connection, moderator))
    giver, taker = await duties.client("clara"), await duties.client("emil")
    await duties.post("anna", "A subject of nobody else")
    page = (await giver.get("/duties/hand-over")).text
    assert "Moderator for Return" in page
    assert "posts that await moderation: 1" in page
    await send(giver, "/duties/hand-over", login="emil")
    page = (await taker.get("/duties")).text
    assert "Moderator for Return" in page
    assert "posts that await moderation: 1" in page
    assert "A subject of" not in page
    assert "no end set" in (await giver.get("/duties")).text
    admin = (await (await duties.client("dora")).get("/duties/hand-over")).text
    assert "posts that await moderation: " not in admin, "who keeps the directory sees nothing of what rooms hold"


async def test_who_took_over_on_a_day_withdraws_nothing(duties: Site) -> None:
    giver, taker = await duties.client("dora"), await duties.client("anna")
    await send(giver, "/duties/hand-over", login="anna", until="2036-01-01")
    path = re.search(r"/duties/hand-overs/\d+", (await taker.get("/duties")).text)
    assert path
    assert (await send(taker, path[0], decision="accept")).headers["location"] == "/duties?done=accepted"
    page = (await taker.get("/duties?done=accepted")).text
    assert "Anna (anna) has accepted." in page
    assert 'value="withdraw"' not in page
    assert 'value="withdraw"' in (await giver.get("/duties")).text


async def test_who_left_is_taken_back_on_a_page(duties: Site) -> None:
    own, foreign, admin = [await duties.client(name) for name in ("clara", "bruno", "dora")]
    path = "/duties/take-back/anna"
    assert (await foreign.get(path)).status_code == 404
    early = await send(own, path)
    assert (early.status_code, "has not left" in early.text) == (409, True)
    await send(own, "/duties/off-board", login="anna", again="anna", reason="leaves")
    assert path in (await own.get("/people/entry/anna")).text
    page = (await own.get(path)).text
    assert page.count("<h1>") == 1
    assert (await send(foreign, path)).status_code == 404
    assert (await send(admin, path)).status_code == 404, "who keeps entries designates nobody"
    done = await send(own, path)
    assert done.headers["location"] == "/people/entry/anna?done=taken-back"
    page = (await own.get(done.headers["location"])).text
    assert "in office again" in page
    assert 'value="invite"' in page


async def test_who_runs_an_area_ends_its_liaison_officer(duties: Site) -> None:
    people = duties.town.people

    def use_case(tx: Tx) -> None:
        body = officials.get(tx.connection, people["dora"]).body
        tx.connection.execute(area.update().values(body=body))
        roles.revoke_all(tx.connection, people["bruno"], tx.now)
        roles.grant(tx.connection, Grant(people["bruno"], Role.LIAISON_OFFICER, 1, reason="posted"))

    await duties.groupware.store.run(use_case)
    admin, other = await duties.client("dora"), await duties.client("clara")
    assert (await other.get("/duties/held/bruno")).status_code == 404
    assert 'href="/duties/held/bruno"' in (await admin.get("/administration/areas/return")).text
    page = (await admin.get("/duties/held/bruno")).text
    assert "Only what is of a room or an area that you run." in page
    assert "/people/entry/bruno" not in page
    number = re.search(r"Liaison officer</td>.*?name=\"grant\" value=\"(\d+)\"", page, re.DOTALL)
    assert number
    done = await send(admin, "/duties/held/bruno", grant=number[1], **{f"reason-{number[1]}": "posting over"})
    assert done.headers["location"] == "/duties?done=revoked"
    assert "The role has ended." in (await admin.get(done.headers["location"])).text
    assert (await admin.get("/duties/held/bruno")).status_code == 404
