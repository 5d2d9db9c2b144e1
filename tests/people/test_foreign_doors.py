"""Through every door that takes words of administration: nothing of another body is read or written.

Operations of the API come from its table; pages from theirs, with the very forms that the other body's admin is shown;
SCIM is asked by each of its methods. Whatever is sent is sent again by the other body's own people, for whom it works.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from foreign import CANARY, HIDDEN
from foreign_site import UNSEEN, Forms
from test_api_nonsense import usual
from web_site import TOKEN

from connectors.web.api.routes import OPERATIONS
from connectors.web.app import PAGES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from foreign_site import Abroad

    from connectors.web.api.operation import Operation

pytestmark = pytest.mark.anyio
OWN, THEIRS = ("adela", "carol"), ("bela", "dana")
LAST = ("suspendPerson", "offBoardPerson")
"""Operations after which the other body's own people could try nothing more: they don't try them."""
TABLES = {
    "/held": "room",
    "/hand-overs": "hand_over",
    "/appointments": "appointment",
    "/proposals": "grant_proposal",
    "/grants": "role_grant",
    "/postings": "posting",
    "/rooms": "room",
    "/releases": "release",
}
"""Of what an {id} is, by how its path begins."""
NAMES = {"body": "bb", "area": "return", "unit": "u", "country": "TR", "city": "Izmir", "name": "New", "code": "fresh"}
NAMES |= {"owner": "bb/u", "whom": "official:bruno", "zone": "UTC", "role": "deputy", "giver": "bruno"}
MENDED = ("city", "giver", "name", "body")
"""What is sent though it may be left out."""
PUBLIC = {"listContactPoints", "listPostings", "declareInterest", "withdrawInterest", "explain", "listPeopleEntries"}
"""Operations that say of other bodies what everybody is told, or are meant for what is another's."""


UNFIT = [
    "acknowledgePost",
    "addBody",
    "answerAppointment",
    "appointContactPoint",
    "arrangeContactPoint",
    "arrangeContactPointForArea",
    "askGlass",
    "askRelease",
    "closeUnit",
    "confirmGlass",
    "confirmPost",
    "decideDraft",
    "decideHeld",
    "decideMarking",
    "decideRelease",
    "declareInterest",
    "endGlass",
    "endPosting",
    "explain",
    "explainOther",
    "foundArea",
    "getErasure",
    "getGlass",
    "getPackage",
    "getRaw",
    "getRelease",
    "getUnconfirmed",
    "invitePerson",
    "liftHold",
    "listAcknowledgements",
    "listBookings",
    "listErasures",
    "listHolds",
    "listPosts",
    "markPost",
    "offerHandOver",
    "openByGlass",
    "openRoom",
    "placeHold",
    "previewReaders",
    "redactPost",
    "redraftDraft",
    "releaseReset",
    "renameBody",
    "setAreaState",
    "setBodyState",
    "setDeputy",
    "setRoomState",
    "takeBackPerson",
    "unsetDeputy",
    "withdrawPost",
    "withdrawRelease",
]
"""Operations that fail here for the other body's own people as well: content, what is the authority's, what another
operation has used up. That their verbs do something for one's own body is in test_foreign_bodies.py."""


def paths(operation: Operation, abroad: Abroad) -> Iterator[tuple[str, str]]:
    """The operation's path with one after the other of what the other body has in it, and a login for its body."""
    path, login = operation.path, abroad.other.logins
    table = next((TABLES[each] for each in TABLES if path.startswith(each)), "")
    ids = [str(each) for each in abroad.other.rows.get(table, ())]
    codes = ["return", "liaison"] if path.startswith(("/areas", "/rooms")) else list(abroad.other.unit_codes)
    for number in range(max(len(login), len(ids)) if "{id}" in path or "{login}" in path else 2):
        values = {**NAMES, "login": login[number % len(login)], "code": codes[number % len(codes)]}
        which = ids[number % len(ids)] if ids else "1"
        values |= {"id": which, "number": which, "post": "1", "address": "x", "message_id": "<1@client.test>"}
        yield "/api" + re.sub(r"{(\w+)}", lambda found, v=values: v[found[1]], path), login[number % len(login)]


def body(schema: Any, login: str) -> Any:  # noqa: ANN401 -- any JSON
    """What an operation takes at least, with the other body's people and places in it."""
    given = {"login": "fresh", "logins": [login], "deputies": [], "hours": [], "entry": {"name": "New", "unit": "u1"}}
    given |= dict.fromkeys(("holder", "taker", "giver", "official"), login)
    known, needed = schema.get("properties", {}), {*schema.get("required", ())}
    wanted = [each for each in known if each in needed or each in MENDED]
    return {each: given.get(each, NAMES.get(each, usual(known[each]))) for each in wanted}


def content(operation: Operation, login: str) -> dict[str, Any]:
    """As arguments of a request."""
    if operation.takes is None:
        return {}
    if operation.media[0] == "application/json":
        return {"json": body(operation.takes, login)}
    text = f"login,name,unit\n{login},Somebody,u1\n"
    return {"content": text.encode(), "headers": {"Content-Type": operation.media[0]}}


async def asked(client: httpx.AsyncClient, abroad: Abroad, operation: Operation) -> list[httpx.Response]:
    """The answers to the operation, whatever of the other body it is about."""
    sent = [(path, content(operation, login)) for path, login in paths(operation, abroad)]
    return [await client.request(operation.method, f"{path}?body=bb", **more) for path, more in sent]


async def test_no_operation_reads_or_writes_anything_of_another_body(abroad: Abroad) -> None:
    before, worked = await abroad.rows(), set[str]()
    for client in [await abroad.program(name) for name in OWN]:
        for operation in OPERATIONS:
            for answer in await asked(client, abroad, operation):
                told = {word for word in (HIDDEN, UNSEEN, CANARY) if word in answer.text}
                assert told <= ({CANARY} if operation.name in PUBLIC else set()), operation.name
                assert answer.status_code < 500, answer.text
            assert await abroad.rows() == before, operation.name
    for client in [await abroad.program(name) for name in THEIRS]:
        for operation in [each for each in OPERATIONS if each.name not in LAST]:
            worked |= {operation.name for each in await asked(client, abroad, operation) if each.is_success}
    idle = {each.name for each in OPERATIONS} - worked - {*LAST, *UNFIT}
    assert not idle, " ".join(sorted(idle))


SHOWN = (
    "/people/new",
    "/people/entry/{login}",
    "/people/units",
    "/people/units/{unit}",
    "/people/import",
    "/people/resets",
    "/people/review",
    "/people/programs",
    "/duties",
    "/duties/role?login={login}",
    "/duties/held/{login}",
    "/duties/hand-over",
    "/duties/appoint",
    "/duties/off-board",
    "/directory/contact-points/new",
    "/directory/contact-points/{contact_point}",
    "/directory/liaison-officers",
    "/directory/liaison-officers/new",
    "/directory/liaison-officers/{posting}",
    "/administration/areas/new",
    "/administration/areas/{area}",
    "/administration/areas/{area}/rooms/new",
    "/administration/rooms/{area}",
    "/administration/rooms/{area}/access",
    "/account",
    "/account/contact",
    "/account/app-passwords",
    "/sessions",
)
"""Pages on which the other body's people find their forms."""
OWN_ALONE = {
    "/account/password": "asks for the present one",
    "/account/app": "is about one's own factors",
    "/account/app/remove": "is about one's own factors",
    "/account/passkeys": "wants a browser's answer",
    "/account/passkeys/{number}/remove": "is about one's own factors",
    "/account/codes": "is about one's own factors",
    "/account/terms": "accepts for oneself",
    "/account/confirm": "proves who one is",
    "/account/programs": "ends one's own sign-ons",
    "/account/set-up": "makes an app password of one's own",
    "/account/national": "is about one's own account",
    "/account/national/end": "is about one's own account",
    "/account/reset/withdraw": "is about one's own account",
    "/rooms/{code}/new": "is content, not administration",
    "/posts/{token}/reply": "is content, not administration",
    "/posts/{token}/withdraw": "is content, not administration",
    "/moderation/{token}": "is content, not administration",
    "/unconfirmed/{token}": "is content, not administration",
    "/drafts/{token}": "is content, not administration",
    "/posts/{token}/mark": "is content, not administration",
    "/posts/{token}/release": "is content, not administration",
    "/releases/{number}": "is content, not administration",
    "/audit/holds": "is security officers' alone",
    "/audit/holds/{number}": "is security officers' alone",
    "/posts/{token}/acknowledge": "is content, not administration",
    "/audit/glass": "is a security officer's, and another body's confirms it: tests/glass",
    "/audit/glass/{number}": "is two security officers': tests/glass",
    "/audit/glass/{number}/posts/{post}": "is content, and one officer's: tests/glass",
    "/audit/glass/{number}/posts/{post}/source": "is content, and one officer's: tests/glass",
}
"""What takes forms and names nothing of another's."""
TYPED = {
    "login": "otto",
    "again": "otto",
    "giver": "bruno",
    "holder": "dana",
    "head": "otto",
    "code": "fresh",
    "name": "New",
    "city": "Izmir",
}
TYPED |= {"reason": "why", "act": "ask", "note": "note", "country": "TR", "label": "Desk"}
"""What is typed into the fields that a page leaves empty."""


OFFERS = ("/duties/role", "/duties/appoint", "/administration/rooms/return/access")
"""Forms that offer officials whom everybody sees in the directory."""


def pages(abroad: Abroad) -> Iterator[str]:
    other = abroad.other
    lists = {"login": other.logins, "unit": other.unit_codes, "area": ("return", "liaison")}
    lists |= {name: tuple(map(str, other.rows[name])) for name in ("contact_point", "posting")}
    for path in SHOWN:
        name = next((each for each in lists if f"{{{each}}}" in path), "")
        yield from (path.replace(f"{{{name}}}", value) for value in lists[name]) if name else (path,)


async def forms(abroad: Abroad, name: str) -> list[Any]:
    """Every form that one of theirs is shown, filled in."""
    client, found = await abroad.site.client(name), []
    for path in pages(abroad):
        answer = await client.get(path)
        if answer.status_code == 200:
            found += Forms(path.partition("?")[0], answer.text).found
    for each in found:
        said = [name for name, value in each.fields.items() if value in (CANARY, HIDDEN, UNSEEN)]
        each.fields |= {word: TYPED.get(word, "") for word in (*each.words, *said)}
        each.fields.pop("form_token", None)
    return found


async def sent(abroad: Abroad, name: str, found: list[Any]) -> dict[str, set[int]]:
    """The statuses of the forms' answers by where they go; nothing in them is another's."""
    client, statuses = await abroad.site.client(name), dict[str, set[int]]()
    client.timeout = httpx.Timeout(60)
    token = TOKEN.search((await client.get("/sessions")).text)
    assert token
    for form in found:
        data = {**form.fields, "form_token": token[1]}
        answer = await client.post(form.action, data=data)
        statuses.setdefault(route(form.action), set()).add(answer.status_code)
        if name in OWN:
            told = () if form.action in OFFERS else (CANARY,)
            assert not {word for word in (HIDDEN, UNSEEN, *told) if word in answer.text}, form.action
    return statuses


def route(path: str) -> str:
    """The page of the table that takes a form."""
    return next(each for each, _, take in PAGES if take and re.fullmatch(re.sub("{[^}]+}", "[^/]+", each), path))


UNSHOWN = {
    "/administration/bodies/new",
    "/administration/bodies/{code}",
    "/administration/bodies/{code}/state",
    "/administration/areas/new",
    "/administration/rooms/{code}/access/{rule}/end",
    "/account/app-passwords/{number}/revoke",
    "/duties/appointments/{number}",
    "/duties/take-back/{login}",
}
"""Pages whose forms the other body's people aren't shown here: none has left, is appointed, founds areas or governs."""


ENDING = ("/duties/off-board",)
"""What would end the other body's own people; it asks all doors to say when they have closed, which takes its time."""
WORKING = {
    "/people/entry/{login}",
    "/people/units",
    "/duties/proposals/{number}",
    "/duties/role",
    "/directory/liaison-officers/{number}",
}
WORKING |= {"/people/entry/{login}/act", "/people/units/{code}", "/duties/hand-overs/{number}", "/people/review"}
WORKING |= {"/administration/areas/{code}", "/administration/rooms/{code}", "/administration/rooms/{code}/access"}
"""Some of the pages whose forms do something when the other body's own people send them."""


async def test_no_form_of_another_body_does_anything(abroad: Abroad) -> None:
    found = [form for name in THEIRS for form in await forms(abroad, name) if not form.action.startswith("/sign-out")]
    reached = {route(form.action) for form in found} | {*OWN_ALONE}
    assert {path for path, _, take in PAGES if take} - reached == UNSHOWN
    before = await abroad.rows()
    for name in OWN:
        await sent(abroad, name, found)
        assert await abroad.rows() == before
    works = [await sent(abroad, name, [each for each in found if each.action not in ENDING]) for name in THEIRS]
    assert {path for each in works for path, statuses in each.items() if statuses & {200, 303}} >= WORKING
