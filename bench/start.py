"""How long `iconet demo` takes until every door answers, and what that costs: on an empty directory, then once more.

python bench/start.py [--later 2]
"""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GOAL = 60
HERTZ = os.sysconf("SC_CLK_TCK")
AGAIN = 0.02


def costs() -> dict[int, tuple[int, float]]:
    """Each process's parent, and seconds of CPU with those of its children that have ended."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has ended meanwhile
            continue
        found[int(path.name)] = int(fields[1]), sum(map(int, fields[11:15])) / HERTZ
    return found


def whole(pid: int, known: dict[int, tuple[int, float]]) -> float:
    return known[pid][1] + sum(whole(child, known) for child, (parent, _) in known.items() if parent == pid)


def pss(pid: int) -> float:
    found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    assert found
    return int(found[1]) / 1024


def once(home: Path, name: str) -> None:
    endpoints, began = home / "endpoints.json", time.perf_counter()
    command = [sys.executable, "-m", "connectors.cli", "demo", "--data", str(home / "demo"), "--ports", "auto"]
    with (home / "log").open("a") as log:
        running = subprocess.Popen([*command, "--endpoints", str(endpoints)], stdout=log, stderr=log)
    while not endpoints.exists():
        assert running.poll() is None, (home / "log").read_text()
        time.sleep(AGAIN)
    seconds, known = time.perf_counter() - began, costs()
    own, all_of_them, memory = known[running.pid][1], whole(running.pid, known), pss(running.pid)
    running.send_signal(signal.SIGTERM)
    assert running.wait() == 0
    print(f"{name:>8} {seconds:9.1f} s {own:9.1f} s {all_of_them:9.1f} s {memory:9.0f} MiB", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--later", type=int, default=2)
    with tempfile.TemporaryDirectory() as place:
        print(f"{'start':>8} {'until told':>11} {'own CPU':>11} {'whole CPU':>11} {'own memory':>13}   goal {GOAL} s")
        once(Path(place), "first")
        for _ in range(parser.parse_args().later):
            once(Path(place), "later")
