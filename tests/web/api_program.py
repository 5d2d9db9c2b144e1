"""Programs that use the API, and whether what they are answered is as its OpenAPI document says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from town import DOMAIN, app_password

from connectors.web.api.openapi import document
from connectors.web.api.routes import OPERATIONS
from groupware.web_sessions import Start

if TYPE_CHECKING:
    import httpx
    from web_site import Site

DOCUMENT = document(OPERATIONS)


async def administrator(site: Site, name: str) -> httpx.AsyncClient:
    """A program with a session that somebody made for it in the portal."""
    client = await site.client()
    del client.headers["Sec-Fetch-Site"]
    client.headers["Authorization"] = f"Bearer {await site.session(name, Start(program=True))}"
    return client


async def program(site: Site, name: str, *, address: bool = False) -> httpx.AsyncClient:
    """A client that signs in with every request."""
    client = await site.client()
    secret = await app_password(site.groupware, site.town, name)
    client.auth = (f"{name}@{DOMAIN}" if address else name, secret)
    del client.headers["Sec-Fetch-Site"]
    return client


def fits(value: Any, schema: Any) -> bool:  # noqa: ANN401 -- whatever JSON says
    """Whether a JSON value fits the few words of JSON Schema that the document uses."""
    if "$ref" in schema:
        return fits(value, DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]])
    if schema["type"] == "array":
        return isinstance(value, list) and all(fits(each, schema["items"]) for each in value)
    if schema["type"] == "object":
        known = schema["properties"]
        return set(schema["required"]) <= set(value) <= set(known) and all(fits(value[n], known[n]) for n in value)
    kinds = {"string": str, "boolean": bool, "integer": int}
    return isinstance(value, kinds[schema["type"]]) and value in schema.get("enum", [value])


def described(path: str, answer: httpx.Response) -> httpx.Response:
    """The answer, once it is as the document describes it."""
    operation = DOCUMENT["paths"][path][answer.request.method.lower()]
    content = operation["responses"][str(answer.status_code)]["content"]
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in content
    if kind == "application/json":
        assert fits(answer.json(), content[kind]["schema"]), answer.text
    return answer
