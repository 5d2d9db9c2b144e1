"""Every route of SCIM, as its server has them, with every id of another body: nothing is read, nothing is written.

The same by /Bulk, for each method that it takes. The body's own token does something by the same requests.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from foreign import CANARY, HIDDEN
from foreign_site import UNSEEN
from scim2_models import BulkOperation
from scim2_server.routing import ROUTES

from connectors.web.scim.names import person_id, unit_id
from connectors.web.scim.place import PATH
from connectors.web.scim.service import make_provider
from connectors.web.scim.written import UNSAID

if TYPE_CHECKING:
    from collections.abc import Iterator

    from foreign import Side
    from foreign_site import Abroad

pytestmark = pytest.mark.anyio
TYPES = {each.endpoint.strip("/"): each for each in make_provider().resource_types}
MESSAGES = "urn:ietf:params:scim:api:messages:2.0"
FILTERS = ("", f'displayName co "{CANARY[:4]}"', f'displayName co "{UNSEEN[:4]}"', f'externalId sw "{HIDDEN[:4]}"')
Asked = tuple[str, str, Any]


def ids(endpoint: str, side: Side) -> list[str]:
    """As SCIM calls what there is of a body."""
    known = {"Users": [person_id(each) for each in side.officials], "Groups": [unit_id(each) for each in side.units]}
    return known[endpoint]


def body(endpoint: str, method: str, side: Side) -> dict[str, Any]:
    """The least that a method takes."""
    if method == "PATCH":
        change = {"op": "replace", "path": "displayName", "value": "Mine"}
        return {"schemas": [f"{MESSAGES}:PatchOp"], "Operations": [change]}
    made: dict[str, Any] = {"schemas": [TYPES[endpoint].schema_], "displayName": "Mine"}
    return made | (
        {"userName": side.logins[0], "active": True} if endpoint == "Users" else {"members": [{"value": person_id(1)}]}
    )


def everything(side: Side) -> Iterator[Asked]:
    """Each route that is about a resource, with each endpoint and each id: method, path, and what is sent."""
    for route in ROUTES:
        for endpoint in TYPES if "{endpoint}" in route.pattern else ("",):
            path = route.pattern.replace("{endpoint}", endpoint)
            if "{resource_id}" in path and endpoint:
                sent = None if route.method in ("GET", "DELETE") else body(endpoint, route.method, side)
                yield from ((route.method, path.replace("{resource_id}", each), sent) for each in ids(endpoint, side))
            elif route.pattern.endswith(".search"):
                yield from (
                    (route.method, path, {"schemas": [f"{MESSAGES}:SearchRequest"]} | _filter(f)) for f in FILTERS
                )
            elif route.method == "POST" and endpoint:
                yield route.method, path, body(endpoint, "POST", side)
            elif route.operation.name == "search":
                yield from ((route.method, f"{path}?{httpx.QueryParams(_filter(f))}", None) for f in FILTERS)
            elif route.operation.name == "bulk":
                yield from ((route.method, path, bulk(each, side)) for each in BulkOperation.Method)
            elif "{resource_id}" not in path:
                yield route.method, path, None


def _filter(text: str) -> dict[str, str]:
    return {"filter": text} if text else {}


def bulk(method: BulkOperation.Method, side: Side) -> dict[str, Any]:
    """One method on all there is, in one request."""
    word, operations = method.value, list[dict[str, Any]]()
    for endpoint in TYPES:
        paths = [f"/{endpoint}"] if word == "POST" else [f"/{endpoint}/{each}" for each in ids(endpoint, side)]
        data = {} if word == "DELETE" else {"data": body(endpoint, word, side)}
        operations += [{"method": word, "path": path, "bulkId": path, **data} for path in paths]
    return {"schemas": [f"{MESSAGES}:BulkRequest"], "Operations": operations}


async def asked(abroad: Abroad, code: str, requests: Iterator[Asked]) -> list[tuple[Asked, httpx.Response]]:
    """What a body's token is answered."""
    _, token = await abroad.site.groupware.provisioning.issue(code, "test", 30)
    client = await abroad.site.client()
    client.timeout = httpx.Timeout(60)
    client.headers.update({"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"})
    return [(each, await client.request(each[0], PATH + each[1], json=each[2])) for each in requests]


async def test_no_route_reads_or_writes_anything_of_another_body(abroad: Abroad) -> None:
    before = await abroad.rows()
    answers = await asked(abroad, abroad.own.code, everything(abroad.other))
    assert await abroad.rows() == before
    for (method, path, _), answer in answers:
        assert not {word for word in (CANARY, HIDDEN, UNSEEN) if word in answer.text}, (method, path)
        assert answer.status_code < 500 or path == "/Me", (method, path, answer.text)
        if any(path == f"/{endpoint}/{each}" for endpoint in TYPES for each in ids(endpoint, abroad.other)):
            assert answer.status_code == 404, (method, path)
        if path == "/Bulk":
            statuses = {each["status"] for each in answer.json()["Operations"] if each["method"] != "POST"}
            # a PUT in a bulk that leaves out an extension is malformed, whomever it is about
            assert statuses <= {"400", "404"}, answer.text


async def test_the_same_requests_do_something_for_the_body_itself(abroad: Abroad) -> None:
    kept = (each for each in everything(abroad.other) if "DELETE" not in str(each))
    answers = await asked(abroad, abroad.other.code, kept)
    text = "\n".join(answer.text for _, answer in answers)
    assert CANARY in text
    assert UNSEEN in text
    done = {(method, path.split("/")[1]) for (method, path, _), answer in answers if answer.is_success}
    assert done >= {(method, endpoint) for endpoint in TYPES for method in ("GET", "PUT", "PATCH")}


METHODS = ("PUT", "PATCH", "DELETE")
ABSENT = 999_999
Answered = dict[tuple[str, str], list[Any]]


def whole(endpoint: str, method: str, side: Side) -> dict[str, Any]:
    """What nothing is wrong with: every part that a bulk asks for, of the very body."""
    made = body(endpoint, method, side)
    if method == "PATCH":
        return made
    if endpoint == "Groups":
        return {**made, "members": [{"value": person_id(side.officials[0])}]}
    parts = {
        urn: {**part, "department": side.unit_codes[0]} if "department" in part else part
        for urn, part in UNSAID.items()
    }
    return {**made, "schemas": [*made["schemas"], *parts], **parts}


async def in_bulk(abroad: Abroad, code: str, named: dict[str, list[str]]) -> Answered:
    """Each method on each of these, by a body's token: the outcomes, without the ids that they name."""
    found: Answered = {}
    for method in METHODS:
        operations = [
            {"method": method, "path": f"/{endpoint}/{each}", "bulkId": each}
            | ({} if method == "DELETE" else {"data": whole(endpoint, method, abroad.other)})
            for endpoint, ids in named.items()
            for each in ids
        ]
        sent = {"schemas": [f"{MESSAGES}:BulkRequest"], "Operations": operations}
        ((_, answer),) = await asked(abroad, code, iter([("POST", "/Bulk", sent)]))
        for asking, outcome in zip(operations, answer.json()["Operations"], strict=True):
            word = outcome.pop("bulkId", asking["bulkId"])
            kept = found.setdefault((method, str(asking["path"]).split("/")[1]), [])
            kept.append(json.loads(json.dumps(outcome).replace(str(word), "ID")))
    return found


async def test_in_bulk_what_is_anothers_is_as_absent(abroad: Abroad) -> None:
    theirs = {endpoint: ids(endpoint, abroad.other) for endpoint in TYPES}
    nobodys = {"Users": [person_id(ABSENT)], "Groups": [unit_id(ABSENT)]}
    before = await abroad.rows()
    foreign, absent = [await in_bulk(abroad, abroad.own.code, each) for each in (theirs, nobodys)]
    assert await abroad.rows() == before
    assert {*foreign} == {(method, endpoint) for method in METHODS for endpoint in TYPES}
    for key, (nothing,) in absent.items():
        assert nothing["status"] == "404", (key, nothing)
        assert all(each == nothing for each in foreign[key]), key
    own = await in_bulk(abroad, abroad.other.code, theirs)
    assert all(any(each["status"] in ("200", "204") for each in outcomes) for outcomes in own.values()), own
