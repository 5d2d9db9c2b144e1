"""The protocol, as scim2-server has it, with what we bound, prepare and answer otherwise."""

from __future__ import annotations

import json
import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError
from scim2_models import (
    AuthenticationScheme,
    Bulk,
    ChangePassword,
    Context,
    ETag,
    Filter,
    InvalidSyntaxException,
    InvalidValueException,
    Patch,
    ResourceType,
    SCIMException,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
)
from scim2_server.responses import ScimResponse
from scim2_server.service import ScimService, scim_exception_of

from connectors.web.scim import bounds, groups, plain, users, written
from connectors.web.scim.resources import EnterpriseUser, FullUser, Group, Official, User
from groupware.provisioning.person import Person

if TYPE_CHECKING:
    from scim2_models import PatchOp, Resource, ResponseParameters, SearchRequest
    from scim2_server.bulk import BulkPlan
    from scim2_server.conditions import Conditions
    from scim2_server.storage import SearchPage

    from groupware.provisioning.unit import Unit

log = logging.getLogger("iconet.scim")
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=True, max_operations=bounds.BULK, max_payload_size=bounds.BODY),
    filter=Filter(supported=True, max_results=bounds.PAGE),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token of one body, made by the operator: iconet scim-token add --body CODE",
            primary=True,
        )
    ],
)
POLICY = ScimPolicy(
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""As the widespread clients write their PATCH; both leave no doubt about what is meant."""


def make_provider() -> ScimProvider:
    """What is told of us, and how strict we are."""
    types = [ResourceType.from_resource(FullUser), ResourceType.from_resource(Group)]
    return ScimProvider([User, EnterpriseUser, Official, Group], types, CONFIG, POLICY)


class Service(ScimService):
    """One for all tokens: it knows of no body."""

    def read_creation(self, resource_type: ResourceType, body: bytes, content_type: str | None) -> Resource[Any]:
        """RFC 7644 3.3, with what is usual where the client says nothing."""
        self.ensure_json(content_type)
        payload = written.prepared(_decoded(body), new=True)
        resource = super().read_creation(resource_type, written.whole(payload), content_type)
        written.leave_unsaid(resource, payload)
        return resource

    def read_replacement(self, resource_type: ResourceType, body: bytes, content_type: str | None) -> Resource[Any]:
        """RFC 7644 3.5.1; an extension that isn't mentioned stays as it is."""
        self.ensure_json(content_type)
        payload = written.prepared(_decoded(body), new=False)
        resource = super().read_replacement(resource_type, written.whole(payload), content_type)
        written.leave_unsaid(resource, payload)
        return resource

    def read_patch(self, resource_type: ResourceType, body: bytes, content_type: str | None) -> PatchOp[Any]:
        """RFC 7644 3.5.2, within bounds."""
        self.ensure_json(content_type)
        bounds.check_patch(_decoded(body))
        return super().read_patch(resource_type, body, content_type)

    def read_search(
        self,
        resource_types: list[ResourceType],
        payload: Any,  # noqa: ANN401 -- any JSON
    ) -> tuple[SearchRequest[Any], Any]:
        """RFC 7644 3.4.2, within bounds."""
        if isinstance(payload, dict):
            bounds.check_filter(next((payload[key] for key in payload if key.lower() == "filter"), None))
        return super().read_search(resource_types, payload)

    def read_bulk(self, body: bytes, content_type: str | None) -> BulkPlan:
        """RFC 7644 3.7, with what is usual where the client says nothing."""
        self.ensure_json(content_type)
        payload = _decoded(body)
        if isinstance(payload, dict):
            payload = {key: _each_in_bulk(key, value) for key, value in payload.items()}
        return super().read_bulk(json.dumps(payload, ensure_ascii=False).encode(errors="replace"), content_type)

    def bulk_failure(self, outcome: dict[str, Any], exception: Exception) -> dict[str, Any]:
        """A fault of ours is in the log, too."""
        if not isinstance(exception, SCIMException):
            log.error("bulk-operation-failed", exc_info=exception)
        return super().bulk_failure(outcome, exception)

    def apply_patch(
        self, current: Resource[Any], patch_op: PatchOp[Any], conditions: Conditions
    ) -> Resource[Any] | None:
        """RFC 7644 3.5.2. Whoever isn't in service stays as they are, unless the client says what `active` is to be.

        Somebody suspended by hand is shown as not active, so that "false" would seem to change nothing.
        """
        away = isinstance(current, User) and current.active is False
        if away:
            cast("Any", current).active = None
        try:
            patched = super().apply_patch(current, patch_op, conditions)
        except InvalidValueException as error:
            if isinstance(error.__cause__, ValidationError):  # whose text is of models, not of SCIM
                raise scim_exception_of(error.__cause__) from error
            raise
        if away and patched is None:
            cast("Any", current).active = False
        return patched

    def patch_response(
        self, base_url: str, resource: Resource[Any], response_parameters: ResponseParameters[Any]
    ) -> ScimResponse:
        """RFC 7644 3.5.2: 200 with the entry as it is now, since it may be otherwise than was asked."""
        published = self.publish(base_url, resource)
        return self.resource_response(published, Context.RESOURCE_PATCH_RESPONSE, response_parameters)

    def search_response(
        self,
        base_url: str,
        resource_types: list[ResourceType],  # noqa: ARG002 -- the library's signature
        page: SearchPage,
        search_request: SearchRequest[Any],
    ) -> ScimResponse:
        """RFC 7644 3.4.2; whole entries are written straight from the directory's values, which is much quicker."""
        entries = cast("list[Person | Unit]", page.resources)
        found = [self._listed(base_url, each, search_request) for each in entries]
        body = {
            "schemas": [LIST],
            "totalResults": page.total,
            "startIndex": search_request.start_index,
            "itemsPerPage": len(found),
            "Resources": found,
        }
        return ScimResponse(HTTPStatus.OK, body)

    def _listed(self, base_url: str, entry: Person | Unit, asked: SearchRequest[Any]) -> dict[str, Any]:
        if not (asked.attributes or asked.excluded_attributes):
            return plain.user(entry, base_url) if isinstance(entry, Person) else plain.group(entry, base_url)
        published = self.publish(base_url, users.user(entry) if isinstance(entry, Person) else groups.group(entry))
        return published.model_dump(scim_ctx=Context.RESOURCE_QUERY_RESPONSE, response_parameters=asked)


def _each_in_bulk(key: str, value: Any) -> Any:  # noqa: ANN401 -- any JSON
    is_list = key.lower() == "operations" and isinstance(value, list)
    return [written.in_bulk(each) for each in value] if is_list else value


def _decoded(body: bytes) -> Any:  # noqa: ANN401 -- any JSON
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidSyntaxException(detail="the body is no JSON") from error
