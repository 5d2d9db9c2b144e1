"""Mutation score: small faults are put into the policies, their compiler and the monitor; quick tests must find them.

    python tests/mutation/mutants.py [--only PATH] [--kept FILE] [--again]

Prints the score of each file and what no test noticed; fails where a score is under 90 %. Decision 0033 has the reasons
for a runner of our own. With --kept, verdicts are kept in FILE, and what has one isn't tried again; with
--again, what survived is.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import sys
import tempfile
import traceback
from collections import defaultdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), *(str(ROOT / "tests" / part) for part in ("", "mutation", "policies", "groupware"))]
os.chdir(ROOT)
sys.dont_write_bytecode = True

import cedarpy  # noqa: F401  # what forked children need, loaded once; nothing of ours, which they may have changed
import pytest
import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite  # noqa: F401  # same
from equivalent import EQUIVALENT
from python_mutants import Mutant, mutants
from swapping import Instead, swap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

GOAL = 0.9
CPU_SECONDS = 60
TEXT = "policies/iconet.cedar"
COMPILER = tuple(sorted(str(path.relative_to(ROOT)) for path in (ROOT / "policies").glob("[!_]*.py")))
MONITOR = ("groupware/monitor.py",)
OF_POLICIES = (
    "test_trees.py",
    "test_shapes.py",
    "test_compiling.py",
    "test_words.py",
    "test_refused_texts.py",
    "test_fail_closed.py",
)
TESTS = {
    COMPILER: [*(f"tests/policies/{name}" for name in OF_POLICIES), "tests/mutation/one_small_world.py"],
    MONITOR: ["tests/groupware/test_monitor.py", "tests/groupware/test_attacks_memo.py"],
}
FIRST = ["--noconftest", *(f"tests/policies/{name}" for name in ("test_words.py", "test_shapes.py", "test_trees.py"))]
"""For faults outside of functions, for which all is imported anew: these need little of it, and find most."""
ARGUMENTS = ["-p", "no:cacheprovider", "-p", "no:xdist", "-q", "-s", "-x", "-k", "not postgresql", "-o", "timeout=60"]


class Verdicts:
    """What became of each mutant, in a file that forked children write, too."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.file.touch()

    def add(self, name: str, verdict: str) -> None:
        with self.file.open("a") as out:
            print(json.dumps([name, verdict]), file=out)

    def forget(self, verdict: str) -> None:
        """Have those tried again."""
        kept = [[name, found] for name, found in self.all().items() if found != verdict]
        self.file.write_text("".join(json.dumps(line) + "\n" for line in kept))

    def all(self) -> dict[str, str]:
        return dict(map(json.loads, self.file.read_text().splitlines()))


def forked(child: Callable[[], bool]) -> bool:
    """Whether a child finds a fault: it says so, or does not come to an end."""
    pid = os.fork()
    if pid == 0:
        resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        found = True
        try:
            found = child()
        finally:
            os._exit(int(found))
    return os.waitpid(pid, 0)[1] != 0


class Session:
    """A pytest plugin: collects once, sees that all is well, and then tries each mutant in a child of its own."""

    def __init__(self, todo: Sequence[Mutant], verdicts: Verdicts, order: Sequence[str]) -> None:
        self.todo, self.verdicts, self.order = todo, verdicts, order

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = sorted(session.items, key=lambda item: self.order.index(str(item.path.relative_to(ROOT))))
        self.run(session, items)
        if session.testsfailed:
            raise session.Failed("the tests fail before anything is changed")
        for mutant in self.todo:
            verdict, killer = self.judge(session, items, mutant)
            if killer is not None:
                items.insert(0, items.pop(killer))
            self.verdicts.add(mutant.name, verdict)
        return True

    @staticmethod
    def run(session: pytest.Session, items: Sequence[pytest.Item]) -> int | None:
        """Which item fails first."""
        session._setupstate.teardown_exact(items[0])
        for place, item in enumerate(items):
            following = items[place + 1] if place + 1 < len(items) else items[0]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            if session.testsfailed:
                return place
        return None

    def judge(self, session: pytest.Session, items: list[pytest.Item], mutant: Mutant) -> tuple[str, int | None]:
        source = (ROOT / mutant.file).read_text()
        module = sys.modules[module_name(mutant.file)]
        reading, writing = os.pipe()

        def child() -> bool:
            if not swap(module, source, mutant.source):
                os.write(writing, b"cold")
                return False
            place = self.run(session, items)
            os.write(writing, str("" if place is None else place).encode())
            return place is not None

        found = forked(child)
        os.close(writing)
        said = os.read(reading, 100).decode()
        os.close(reading)
        if said == "cold":
            return "cold", None
        return ("killed" if found else "survived"), (int(said) if said else None)


def module_name(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def hot(todo: Sequence[Mutant], verdicts: Verdicts, tests: Sequence[str]) -> None:
    """Those in functions: in a process that has imported everything."""
    if todo and forked_loud(lambda: pytest.main([*ARGUMENTS, *tests], plugins=[Session(todo, verdicts, tests)])):
        sys.exit("the tests could not be run")


def forked_loud(child: Callable[[], int]) -> bool:
    pid = os.fork()
    if pid == 0:
        failed = True
        try:
            failed = bool(child())
        except Exception:  # noqa: BLE001  # whatever it was is told: the child ends here
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            os._exit(int(failed))
    return os.waitpid(pid, 0)[1] != 0


def cold(todo: Iterable[Mutant], verdicts: Verdicts, tests: Sequence[str]) -> None:
    """Those in what is done at the import."""
    for mutant in todo:
        found = any(forked(partial(anew, mutant, arguments)) for arguments in (FIRST, tests))
        verdicts.add(mutant.name, "killed" if found else "survived")


def anew(mutant: Mutant, arguments: Sequence[str]) -> bool:
    """Whether tests fail where the module has other source from the beginning."""
    Instead(module_name(mutant.file), str(ROOT / mutant.file), mutant.source).install()
    return pytest.main([*ARGUMENTS, *arguments]) != 0


def text(verdicts: Verdicts, done: set[str]) -> bool:
    """Those in the policies' text."""
    from cedar_mutants import Mutator  # noqa: PLC0415  # ours: in a child
    from text_trial import Trial  # noqa: PLC0415  # same

    trial = Trial()
    todo = list(Mutator((ROOT / TEXT).read_text(), trial.policies.shapes).mutants())
    random.Random(1).shuffle(todo)  # what a run that is stopped has found says something about the rest
    for mutant in todo:
        if mutant.name not in done:
            verdicts.add(mutant.name, trial.verdict(mutant))
    return False


def known(verdicts: Verdicts) -> set[str]:
    return {name for name, verdict in verdicts.all().items() if verdict != "cold"} | EQUIVALENT.keys()


def report(verdicts: Verdicts, files: Sequence[str]) -> bool:
    """Print scores; whether each is good enough."""
    of_file: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, verdict in verdicts.all().items():
        if verdict != "refused" and name not in EQUIVALENT:
            of_file[name.split(" ")[0]].append((name, verdict))
    good = True
    for file in files:
        survivors = [name for name, verdict in of_file[file] if verdict != "killed"]
        tried = len(of_file[file])
        score = 1 - len(survivors) / tried if tried else 1.0
        good &= score >= GOAL
        print(f"{file:32} {tried - len(survivors):4} of {tried:4} found   {score:6.1%}   goal {GOAL:.0%}")
        for name in survivors:
            print(f"    not found: {name}")
    return good


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--only", action="append")
    parser.add_argument("--kept", type=Path)
    parser.add_argument("--again", action="store_true")
    asked = parser.parse_args()
    files = asked.only or [*COMPILER, *MONITOR, TEXT]
    with tempfile.TemporaryDirectory() as place:
        verdicts = Verdicts(asked.kept or Path(place) / "verdicts")
        if asked.again:
            verdicts.forget("survived")
        try_all(files, verdicts)
        sys.exit(not report(verdicts, files))


def try_all(files: Sequence[str], verdicts: Verdicts) -> None:
    for group, tests in TESTS.items():
        done = known(verdicts)
        found = [m for file in group if file in files for m in mutants(file, (ROOT / file).read_text())]
        hot([m for m in found if m.name not in done], verdicts, tests)
        at_import = {name for name, verdict in verdicts.all().items() if verdict == "cold"}
        cold([m for m in found if m.name in at_import], verdicts, tests)
    if TEXT in files and forked_loud(lambda: text(verdicts, known(verdicts))):
        sys.exit("the texts could not be tried")


if __name__ == "__main__":
    main()
