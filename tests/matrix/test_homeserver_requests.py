"""What a person may not ask of Matrix, whatever a client or an attacker sends."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
import town
from hall import refusal, text

from directory import officials

if TYPE_CHECKING:
    from hall import Person
    from homeserver_world import World

    from groupware.store import Tx

pytestmark = pytest.mark.anyio
ME, BRUNO = "@anna:iconet.test", "@bruno:iconet.test"
REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "v3/createRoom", {"preset": "private_chat", "invite": [BRUNO], "is_direct": True}),
    ("POST", "v3/rooms/ROOM/invite", {"user_id": "@otto:iconet.test"}),
    ("POST", "v3/rooms/ROOM/kick", {"user_id": BRUNO}),
    ("POST", "v3/rooms/ROOM/ban", {"user_id": BRUNO}),
    ("POST", "v3/rooms/ROOM/leave", {}),
    ("POST", "v3/knock/ROOM", {}),
    ("POST", "v3/rooms/ROOM/upgrade", {"new_version": "10"}),
    ("PUT", "v3/rooms/ROOM/state/m.room.name", {"name": "Mine"}),
    ("PUT", "v3/rooms/ROOM/state/m.room.topic", {"topic": "Mine"}),
    ("PUT", "v3/rooms/ROOM/state/m.room.encryption", {"algorithm": "m.megolm.v1.aes-sha2"}),
    ("PUT", "v3/rooms/ROOM/state/m.room.power_levels", {"users": {ME: 100}}),
    ("PUT", "v3/rooms/ROOM/state/m.room.member/" + ME, {"membership": "join", "displayname": "Director"}),
    ("PUT", "v3/rooms/ROOM/state/org.example", {"body": "a secret"}),
    ("PUT", "v3/rooms/ROOM/redact/$event/1", {}),
    ("PUT", "v3/rooms/ROOM/send/m.room.redaction/1", {"redacts": "$event"}),
    ("PUT", "v3/rooms/ROOM/send/m.reaction/1", {"m.relates_to": {"rel_type": "m.annotation", "key": "a secret"}}),
    ("PUT", "v3/rooms/ROOM/send/m.sticker/1", {"body": "a secret", "url": "mxc://iconet.test/x", "info": {}}),
    ("PUT", "v3/rooms/ROOM/send/m.poll.start/1", {"body": "a secret"}),
    ("PUT", "v3/rooms/ROOM/send/m.room.encrypted/1", {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "a secret"}),
    ("PUT", "v3/rooms/ROOM/send/m.room.member/1", {"membership": "join"}),
    ("PUT", "v3/rooms/ROOM/send/m.room.message%2Fx/1", text("a secret")),
    ("PUT", "v3/directory/room/%23mine:iconet.test", {"room_id": "ROOM"}),
    ("PUT", "v3/directory/list/room/ROOM", {"visibility": "public"}),
    ("PUT", f"v3/profile/{ME}/displayname", {"displayname": "Director"}),
    ("PUT", f"v3/profile/{ME}/avatar_url", {"avatar_url": "mxc://iconet.test/x"}),
    ("PUT", f"v3/profile/{ME}/org.example", {"org.example": "a secret"}),
    ("PUT", f"unstable/uk.tcpip.msc4133/profile/{ME}/org.example", {"org.example": "a secret"}),
    ("PUT", "v3/sendToDevice/org.example/1", {"messages": {BRUNO: {"*": {"body": "a secret"}}}}),
    ("POST", "v3/pushers/set", {"kind": "http", "app_id": "x", "pushkey": "x", "data": {"url": "https://x.test"}}),
    ("POST", "v3/account/password", {"new_password": "x"}),
    ("POST", "v3/account/deactivate", {}),
    ("POST", "v3/account/3pid/add", {"sid": "x", "client_secret": "x"}),
    ("POST", "v3/account/3pid/email/requestToken", {"client_secret": "x", "email": "x@x.test", "send_attempt": 1}),
    ("POST", f"v3/user/{ME}/openid/request_token", {}),
    ("POST", "v1/login/get_token", {}),
    ("POST", "v3/rooms/ROOM/report/$event", {"reason": "a secret"}),
    ("POST", "unstable/org.matrix.msc4140/delayed_events/x", {"action": "send"}),
    ("PUT", "v3/rooms/ROOM/send/m.room.message/1?user_id=" + BRUNO, {"msgtype": "m.other", "body": "a secret"}),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSED, ids=[f"{m} {p}" for m, p, _ in REFUSED])
async def test_a_person_is_refused(world: World, anna: Person, method: str, path: str, body: dict[str, Any]) -> None:
    answer = await anna.matrix.request(method, path.replace("ROOM", world.hall.room), json=body)
    assert 400 <= answer.status_code < 500, answer.text
    assert answer.json()["errcode"] in {"M_FORBIDDEN", "M_UNRECOGNIZED", "M_UNKNOWN"}


async def test_none_of_it_left_a_trace(world: World, anna: Person) -> None:
    bruno = await world.sign_in("bruno")
    for method, path, body in REFUSED:
        await anna.matrix.request(method, path.replace("ROOM", world.hall.room), json=body)
    async with world.hall.client(world.hall.service.as_token) as service:
        state = (await service.get(f"v3/rooms/{world.hall.room}/state")).text
    seen = (await bruno.matrix.get("v3/sync")).text + state
    assert not [word for word in ("a secret", "Mine", "Director", "megolm", "org.example") if word in seen]
    assert (await anna.matrix.get("v3/joined_rooms")).json()["joined_rooms"] == [world.hall.room]


@pytest.mark.parametrize("path", ["/_synapse/admin/v2/users", "/_synapse/admin/v1/rooms"])
async def test_nobody_administers_it(world: World, anna: Person, path: str) -> None:
    answer = await anna.matrix.get(world.hall.service.url + path)
    assert refusal(answer) == (404, "M_UNRECOGNIZED")


async def test_what_clients_need_passes(world: World, anna: Person) -> None:
    room = world.hall.room
    made = await anna.matrix.post(f"v3/user/{ME}/filter", json={"room": {"state": {"lazy_load_members": True}}})
    synced = await anna.matrix.get("v3/sync", params={"filter": made.json()["filter_id"]})
    last = synced.json()["rooms"]["join"][room]["timeline"]["events"][-1]["event_id"]
    answers = [
        await anna.matrix.put(f"v3/rooms/{room}/typing/{ME}", json={"typing": True, "timeout": 1000}),
        await anna.matrix.post(f"v3/rooms/{room}/receipt/m.read/{last}", json={}),
        await anna.matrix.post(f"v3/rooms/{room}/read_markers", json={"m.fully_read": last}),
        await anna.matrix.put(f"v3/user/{ME}/account_data/org.example", json={"a": 1}),
        await anna.matrix.post("v3/search", json={"search_categories": {"room_events": {"search_term": "x"}}}),
        await anna.matrix.post("v3/keys/query", json={"device_keys": {}}),
        await anna.matrix.post("v3/user_directory/search", json={"search_term": "bruno"}),
        await anna.matrix.post(f"v3/join/{room}", json={}),
        await anna.matrix.get(f"v3/rooms/{room}/messages", params={"dir": "b"}),
        await anna.matrix.get(f"v3/rooms/{room}/members"),
        await anna.matrix.get("v3/devices"),
        await anna.matrix.get("v3/capabilities"),
    ]
    assert [answer.status_code for answer in answers] == [200] * len(answers), [answer.text for answer in answers]
    assert answers[6].json()["results"] == []


async def test_who_may_not_enter_neither_joins_nor_reads(world: World) -> None:
    otto = await world.sign_in("otto")
    room = world.hall.room
    paths = ["messages?dir=b", "members", "state", "context/$x", "event/$x", "initialSync", "joined_members"]
    answers = [await otto.matrix.get(f"v3/rooms/{room}/{path}") for path in paths]
    answers += [await otto.matrix.get(f"v1/rooms/{room}/{path}") for path in ("threads", "relations/$x", "hierarchy")]
    answers += [await otto.matrix.post(f"v3/{path}", json={}) for path in (f"join/{room}", f"rooms/{room}/join")]
    answers.append(await otto.matrix.put(f"v3/rooms/{room}/send/m.room.message/1", json=text("from outside")))
    assert {refusal(answer) for answer in answers} == {(403, "M_FORBIDDEN")}
    absent = await otto.matrix.get("v3/rooms/!nosuchroom:iconet.test/messages?dir=b")
    assert absent.text == answers[0].text


async def test_a_file_is_handed_in_by_who_may_post(world: World, anna: Person) -> None:
    def newcomer(tx: Tx) -> None:
        like = officials.get(tx.connection, world.people.people["anna"])
        new = replace(like, login="nora", address=f"nora@{town.DOMAIN}")
        world.people.people["nora"] = officials.add(tx.connection, new)

    await world.house.groupware.store.run(newcomer)
    nora = await world.sign_in("nora")
    media = f"{world.hall.service.url}/_matrix/media"
    assert (
        (await anna.matrix.post(f"{media}/v3/upload", content=b"x" * 1000)).json()["content_uri"].startswith("mxc://")
    )
    assert refusal(await nora.matrix.post(f"{media}/v3/upload", content=b"x")) == (413, "M_TOO_LARGE")
    assert refusal(await anna.matrix.post(f"{media}/v1/create", json={})) == (403, "M_FORBIDDEN")


ABSENT = "!nosuchroom:iconet.test"
ROOM_QUESTIONS = [
    ("GET", "v3/directory/room/ALIAS"),
    ("GET", "r0/directory/room/ALIAS"),
    ("GET", "v3/directory/list/room/ROOM"),
    ("GET", "v1/room_summary/ALIAS"),
    ("GET", "v1/room_summary/ROOM"),
    ("GET", "unstable/im.nheko.summary/rooms/ROOM/summary"),
    ("GET", "unstable/im.nheko.summary/summary/ALIAS"),
    ("POST", "v3/join/ALIAS"),
    ("POST", "v3/join/ROOM"),
    ("POST", "v3/rooms/ROOM/join"),
    ("POST", "v3/rooms/ROOM/read_markers"),
    ("POST", "v3/rooms/ROOM/receipt/m.read/EVENT"),
    ("PUT", "v3/rooms/ROOM/typing/@otto:iconet.test"),
    ("PUT", "v3/rooms/ROOM/send/m.room.message/absent"),
]


async def named(world: World) -> str:
    """The room's alias, as the application service gives it."""
    async with world.hall.client(world.hall.service.as_token) as service:
        await service.put("v3/directory/room/%23return:iconet.test", json={"room_id": world.hall.room})
    return "%23return:iconet.test"


@pytest.mark.parametrize(("method", "path"), ROOM_QUESTIONS, ids=[f"{m} {p}" for m, p in ROOM_QUESTIONS])
@pytest.mark.parametrize("name", ["otto", ""], ids=["an outsider", "nobody"])
async def test_a_forbidden_room_and_an_absent_one_answer_alike(
    world: World, anna: Person, method: str, path: str, name: str
) -> None:
    alias = await named(world)
    sent = await anna.matrix.put(f"v3/rooms/{world.hall.room}/send/m.room.message/alike", json=text("there"))
    path = path.replace("EVENT", sent.json()["event_id"])
    body = {"m.fully_read": sent.json()["event_id"], "typing": True} | text("x") if method != "GET" else None
    asker = (await world.sign_in(name)).matrix if name else await world.exits.enter_async_context(world.hall.client())
    there = await asker.request(method, path.replace("ALIAS", alias).replace("ROOM", world.hall.room), json=body)
    absent = await asker.request(method, path.replace("ALIAS", "%23x:iconet.test").replace("ROOM", ABSENT), json=body)
    assert (there.status_code, there.text) == (absent.status_code, absent.text)
    assert 400 <= there.status_code < 500


async def test_whoever_may_enter_finds_a_room_by_its_alias(world: World, anna: Person) -> None:
    alias = await named(world)
    found = await anna.matrix.get(f"v3/directory/room/{alias}")
    assert found.json()["room_id"] == world.hall.room
    assert (await anna.matrix.post(f"v3/join/{alias}", json={})).json() == {"room_id": world.hall.room}


async def test_the_homeservers_log_quotes_nobody_and_tells_no_traceback(world: World, anna: Person) -> None:
    room = world.hall.room
    async with world.hall.client() as matrix:
        await matrix.post("v3/login", content=b'{"type": "m.login.password", "password": "canary-secret",}')
        await matrix.post("v3/login", json={"type": "m.login.password", "user": ["canary"], "password": "canary"})
    for number, said in enumerate((b'{"body": "canary-words"', b'{"msgtype":"m.text","body":"canary \\ud800"}')):
        await anna.matrix.put(f"v3/rooms/{room}/send/m.room.message/log{number}", content=said)
    log = (world.house.settings.data / "matrix" / "homeserver.log").read_text()
    assert "canary" not in log
    assert "Traceback" not in log
    assert [line for line in log.splitlines() if "AttributeError at " in line]


@pytest.mark.parametrize("path", ["v1/server_version", "v1/register", "v2/users", "v1/rooms", ""])
async def test_synapses_own_administration_is_not_there_and_its_version_is_told_to_nobody(
    world: World, path: str
) -> None:
    async with world.hall.client() as matrix:
        answer = await matrix.get(f"{world.hall.service.url}/_synapse/admin/{path}")
        there = await matrix.get(f"{world.hall.service.url}/_matrix/client/versions")
    assert refusal(answer) == (404, "M_UNRECOGNIZED")
    assert there.status_code == 200
    assert {each.headers["server"] for each in (answer, there)} == {"Synapse/ICONet"}
