"""Putting a fault into a program that runs already: functions get other code, so that nothing is imported anew."""

from __future__ import annotations

import ast
import importlib.abc
import importlib.machinery
import importlib.util
import sys
from functools import cached_property
from types import CodeType, FunctionType, ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def swap(module: ModuleType, before: str, after: str) -> bool:
    """Give the functions that differ their new code. False: the fault isn't in a function's code."""
    old = dict(_codes(compile(ast.unparse(ast.parse(before)), module.__name__, "exec")))
    new = dict(_codes(compile(after, module.__name__, "exec")))
    changed = [f for f in _functions(module) if old.get(f.__qualname__) != new.get(f.__qualname__)]
    for function in changed:
        function.__code__ = new[function.__qualname__]
    return bool(changed)


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner.co_qualname, inner
            yield from _codes(inner)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    for thing in vars(module).values():
        if getattr(thing, "__module__", "") == module.__name__:
            yield from _plain(thing)
            if isinstance(thing, type):
                for member in vars(thing).values():
                    yield from _plain(member)


def _plain(thing: object) -> Iterator[FunctionType]:
    """The function inside of what a decorator made."""
    inner = thing
    for kind, name in ((property, "fget"), (cached_property, "func"), ((staticmethod, classmethod), "__func__")):
        if isinstance(thing, kind):
            inner = getattr(thing, name)
    if isinstance(inner, FunctionType):
        yield inner


class Instead(importlib.abc.MetaPathFinder, importlib.machinery.SourceFileLoader):
    """Finds one module, with other source than its file has."""

    def __init__(self, module: str, path: str, source: str) -> None:
        super().__init__(module, path)
        self.source = source

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        del path, target
        return (
            importlib.util.spec_from_file_location(fullname, self.path, loader=self) if fullname == self.name else None
        )

    def get_code(self, fullname: str) -> CodeType:
        del fullname
        return compile(self.source, self.path, "exec")

    def install(self) -> None:
        """From now on."""
        sys.meta_path.insert(0, self)
