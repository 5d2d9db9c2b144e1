"""One running demo for all the abuse of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from serving import Server, start

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Started once a module, and stopped cleanly whatever was done to it."""
    running = start(tmp_path_factory.mktemp("abuse") / "demo")
    yield running
    assert (running.stop() if running.process.poll() is None else running.process.returncode) == 0
    assert "Traceback" not in running.log()
