"""Every way to drop one part of a rule: what a careless edit would do.

A mutant drops one operand of a `&`, `|`, `and` or `or`, one `~` or `not`, one side of a
conditional, one condition, or one whole assignment to something that outlives the function.
"""

import ast
import inspect
from collections.abc import Collection, Iterator
from itertools import combinations
from types import ModuleType

__all__ = ["Namespace", "mutants"]

Namespace = dict[str, object]


def _without(node: ast.AST) -> list[ast.AST]:
    """Return what may stand in a node's place once a part of it is dropped."""
    match node:
        case ast.BinOp(op=ast.BitAnd() | ast.BitOr()):
            return [node.left, node.right]
        case ast.UnaryOp(op=ast.Invert() | ast.Not()):
            return [node.operand]
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.BoolOp():
            return [
                values[0] if len(values) == 1 else ast.BoolOp(node.op, list(values))
                for values in combinations(node.values, len(node.values) - 1)
            ]
        case _:
            return _statement_without(node)


def _statement_without(node: ast.AST) -> list[ast.AST]:
    match node:
        case ast.If():
            return [ast.If(ast.Constant(value=True), node.body, []), ast.Pass()]
        case ast.AugAssign() | ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            return [ast.Pass()]
        case _:
            return []


class _Drop(ast.NodeTransformer):
    """Drops the part with one number, in the bodies of some functions."""

    def __init__(self, functions: Collection[str], wanted: int) -> None:
        self._functions, self._wanted = functions, wanted
        self._inside = False
        self.seen = 0
        self.what = ""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:  # ast's name
        if node.name in self._functions:
            body = ast.Module(node.body, [])
            self._inside = True
            self.visit(body)  # the body alone: what annotations say is no rule
            self._inside = False
            node.body = body.body
            return node
        return self.generic_visit(node)

    def visit(self, node: ast.AST) -> ast.AST:
        found: ast.AST = super().visit(node)
        for new in _without(found) if self._inside else ():
            if self.seen == self._wanted:
                self.what = (
                    f"{ast.unparse(found)}  ->  {ast.unparse(ast.fix_missing_locations(new))}"
                )
                found = new
                self.seen += 1
                break
            self.seen += 1
        return found


def mutants(module: ModuleType, functions: Collection[str]) -> Iterator[tuple[str, Namespace]]:
    """Yield every mutant: what was dropped, and the names of the module without it."""
    source = inspect.getsource(module)
    wanted = 0
    while True:
        drop = _Drop(functions, wanted)
        tree = ast.parse(source)
        drop.visit(tree)
        if not drop.what:
            return
        namespace: Namespace = {"__name__": module.__name__}
        exec(compile(ast.fix_missing_locations(tree), "<mutant>", "exec"), namespace)
        yield f"{wanted}: {drop.what}", namespace
        wanted += 1
