"""States and institutions, kept by programs of the body that governs them: the same acts as in the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from connectors.web.api.given import checked
from connectors.web.api.operation import (
    FLAG,
    NUMBER,
    TEXT,
    VERSION,
    WRITING,
    Operation,
    line,
    one_of,
    record,
    records,
    some,
)
from groupware.bodies.keeping import KINDS

if TYPE_CHECKING:
    from starlette.responses import Response

    from connectors.web.api.call import Call

LONGEST_CODE, LONGEST_NAME = 100, 500


async def listed(call: Call) -> Response:
    """All that the caller's body governs."""
    found = await call.groupware.bodies.governed(call.caller)
    return JSONResponse([{name: getattr(each, name) for name in _BODY} for each in found])


async def add(call: Call) -> Response:
    """A new one."""
    given = checked(await call.body(), _ADDED)
    kind = given.get("kind", KINDS[0])
    await call.groupware.bodies.add(call.caller, given["code"], given["name"], kind)
    return JSONResponse({"code": given["code"].strip().upper()})


async def rename(call: Call) -> Response:
    """Call it otherwise."""
    given = checked(await call.body(), _RENAMED)
    version = await call.groupware.bodies.rename(call.caller, call.path["code"], given["name"], given["version"])
    return JSONResponse({"version": version})


async def set_state(call: Call) -> Response:
    """Shut all of it out, or let them in again."""
    given, bodies = checked(await call.body(), _STATE), call.groupware.bodies
    act = bodies.suspend if given["suspended"] else bodies.resume
    return JSONResponse({"version": await act(call.caller, call.path["code"], given["version"])})


_BODY = {
    "code": TEXT,
    "name": TEXT,
    "kind": one_of(*KINDS),
    "authority": TEXT,
    "suspended": FLAG,
    "version": NUMBER,
    "units": NUMBER,
    "people": NUMBER,
    "attended": {"type": "boolean", "description": "It has a contact point in office."},
}
_ADDED = some(record(code=line(LONGEST_CODE), name=line(LONGEST_NAME)), kind=one_of(*KINDS))
_RENAMED = record(version=VERSION, name=line(LONGEST_NAME))
_STATE = record(version=VERSION, suspended=FLAG)
_VERSION = record(version=NUMBER)
OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/bodies", listed, "listBodies", "The states and institutions that the caller's body governs.",
              records(**_BODY), strong=True),
    Operation("POST", "/bodies", add, "addBody", "Add one that the caller's body governs.", record(code=TEXT),
              WRITING, _ADDED, strong=True),
    Operation("PATCH", "/bodies/{code}", rename, "renameBody", "Call a body otherwise; its code stays.",
              _VERSION, WRITING, _RENAMED, strong=True),
    Operation("PUT", "/bodies/{code}/state", set_state, "setBodyState",
              "Shut out all officials of a body at once, or let them in again.", _VERSION, WRITING, _STATE,
              strong=True),
)  # fmt: skip
"""As connectors.web.api.routes'."""
