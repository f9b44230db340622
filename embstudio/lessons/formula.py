"""The closed language of claims: arithmetic, names, and calls of the functions in `functions`. Nothing of it is run as
Python: the text is read into Python's own syntax tree, and only the few sorts of nodes named here are taken from it.

    0.8 ** steps        cosine_similarity(cat, dog) > 0.4        value(noted, "won", "lstm.0.forward.c[0]") / first[0]
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 500  # characters
DEEPEST = 30  # nodes within each other
_ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.MatMult)
_COMPARISONS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.Eq, ast.NotEq)
_TAKEN = (
    ast.Expression, ast.Constant, ast.Name, ast.Load, ast.List, ast.Call, ast.BinOp, ast.UnaryOp, ast.BoolOp,
    ast.Compare, ast.Subscript, ast.Slice, ast.USub, ast.UAdd, ast.Not, ast.And, ast.Or, *_ARITHMETIC, *_COMPARISONS,
)  # fmt: skip


class FormulaError(ValueError):
    """A formula that cannot be read, or makes no sense. at: the character, from 0. advice: what to do, or ""."""

    def __init__(self, what: str, at: int = 0, advice: str = "") -> None:
        super().__init__(what)
        self.what, self.at, self.advice = what, at, advice


@dataclass(frozen=True)
class Formula:
    """text: as it is written. root: its tree, of the sorts of nodes this module takes."""

    text: str
    root: ast.expr = field(compare=False)

    @property
    def names(self) -> Iterator[ast.Name]:
        """The names it speaks of, those of functions left out."""
        called = {id(node.func) for node in ast.walk(self.root) if isinstance(node, ast.Call)}
        yield from (
            node for node in ast.walk(self.root) if isinstance(node, ast.Name) and id(node) not in called
        )  # fmt: skip

    @property
    def calls(self) -> Iterator[tuple[str, ast.Call]]:
        """The functions it calls."""
        for node in ast.walk(self.root):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                yield node.func.id, node


def read_formula(text: str) -> Formula:
    """Raises FormulaError."""
    if len(text) > LONGEST:
        raise FormulaError(f"A formula has {LONGEST} characters at most.", LONGEST, "Make several claims of it.")
    plain = " ".join(text.splitlines()).strip().replace("−", "-").replace("×", "*").replace("·", "*")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of "1 is 2" and the like, which are refused below
            root = ast.parse(plain, mode="eval").body
    except SyntaxError as error:
        raise FormulaError("This is no formula.", max(0, (error.offset or 1) - 1), f"({error.msg})") from error
    except (ValueError, MemoryError, RecursionError) as error:
        raise FormulaError("This is no formula.") from error
    _check(root, 0)
    return Formula(plain, root)


def _check(node: ast.AST, depth: int) -> None:
    at = getattr(node, "col_offset", 0)
    if depth > DEEPEST:
        raise FormulaError(f"This goes more than {DEEPEST} levels deep.", at, "Make several claims of it.")
    if not isinstance(node, _TAKEN):
        raise FormulaError(
            "This has no place in a formula.", at, "There are numbers, names, “texts”, lists, + - * / ** @, "
            "comparisons, and, or, not, and the functions that docs/lessons.md lists."
        )  # fmt: skip
    match node:
        case ast.Constant(value=value) if type(value) not in (int, float, str, bool):
            raise FormulaError("This is neither a number nor a text.", at)
        case ast.Call(func=func, keywords=keywords) if not isinstance(func, ast.Name) or keywords:
            raise FormulaError("A function is called by its name, with values in their order.", at)
        case ast.Compare(ops=ops) if len(ops) > 1:
            raise FormulaError("Comparisons cannot be chained.", at, "Join two of them with and.")
        case ast.Slice(step=step) if step is not None:
            raise FormulaError("A slice goes from one number to another, as in [0:3].", at)
    for child in ast.iter_child_nodes(node):
        _check(child, depth + 1)
