"""Small faults in a module's source: what could be typed wrongly and still be Python."""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

NEGATED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Lt: ast.GtE,
    ast.GtE: ast.Lt,
    ast.Gt: ast.LtE,
    ast.LtE: ast.Gt,
}
EDGE: dict[type[ast.cmpop], type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
OTHER: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
    ast.Mult: ast.Add,
}
WORTH_REMOVING = (ast.Expr, ast.Raise, ast.AugAssign, ast.Continue, ast.Break)


@dataclass(frozen=True)
class Mutant:
    """One fault: in which function ("" at module level), on which line, what it says now, and the whole source."""

    file: str
    where: str
    line: int
    change: str
    source: str

    @property
    def name(self) -> str:
        """Stable while other lines move, for the list of those that change nothing."""
        return f"{self.file} {self.where or 'module'}: {self.change}"


def mutants(file: str, source: str) -> list[Mutant]:
    """All of a module, without doubles."""
    tree = ast.parse(source)
    seen = {ast.unparse(tree)}
    found, times = [], Counter[tuple[str, str]]()
    for where, line, old, new in _Sites(tree).changes():
        text = ast.unparse(tree)
        if text not in seen:
            seen.add(text)
            change = f"{old} -> {new}"
            times[where, change] += 1
            again = times[where, change]
            found.append(Mutant(file, where, line, change if again == 1 else f"{change} ({again})", text))
    return found


class _Sites:
    """Walks a tree, makes one change after the other, and undoes each when the next is wanted."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree

    def changes(self) -> Iterator[tuple[str, int, str, str]]:
        yield from self._block(self.tree, "body", "")

    def _block(self, owner: ast.AST, name: str, where: str) -> Iterator[tuple[str, int, str, str]]:
        statements: list[ast.stmt] = getattr(owner, name)
        for place, statement in enumerate(statements):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue  # a docstring
            if isinstance(statement, (ast.Import, ast.ImportFrom)) or _for_types(statement):
                continue
            if isinstance(statement, WORTH_REMOVING) or _sets(statement):
                statements[place] = ast.copy_location(ast.Pass(), statement)
                yield where, statement.lineno, _short(statement), "pass"
                statements[place] = statement
            yield from self._statement(statement, where)

    def _statement(self, node: ast.stmt, where: str) -> Iterator[tuple[str, int, str, str]]:
        inner = where
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            inner = f"{where}.{node.name}".removeprefix(".")
        if isinstance(node, ast.Return) and node.value is not None:
            for value in _answers(node.value):
                yield from self._swap(node, "value", value, inner)
        yield from self._children(node, inner)

    def _children(self, node: ast.AST, where: str) -> Iterator[tuple[str, int, str, str]]:
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "type_params", "bases", "pattern"):
                continue
            if isinstance(node, ast.Raise) or (name == "keywords" and isinstance(node, ast.ClassDef)):
                continue  # words of a message; Generic's parameters
            if name == "cases":
                yield from self._cases(node, where)
            elif isinstance(value, list) and value and isinstance(value[0], ast.stmt):
                yield from self._block(node, name, where)
            elif isinstance(value, list):
                for place, each in enumerate(value):
                    if isinstance(each, ast.AST):
                        yield from self._expression(value, place, each, where)
            elif isinstance(value, ast.AST):
                yield from self._expression(node, name, value, where)

    def _cases(self, node: ast.AST, where: str) -> Iterator[tuple[str, int, str, str]]:
        cases: list[ast.match_case] = node.cases  # type: ignore[attr-defined] # only ast.Match has them
        for case in list(cases):
            if len(cases) > 1:
                place = cases.index(case)
                del cases[place]
                yield where, case.pattern.lineno, f"case {ast.unparse(case.pattern)}", "gone"
                cases.insert(place, case)
            if case.guard is not None:
                yield from self._swap(case, "guard", ast.Constant(value=True), where)
                yield from self._expression(case, "guard", case.guard, where)
            yield from self._block(case, "body", where)

    def _expression(
        self, owner: object, place: str | int, node: ast.AST, where: str
    ) -> Iterator[tuple[str, int, str, str]]:
        if isinstance(node, ast.expr):
            for new in _instead(node, tested=place in ("test", "ifs") or _is_filter(owner, place)):
                yield from self._swap(owner, place, new, where)
        yield from self._children(node, where)

    @staticmethod
    def _swap(owner: object, place: str | int, new: ast.expr, where: str) -> Iterator[tuple[str, int, str, str]]:
        if isinstance(owner, list):
            old = owner[place]  # type: ignore[index] # a list's place is a number
            owner[place] = ast.copy_location(new, old)  # type: ignore[index] # same
            yield where, old.lineno, _short(old), _short(new)
            owner[place] = old  # type: ignore[index] # same
            return
        old = getattr(owner, str(place))
        setattr(owner, str(place), ast.copy_location(new, old))
        yield where, old.lineno, _short(old), _short(new)
        setattr(owner, str(place), old)


def _is_filter(owner: object, place: str | int) -> bool:
    return isinstance(owner, ast.comprehension) and place == "ifs"


def _short(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:90]


def _for_types(node: ast.stmt) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def _sets(node: ast.stmt) -> bool:
    """An assignment without which the rest still runs."""
    return isinstance(node, ast.Assign) and isinstance(node.targets[0], (ast.Attribute, ast.Subscript))


def _answers(value: ast.expr) -> Iterator[ast.expr]:
    if isinstance(value, (ast.Compare, ast.BoolOp)) or (
        isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not)
    ):
        yield ast.Constant(value=True)
        yield ast.Constant(value=False)
    elif not isinstance(value, ast.Constant):
        yield ast.Constant(value=None)


def _instead(node: ast.expr, *, tested: bool) -> Iterator[ast.expr]:
    known = INSTEAD.get(type(node))
    if known is not None:
        yield from known(node)
    elif tested:
        yield ast.UnaryOp(ast.Not(), node)


def _compared(node: ast.Compare) -> Iterator[ast.expr]:
    op = type(node.ops[0])
    for table in (NEGATED, EDGE):
        if op in table:
            yield ast.Compare(node.left, [table[op](), *node.ops[1:]], node.comparators)


def _joined(node: ast.BoolOp) -> Iterator[ast.expr]:
    yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    for place in range(len(node.values)):
        rest = node.values[:place] + node.values[place + 1 :]
        yield ast.BoolOp(node.op, rest) if len(rest) > 1 else rest[0]


def _reckoned(node: ast.BinOp) -> Iterator[ast.expr]:
    if type(node.op) in OTHER and not _type_alias(node):
        yield ast.BinOp(node.left, OTHER[type(node.op)](), node.right)


def _written(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, bool):
        yield ast.Constant(value=not node.value)
    elif isinstance(node.value, int):
        yield ast.Constant(value=node.value + 1)
    elif isinstance(node.value, str):
        yield ast.Constant(value=f"{node.value}-")


def _turned(node: ast.UnaryOp) -> Iterator[ast.expr]:
    if isinstance(node.op, ast.Not):
        yield node.operand


def _chosen(node: ast.IfExp) -> Iterator[ast.expr]:
    yield ast.IfExp(node.test, node.orelse, node.body)


INSTEAD: dict[type[ast.expr], Callable[[Any], Iterator[ast.expr]]] = {
    ast.Compare: _compared,
    ast.BoolOp: _joined,
    ast.BinOp: _reckoned,
    ast.Constant: _written,
    ast.UnaryOp: _turned,
    ast.IfExp: _chosen,
}


def _type_alias(node: ast.expr) -> bool:
    """`A | B` of names with capitals: types."""
    names = [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    return all(name[0].isupper() or name in ("int", "str", "bool", "list") for name in names)
