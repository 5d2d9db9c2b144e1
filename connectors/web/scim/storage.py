"""The directory of one body as scim2-server asks for it; each call is a use case of `groupware.provisioning`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scim2_models import InvalidCursorException, NotImplementedException
from scim2_server.storage import AsyncScimStorage, SearchPage

from connectors.web.scim import filters, groups, users
from connectors.web.scim.faults import told
from connectors.web.scim.names import number_of, version_of
from connectors.web.scim.resources import FullUser, Group
from groupware.provisioning.criteria import Search

if TYPE_CHECKING:
    from scim2_models import ResourceType, ResponseParameters, SearchRequest

    from groupware.provisioning.authority import Machine
    from groupware.provisioning.provisioning import Provisioning

Entry = Any
"""A FullUser or a Group: classes of the one kind are made while the program runs."""


class Storage(AsyncScimStorage):
    """For the requests of one token."""

    def __init__(self, provisioning: Provisioning, machine: Machine) -> None:
        self._provisioning = provisioning
        self._machine = machine

    async def get(
        self,
        resource_type: ResourceType,
        resource_id: str,
        *,
        response_parameters: ResponseParameters[Any] | None = None,  # noqa: ARG002 -- the protocol's
    ) -> Entry:
        """One entry. NotFoundException alike for another body's and none."""
        with told():
            if _is_user(resource_type):
                number = number_of("official", resource_id)
                return users.user(await self._provisioning.person(self._machine, number))
            return groups.group(await self._provisioning.unit(self._machine, number_of("unit", resource_id)))

    async def departments(self) -> list[str]:
        """What a user's department may be."""
        with told():
            return await self._provisioning.unit_codes(self._machine)

    async def search(
        self,
        resource_types: list[ResourceType],
        search_request: SearchRequest[Any],
        *,
        position: Any = None,  # noqa: ANN401 -- the protocol's
    ) -> SearchPage:
        """A page of one kind of entries, or of users and then groups (RFC 7644 3.4.2.1).

        They are the directory's own values: `Service.search_response` writes them.
        """
        if position is not None:
            raise InvalidCursorException
        if len(resource_types) > 1 and search_request.sort_by:
            raise NotImplementedException(detail="sortBy is for Users or for Groups")
        start, left = search_request.start_index_0 or 0, search_request.count or 0
        whole = SearchPage(0, [])
        for kind in resource_types:
            total, found = await self._page(
                kind, _search(kind, search_request, max(0, start - (whole.total or 0)), left)
            )
            left -= len(found)
            whole = SearchPage((whole.total or 0) + total, whole.resources + found)
        return whole

    async def _page(self, kind: ResourceType, search: Search) -> tuple[int, list[Entry]]:
        with told():
            found = self._provisioning.people if _is_user(kind) else self._provisioning.units
            total, entries = await found(self._machine, search)
            return total, list(entries)

    async def create(self, resource_type: ResourceType, resource: Entry) -> Entry:
        """A new entry of the body."""
        with told():
            if _is_user(resource_type):
                return users.user(await self._provisioning.designate(self._machine, users.wanted(resource)))
            return groups.group(await self._provisioning.found(self._machine, groups.wanted(resource)))

    async def update(
        self, resource_type: ResourceType, resource: Entry, *, expected_version: str | None = None
    ) -> Entry:
        """An entry written anew. PreconditionFailedException if it isn't of the version that it was made from."""
        version = version_of(expected_version)
        with told():
            if _is_user(resource_type):
                number, person = number_of("official", resource.id), users.wanted(resource)
                return users.user(await self._provisioning.change(self._machine, number, int(version), person))
            number, unit = number_of("unit", resource.id), groups.wanted(resource)
            return groups.group(await self._provisioning.reform(self._machine, number, version, unit))

    async def delete(
        self, resource_type: ResourceType, resource_id: str, *, expected_version: str | None = None
    ) -> None:
        """An official leaves, or a unit that owns nothing is closed."""
        version = version_of(expected_version)
        with told():
            if _is_user(resource_type):
                await self._provisioning.remove(self._machine, number_of("official", resource_id), int(version))
            else:
                await self._provisioning.close(self._machine, number_of("unit", resource_id), version)


def _is_user(resource_type: ResourceType) -> bool:
    return resource_type.name == "User"


def _search(kind: ResourceType, request: SearchRequest[Any], start: int, count: int) -> Search:
    words, model = (filters.USERS, FullUser) if _is_user(kind) else (filters.GROUPS, Group)
    return Search(
        criterion=filters.criterion(words, model, request.filter),
        start=start,
        count=count,
        sort=filters.sorted_by(words, request, model),
        descending=request.sort_order == request.SortOrder.descending,
    )
