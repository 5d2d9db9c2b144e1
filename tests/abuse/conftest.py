"""One running demo for all the abuse of a module."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from serving import Server, start

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, planted: Path) -> Iterator[Server]:
    """Started once a module, and stopped cleanly whatever was done to it."""
    running = start(tmp_path_factory.mktemp("abuse") / "demo", like=planted)
    yield running
    assert (running.stop() if running.process.poll() is None else running.process.returncode) == 0
    assert "Traceback" not in running.log()
