"""A claim worked out: its formula's tree, walked. Raises ClaimError with the place, or MissingError."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from typing import Any

import numpy as np

from embstudio.lessons.facts import Facts
from embstudio.lessons.formula import Formula
from embstudio.lessons.functions import FUNCTIONS
from embstudio.lessons.lesson import Claim, Run, Training
from embstudio.lessons.value import Value, ValueFault

_ARITHMETIC: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
    ast.Pow: operator.pow, ast.MatMult: operator.matmul,
}  # fmt: skip
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge, ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}  # fmt: skip


class ClaimError(ValueError):
    """at: the character of the formula, from 0."""

    def __init__(self, what: str, at: int = 0, advice: str = "") -> None:
        super().__init__(what)
        self.what, self.at, self.advice = what, at, advice


def work_out(formula: Formula, names: Mapping[str, object], facts: Facts) -> Value:
    """What a formula comes to. names: what it can speak of (see `Lesson.names`)."""
    with np.errstate(all="ignore"):  # what is no number is refused at the end
        value = _Walk(names, facts).of(formula.root)
    if isinstance(value, float) and not np.isfinite(value):
        raise ClaimError("This comes to no number (a division by 0, or something too large).")
    if isinstance(value, np.ndarray) and not np.isfinite(value).all():
        raise ClaimError("Some of this comes to no number (a division by 0, or something too large).")
    return value


class _Walk:
    def __init__(self, names: Mapping[str, object], facts: Facts, within: tuple[str, ...] = ()) -> None:
        self._names, self._facts, self._within = names, facts, within

    def of(self, node: ast.expr) -> Value:
        try:
            return self._of(node)
        except (ValueFault, LookupError) as error:
            text = str(error.args[0]) if error.args else str(error)
            raise ClaimError(text[:1].upper() + text[1:], node.col_offset) from error
        except (TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
            if isinstance(error, ClaimError):
                raise
            raise ClaimError("These values do not go together.", node.col_offset, f"({error})") from error

    def _of(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=bool() as value) | ast.Constant(value=str() as value):
                return value
            case ast.Constant(value=value):
                assert isinstance(value, int | float)
                return float(value)
            case ast.Name():
                return self._named(node)
            case ast.List(elts=entries):
                rows = [self.of(each) for each in entries]
                if not rows or any(isinstance(row, str | bool | Run | Training) for row in rows):
                    raise ValueFault("a list is one of numbers, or of vectors of equal length")
                return np.array(rows, np.float64)
            case ast.Call(func=ast.Name(id=name), args=arguments):
                return self._called(node, name, arguments)
            case ast.BinOp(left=left, op=op, right=right):
                return _plain(_ARITHMETIC[type(op)](self._number(left), self._number(right)))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self._truth(operand)
            case ast.UnaryOp(op=op, operand=operand):
                value = self._number(operand)
                return _plain(-value if isinstance(op, ast.USub) else value)
            case ast.BoolOp(op=op, values=values):
                truths = [self._truth(each) for each in values]  # all of them, so that all are fetched
                return all(truths) if isinstance(op, ast.And) else any(truths)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(op, self.of(left), self.of(right))
            case ast.Subscript(value=of, slice=place):
                return self._chosen(of, place)
        raise ValueFault("this has no place in a formula")

    def _named(self, node: ast.Name) -> Value:
        if node.id in ("first", "last") and node.id not in self._names:
            return node.id
        if node.id not in self._names:
            close = get_close_matches(node.id, self._names, 1)
            there = f"Did you mean {close[0]}?" if close else f"There are {', '.join(self._names)}."
            raise ClaimError(f"There is no {node.id}.", node.col_offset, there)
        found = self._names[node.id]
        if isinstance(found, Claim):
            if node.id in self._within:
                raise ClaimError(f"{node.id} speaks of itself.", node.col_offset)
            return _Walk(self._names, self._facts, (*self._within, node.id)).of(found.formula.root)
        if isinstance(found, Run | Training):
            return found
        return np.array(found, np.float64)

    def _called(self, node: ast.Call, name: str, arguments: list[ast.expr]) -> Value:
        if name not in FUNCTIONS:
            close = get_close_matches(name, FUNCTIONS, 1)
            raise ClaimError(f"There is no function {name}.", node.col_offset,
                             f"Did you mean {close[0]}?" if close else "docs/lessons.md lists them.")  # fmt: skip
        return _plain(FUNCTIONS[name].of(self._facts, [self.of(each) for each in arguments]))

    def _number(self, node: ast.expr) -> Any:
        value = self.of(node)
        if isinstance(value, str | bool | Run | Training):
            raise ValueFault("one can only calculate with numbers and vectors")
        return value

    def _truth(self, node: ast.expr) -> bool:
        value = self.of(node)
        if not isinstance(value, bool):
            raise ValueFault("and, or and not join comparisons")
        return value

    def _compared(self, op: ast.cmpop, left: Value, right: Value) -> bool:
        if isinstance(left, str) != isinstance(right, str) or isinstance(left, np.ndarray | Run | Training):
            raise ValueFault("only two numbers, or two words, can be compared")
        return bool(_COMPARISONS[type(op)](left, right))

    def _chosen(self, of: ast.expr, place: ast.expr) -> Value:
        value = self._number(of)
        if not isinstance(value, np.ndarray):
            raise ValueFault("only of a vector can a place be chosen")
        if isinstance(place, ast.Slice):
            ends = [None if end is None else round(float(self._number(end))) for end in (place.lower, place.upper)]
            return np.asarray(value[slice(*ends)])
        at = round(float(self._number(place)))
        if not -len(value) <= at < len(value):
            raise ValueFault(f"there is no place {at}: there are {len(value)}, 0 to {len(value) - 1}")
        return _plain(value[at])


def _plain(value: Any) -> Value:
    """A number as a float, whatever numpy made of it."""
    if isinstance(value, np.ndarray) and value.ndim:
        return np.asarray(value, np.float64)
    return value if isinstance(value, str | bool) else float(value)
