"""Every small change of a module's rules that a test should notice, one at a time.

Left alone are declarations (fields and topics of events, which the golden samples hold), annotations,
docstrings and decorators.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_SWAPPED: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.And: ast.Or,
    ast.Or: ast.And,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.BitOr: ast.BitAnd,
}
Change = Callable[[ast.AST], ast.AST | None]
"""Changes a node in place, or answers what stands instead of it."""


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, how it reads before and after, and the module that has it."""

    line: int
    before: str
    after: str
    tree: ast.Module


def mutants(source: str) -> Iterator[Mutant]:
    """All mutants of a module's text."""
    tree = ast.parse(source)
    for number, node in enumerate(ast.walk(tree)):
        node.place = number  # type: ignore[attr-defined]
    for node, changes in list(_sites(tree, inside=False)):
        for change in changes:
            changed = copy.deepcopy(tree)
            made = _apply(changed, node.place, change)  # type: ignore[attr-defined]
            yield Mutant(node.lineno, ast.unparse(node), made, ast.fix_missing_locations(changed))


def _apply(tree: ast.Module, place: int, change: Change) -> str:
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            for index, child in enumerate(value if isinstance(value, list) else [value]):
                if isinstance(child, ast.AST) and getattr(child, "place", None) == place:
                    made = change(child) or child
                    made.lineno = child.lineno  # type: ignore[attr-defined]
                    made.col_offset = child.col_offset  # type: ignore[attr-defined]
                    if isinstance(value, list):
                        value[index] = made
                    else:
                        setattr(parent, name, made)
                    return ast.unparse(made)
    raise LookupError(place)


def _sites(node: ast.AST, *, inside: bool) -> Iterator[tuple[ast.AST, list[Change]]]:
    """Nodes that can be changed with what they can be changed to; `inside` a function all count."""
    if isinstance(node, ast.ClassDef):
        parts: list[ast.AST] = [
            n for n in node.body if isinstance(n, ast.FunctionDef | ast.ClassDef)
        ]
    elif isinstance(node, ast.FunctionDef):
        inside, parts = True, [n for n in node.body if not _is_text(n)]
    elif isinstance(node, ast.AnnAssign):
        parts = [node.value] if node.value else []
    elif isinstance(node, ast.Module):
        parts = [n for n in node.body if isinstance(n, _OF_A_MODULE)]
    else:
        parts = list(ast.iter_child_nodes(node))
    if changes := list(_changes(node, inside)):
        yield node, changes
    for part in parts:
        yield from _sites(part, inside=inside)


_OF_A_MODULE = (ast.FunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST, inside: bool) -> Iterator[Change]:
    match node:
        case ast.Set(elts=parts) if len(parts) > 1:
            yield from (_without("elts", n) for n in range(len(parts)))
        case ast.Dict(keys=keys) if not inside:
            yield from (_without_entry(n) for n in range(len(keys)))
    if inside:
        yield from _of_a_decision(node)
        yield from _of_a_statement(node)


def _of_a_decision(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _SWAPPED:
            yield _swap("ops")
        case ast.BoolOp() | ast.BinOp() if type(node.op) in _SWAPPED:
            yield _swap("op")
        case ast.UnaryOp(op=ast.Not()):
            yield lambda n: n.operand  # type: ignore[attr-defined,no-any-return]
        case ast.If(test=ast.Name() | ast.Attribute() | ast.Call() | ast.NamedExpr()) | ast.IfExp():
            yield _negate


def _of_a_statement(node: ast.AST) -> Iterator[Change]:
    match node:
        case ast.Constant(value=bool()):
            yield _value(not node.value)
        case ast.Constant(value=int()):
            yield _value(node.value + 1)  # type: ignore[operator]
        case ast.Constant(value=str()) if node.value:
            yield _value("")
        case ast.Return(value=value) if value is not None and not _is_none(value):
            yield _nothing
        case ast.Expr(value=ast.Call()) | ast.Raise() | ast.Assign(targets=[ast.Attribute()]):
            yield lambda _: ast.Pass()


def _is_none(value: ast.AST) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _swap(field: str) -> Change:
    def change(node: ast.AST) -> None:
        present = getattr(node, field)
        if isinstance(present, list):
            setattr(node, field, [_SWAPPED[type(each)]() for each in present])
        else:
            setattr(node, field, _SWAPPED[type(present)]())

    return change


def _negate(node: ast.AST) -> None:
    node.test = ast.UnaryOp(ast.Not(), node.test)  # type: ignore[attr-defined]


def _value(value: object) -> Change:
    return lambda _: ast.Constant(value)  # type: ignore[arg-type]


def _nothing(node: ast.AST) -> None:
    node.value = ast.Constant(None)  # type: ignore[attr-defined]


def _without(field: str, index: int) -> Change:
    def change(node: ast.AST) -> None:
        del getattr(node, field)[index]

    return change


def _without_entry(index: int) -> Change:
    def change(node: ast.AST) -> None:
        del node.keys[index], node.values[index]  # type: ignore[attr-defined]

    return change
