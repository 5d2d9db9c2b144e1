"""What this process is granted is what it takes, in a process of its own."""

from __future__ import annotations

import subprocess
import sys

ASK = """
import resource
from connectors import descriptors
_, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(256, hard), min(hard, 4096)))
descriptors.take()
print(*resource.getrlimit(resource.RLIMIT_NOFILE))
"""


def test_as_many_as_are_granted_are_taken() -> None:
    said = subprocess.run([sys.executable, "-c", ASK], check=True, capture_output=True, text=True)
    assert said.stdout.split() == ["4096", "4096"]
