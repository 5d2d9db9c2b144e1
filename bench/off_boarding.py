"""Off-boarding with six open sessions, under load: how long after the decision each had ended, as its client saw it.

Two IMAP clients in IDLE, a Matrix client in /sync, a live page, a plain page, a mail client that has signed in; a
moderator posts to the same room all the while. Goal: <= 2 s to the last, and nothing of a later post.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

import serving
from six_sessions import DOORS, Load, Six, off_board, who_may_leave

ROUNDS = 20


def main() -> None:
    with tempfile.TemporaryDirectory() as place:
        server = serving.start(Path(place) / "demo")
        try:
            measure(server)
        finally:
            server.kill()


def measure(server: serving.Server) -> None:
    people = who_may_leave(server)[:ROUNDS]
    took: dict[str, list[float]] = {name: [] for name in DOORS}
    leaks = 0
    for person in people:
        area = person["areas"][0]
        six = Six(server, person, area)
        with Load(server, server.who(area=area, role="moderator"), area) as load:
            six.begin()
            six.open()
            left = off_board(server, person["login"])[0]["at"]
            six.wait()
        leaks += len(six.leaks(load, left))
        for name in DOORS:
            took[name].append((six.watches[name].ended - left) / 1e6)
    for name, seconds in took.items():
        print(f"{name:<12} median {statistics.median(seconds):.3f} s, slowest {max(seconds):.3f} s")
    last = [max(took[name][number] for name in DOORS) for number in range(len(people))]
    print(
        f"last of six   median {statistics.median(last):.3f} s, slowest {max(last):.3f} s; goal <= 2 s; n={len(last)}"
    )
    print(f"messages that came too late: {leaks}; goal 0")


main()
