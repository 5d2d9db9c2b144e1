"""The operations for one token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scim2_models import PreconditionFailedException
from scim2_server.handler import AsyncScimHandler

from connectors.web.scim.resources import EnterpriseUser

if TYPE_CHECKING:
    from scim2_models import PatchOp, Resource, ResourceType
    from scim2_server.conditions import Conditions
    from scim2_server.requests import ScimRequest
    from scim2_server.responses import ScimResponse

    from connectors.web.scim.service import Service
    from connectors.web.scim.storage import Storage

TRIES = 5
"""Of a PATCH that names no version and meets another writer each time."""


class Handler(AsyncScimHandler):
    """scim2-server's, with patience, and with the body's own units in what it tells of schemas."""

    def __init__(self, service: Service, storage: Storage) -> None:
        super().__init__(service, storage)
        self._departments = storage.departments

    async def patch_resource(
        self, resource_type: ResourceType, resource_id: str, patch_op: PatchOp[Any], conditions: Conditions
    ) -> Resource[Any]:
        """A PATCH says what to change, whatever the version: with no version named, it is applied to the newest."""
        tries = 1 if conditions.if_match else TRIES
        while True:
            tries -= 1
            try:
                return await super().patch_resource(resource_type, resource_id, patch_op, conditions)
            except PreconditionFailedException:
                if not tries:
                    raise

    async def schemas(self, request: ScimRequest) -> ScimResponse:
        """RFC 7644 4."""
        response = await super().schemas(request)
        for schema in (response.body or {}).get("Resources", ()):
            await self._name_units(schema)
        return response

    async def schema(self, request: ScimRequest) -> ScimResponse:
        """RFC 7644 4."""
        response = await super().schema(request)
        await self._name_units(response.body or {})
        return response

    async def _name_units(self, schema: dict[str, Any]) -> None:
        """The units that there are, where a department is described (RFC 7643 7, canonicalValues)."""
        if schema.get("id") != str(EnterpriseUser.__schema__):
            return
        departments = await self._departments()
        for attribute in schema["attributes"]:
            if attribute["name"] == "department":
                attribute["canonicalValues"] = departments
