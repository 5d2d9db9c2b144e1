"""The OpenAPI 3.1 document, made from the table of operations."""

from __future__ import annotations

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from connectors.web.faults import SENTENCES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from connectors.web.api.operation import Operation

VERSION = "1"
FAULT = {"$ref": "#/components/schemas/Fault"}
FAULT_SCHEMA = {
    "type": "object",
    "properties": {
        "error": {"type": "string", "description": "The name of the rule."},
        "detail": {"type": "string", "description": "A sentence for people."},
    },
    "required": ["error", "detail"],
    "additionalProperties": False,
}
STRONG = (
    "A strong sign-in, for programs that administer. Somebody who keeps entries or manages rooms signs in to the "
    "portal with a second step, opens /people/programs, confirms who they are, and makes a session for a program. Its "
    "token is shown once; the program sends it as `Authorization: Bearer TOKEN` (RFC 6750 2.1). The session ends after "
    "half an hour without use, after twelve hours, or when it is ended under /sessions. Operations that name only this "
    "scheme answer 403 admin-needs-strong-login to an app password."
)
"""The one place that says how a program signs in strongly."""
NOT_STRONG = f"The sign-in isn't strong (admin-needs-strong-login), or: {SENTENCES[403]}"
EVERYWHERE = (401, 403, 421, 503)
"""Faults that every operation can answer with."""
_NAMED = re.compile(r"{(\w+)}")


def document(operations: Iterable[Operation]) -> dict[str, Any]:
    """All of it, as JSON would have it."""
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _operation(operation)
    return {
        "openapi": "3.1.0",
        "info": {"title": "ICONet API", "version": VERSION, "license": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}},
        "servers": [{"url": "/api"}],
        "security": [{"appPassword": []}, {"session": []}],
        "paths": paths,
        "components": {
            "schemas": {"Fault": FAULT_SCHEMA},
            "securitySchemes": {
                "appPassword": {"type": "http", "scheme": "basic"},
                "session": {"type": "http", "scheme": "bearer", "description": STRONG},
            },
        },
    }


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": {"200": _given(operation)} | {str(status): _fault(status) for status in _faults(operation)},
    }
    if operation.strong:
        described["security"] = [{"session": []}]
        described["responses"]["403"]["description"] = NOT_STRONG
    if operation.takes:
        described["requestBody"] = {"required": True, "content": {operation.media[0]: {"schema": operation.takes}}}
    return described


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    names = _NAMED.findall(operation.path)
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in names]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    needed = HTTPStatus.UNPROCESSABLE_ENTITY in operation.answers and operation.takes is None
    return [
        {"name": name, "in": "query", "required": needed, "schema": dict(schema)}
        for name, schema in operation.query.items()
    ]


def _given(operation: Operation) -> dict[str, Any]:
    if operation.gives is None:
        return {"description": "The bytes.", "content": {operation.media[1]: {}}}
    return {"description": "Done.", "content": {"application/json": {"schema": operation.gives}}}


def _faults(operation: Operation) -> list[int]:
    """A query may say what no text is, whether it is needed or not."""
    asked = {HTTPStatus.UNPROCESSABLE_ENTITY.value} if operation.query else set()
    return sorted({*EVERYWHERE, *operation.answers, *asked})


def _fault(status: int) -> dict[str, Any]:
    sentence = SENTENCES.get(status, HTTPStatus(status).phrase)
    return {"description": sentence, "content": {"application/json": {"schema": FAULT}}}
