"""One homeserver for all tests of it: its start takes three seconds."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from homeserver_world import World, started

from connectors.fault import Fault
from connectors.matrix.homeserver import program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from hall import Person


@pytest.fixture(scope="session")
def synapse() -> str:
    """Synapse's Python; where CI is set it has to be there."""
    try:
        return program("")
    except Fault as fault:
        if os.environ.get("CI"):
            pytest.fail(str(fault))
        pytest.skip(str(fault))


@pytest.fixture(scope="session")
async def world(synapse: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    assert synapse
    async with started(tmp_path_factory.mktemp("homeserver")) as world:
        yield world


@pytest.fixture
async def anna(world: World) -> Person:
    return await world.sign_in("anna")
