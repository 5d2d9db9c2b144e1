"""What clients write of an entry, put into the form in which it is validated.

They may leave out what is usual, send what is passed over, and write a login with a mail domain behind it.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from connectors.web.scim import bounds
from connectors.web.scim.resources import EnterpriseUser, Official

if TYPE_CHECKING:
    from scim2_models import Resource

PASSED_OVER = frozenset({"id", "meta", "emails", "groups", "roles", "entitlements"})
"""What is read-only (RFC 7643 2.2), however it is written."""
NO_UNIT = "-"
"""Instead of a unit's code: none was named."""
UNSAID = {str(EnterpriseUser.__schema__): {"department": NO_UNIT}, str(Official.__schema__): {"listed": True}}
"""What stands for an extension that wasn't mentioned while the rest is validated."""
_FIELDS = {str(EnterpriseUser.__schema__): "EnterpriseUser", str(Official.__schema__): "Official"}


def prepared(payload: Any, *, new: bool) -> Any:  # noqa: ANN401 -- any JSON
    """The same without what is passed over; a new user has a name and is active unless it says otherwise."""
    if not isinstance(payload, dict):
        return payload
    payload = {key: value for key, value in payload.items() if key not in PASSED_OVER}
    if isinstance(payload.get("phoneNumbers"), list):
        payload["phoneNumbers"] = [_phone(each) for each in payload["phoneNumbers"]]
    if isinstance(payload.get("userName"), str):
        payload["userName"] = login(payload["userName"])
        usual = {"active": True, "displayName": _called(payload)} if new else {}
        payload = {**usual, **payload}
    listed = payload.get(str(Official.__schema__))
    if isinstance(listed, dict):
        payload[str(Official.__schema__)] = {"listed": True, **listed}
    return payload


def whole(payload: Any) -> bytes:  # noqa: ANN401 -- any JSON
    """With both extensions, for the validation, which asks for them."""
    return json.dumps({**UNSAID, **payload} if _is_user(payload) else payload).encode()


def in_bulk(operation: Any) -> Any:  # noqa: ANN401 -- any JSON
    """An operation of a bulk request (RFC 7644 3.7) with its data put into the same form."""
    data = operation.get("data") if isinstance(operation, dict) else None
    method = str(operation.get("method")).upper() if isinstance(operation, dict) else ""
    if not isinstance(data, dict):
        return operation
    if method == "PATCH":
        bounds.check_patch(data)
        return operation
    data = prepared(data, new=method == "POST")
    return {**operation, "data": {**UNSAID, **data} if method == "POST" and _is_user(data) else data}


def leave_unsaid(model: Resource[Any], payload: Any) -> None:  # noqa: ANN401 -- any JSON
    """Take what stands for an extension that wasn't mentioned out of the validated entry."""
    if _is_user(payload):
        for urn in UNSAID.keys() - payload.keys():
            setattr(model, _FIELDS[urn], None)


def login(name: str) -> str:
    """A userName as it is kept: what stands before the @, if there is one, in small letters."""
    return name.partition("@")[0].lower()


def _is_user(payload: Any) -> bool:  # noqa: ANN401 -- any JSON
    return isinstance(payload, dict) and "userName" in payload


def _phone(entry: Any) -> Any:  # noqa: ANN401 -- any JSON
    """RFC 7643 2.4: `primary` and `display` say nothing where there is one of each type."""
    if not isinstance(entry, dict):
        return entry
    return {key: value for key, value in entry.items() if key not in {"primary", "display"}}


def _called(payload: dict[str, Any]) -> str:
    name = payload.get("name")
    parts = [name.get(part) for part in ("givenName", "familyName")] if isinstance(name, dict) else []
    return " ".join(part for part in parts if isinstance(part, str) and part) or payload["userName"]
