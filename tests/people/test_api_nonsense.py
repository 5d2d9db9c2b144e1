"""No operation of the API fails over what no store can keep: half characters, NULs and endless numbers are refused."""

from __future__ import annotations

import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest
from web_site import send

from connectors.web.api.routes import OPERATIONS
from groupware.people.facade import People

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx
    from web_site import Site

    from connectors.web.api.operation import Operation

pytestmark = pytest.mark.anyio
WRITING = [each for each in OPERATIONS if each.method in ("POST", "PATCH", "PUT", "DELETE")]
BAD: tuple[Any, ...] = ("\ud800", "a\0b", 10**40 - 1, 2**63)
ODD: tuple[Any, ...] = (2**63 - 1, -(2**63) + 1, "\U0010ffff", "9" * 5000, None)
CLARAS = {"login": "anna", "code": "u"}


async def program(site: Site) -> httpx.AsyncClient:
    page = await send(await site.client("clara"), "/people/programs")
    found = re.search(r'value="([\w-]{43})"', page.text)
    assert found
    client = await site.client()
    client.headers["Authorization"] = f"Bearer {found[1]}"
    return client


def usual(schema: Any) -> Any:  # noqa: ANN401 -- any JSON
    """A value as the schema wants it."""
    if "enum" in schema:
        return schema["enum"][0]
    if schema.get("type") == "object":
        return {name: usual(inner) for name, inner in schema.get("properties", {}).items()}
    if schema.get("type") == "array":
        return [usual(schema["items"])]
    return {"integer": 1, "boolean": True}.get(schema.get("type", ""), "x")


def spoilt(value: Any, bad: Any) -> Iterator[Any]:  # noqa: ANN401 -- any JSON
    """The value with one place after the other spoilt."""
    yield bad
    places = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for place, inner in places:
        for worse in spoilt(inner, bad):
            if isinstance(value, dict):
                yield {**value, place: worse}
            else:
                yield [*value[:place], worse, *value[place + 1 :]]


def path_of(operation: Operation) -> str:
    return "/api" + re.sub(r"{(\w+)}", lambda name: CLARAS.get(name[1], "1"), operation.path)


@pytest.mark.parametrize("operation", WRITING, ids=lambda each: each.name)
async def test_what_no_store_can_keep_is_refused(kept: Site, operation: Operation) -> None:
    client, path, schema = await program(kept), path_of(operation), operation.takes or {}
    for bad in BAD + ODD if operation.media[0] == "application/json" else ():
        for body in spoilt(usual(schema), bad):
            octets = json.dumps(body).encode()
            answer = await client.request(
                operation.method, path, content=octets, headers={"Content-Type": "application/json"}
            )
            assert answer.status_code < 500, (path, octets[:200], answer.text)
            if bad in BAD and operation.takes and answer.status_code not in (404, 409):
                assert answer.status_code == 422, (octets[:200], answer.text)
    for query in ("body=a%00b", "digest=%00", "a%00=b", f"version={'9' * 40}", "body=%ed%a0%80"):
        headers = {"Content-Type": operation.media[0]}
        answer = await client.request(operation.method, f"{path}?{query}", content=b"a\0b", headers=headers)
        assert answer.status_code < 500, (path, query, answer.text)
    assert (await client.request(operation.method, re.sub(r"[^/]+$", "%00", path))).status_code < 500


async def test_the_refusal_names_the_field(kept: Site) -> None:
    client = await program(kept)
    for given, named in (({"login": "x", "entry": {"name": "\ud800"}}, "entry.name"), ({"\0": 1}, "\\x00")):
        octets = json.dumps(given).encode()
        answer = await client.post("/api/people", content=octets, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()["error"]) == (422, "bad-value")
        assert named in answer.json()["detail"]
    asked = await client.get("/api/people?body=a%00")
    assert (asked.status_code, asked.json()["detail"].startswith("body ")) == (422, True)


async def test_a_fault_of_ours_is_told_in_json_and_logged_once(
    kept: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = await program(kept)

    async def fails(*_asked: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(People, "entries", fails)
    with caplog.at_level(logging.ERROR):
        answer = await client.get("/api/people")
    assert (answer.status_code, answer.json()["error"]) == (500, "internal-server-error")
    causes = [each.exc_info[0] for each in caplog.records if each.exc_info]
    assert causes == [ZeroDivisionError]
    page = await (await kept.client("clara")).get("/people")
    assert (page.status_code, "It has been noted" in page.text) == (500, True)
