"""The rules: which sorts of values go together. Whatever passes can be worked out for any model that has its points."""

from __future__ import annotations

from dataclasses import replace

from embstudio.stepper.watch.expression_error import ExpressionError
from embstudio.stepper.watch.kinds import NAMED_AXES, NUMBER, READ, TEXT, TRUTH, Kind, Shape
from embstudio.stepper.watch.names import OF_CONDITIONS, OF_NUMBERS
from embstudio.stepper.watch.parser import whole_number
from embstudio.stepper.watch.tree import (
    ARITHMETIC,
    LOGIC,
    Binary,
    Call,
    Expression,
    Index,
    Node,
    Number,
    PointValue,
    Reduction,
    Span,
    Text,
    Truth,
    Unary,
    Variable,
)
from embstudio.trace import points

_NUMBERS_ONLY = frozenset(("abs", "sqrt", "log", "exp", "change", "changes_sign", "min", "max", "rises_above",
                           "falls_below"))  # fmt: skip


def check(expression: Expression) -> Shape:
    """The sort of the whole. Raises ExpressionError where sorts do not go together."""
    return _Check(expression).of(expression.root)


def check_watch(expression: Expression) -> Shape:
    """The sort of something to watch: a single value. Raises ExpressionError."""
    shape = check(expression)
    if shape.axis:
        root, first = expression.root, expression.part(expression.root)
        short = first if len(first) <= 40 else "(…)"
        raise ExpressionError(
            f"These are {shape.words}; a watch is one value.", expression.text, root.start, root.end,
            advice=f"Choose one, {short}[17], or make one of them: {short}"
                   f"{'.mean' if shape.kind is Kind.NUMBER else '.any'}.",
        )  # fmt: skip
    return shape


def check_condition(expression: Expression) -> Shape:
    """The sort of a condition to stop at: yes or no. Raises ExpressionError."""
    shape = check_watch(expression)
    if shape.kind is not Kind.TRUTH:
        root, first = expression.root, expression.part(expression.root)
        example = f"flips({first})" if shape.named or shape.kind is Kind.TEXT else f"{first} < 0.5"
        raise ExpressionError(
            f"A breakpoint is a condition; this is {shape.kind.value}.", expression.text, root.start, root.end,
            advice=f"Compare it: {example}" if len(first) <= 60 else "Compare it with something.",
        )  # fmt: skip
    return shape


class _Check:
    def __init__(self, expression: Expression) -> None:
        self._expression = expression

    def of(self, node: Node) -> Shape:
        match node:
            case Number():
                return NUMBER
            case Text():
                return TEXT
            case Truth():
                return TRUTH
            case Variable(name=name):
                return {"token": TEXT, "class": replace(NUMBER, named=True)}.get(name, NUMBER)
            case PointValue():
                return self._point(node, 0)[0]
            case Index():
                return self._index(node)
            case Reduction():
                return self._reduction(node)
            case Call():
                return self._call(node)
            case Unary(operator="not"):
                return self._truth(node.of)
            case Unary():
                return _plain(self._number(node.of))
            case Binary(operator=operator):
                return self._logic(node) if operator in LOGIC else self._binary(node)
            case _:
                raise self._error("A slice stands within brackets, behind a point.", node)

    # Points and what is chosen of them ---------------------------------------------------------------------------

    def _point(self, node: PointValue, entries: int) -> tuple[Shape, int]:
        """The shape at the current token, and how many of the entries in brackets choose a head."""
        axes = points.parse(node.name).kind.axes
        shape = Shape(Kind.NUMBER, axes[-1], shares=axes[-1] == "key" and node.name.endswith(".pattern"))
        if axes[0] not in ("head", "kv_head"):
            return shape, 0
        if not entries and not shape.shares:
            raise self._error(
                f"{node.name} has a row for each head: which one?", node, f"Write {node.name}[0] for the first head."
            )
        return shape, min(1, entries)

    def _index(self, node: Index) -> Shape:
        heads = 0
        if isinstance(node.of, PointValue):
            shape, heads = self._point(node.of, len(node.entries))
        else:
            shape = self.of(node.of)
        if not shape.axis:
            raise self._error("This is one value already: there is nothing to choose from.", node.of)
        if heads:
            head = whole_number(node.entries[0])
            if head is None or head < 0:
                raise self._error("A head is a whole number from 0 on.", node.entries[0])
        rest = node.entries[heads:]
        if len(rest) > 1:
            allowed = "a head and a place" if heads else "one place"
            raise self._error(f"Within brackets stands {allowed} at most.", rest[1])
        return self._chosen(shape, rest[0]) if rest else shape

    def _chosen(self, shape: Shape, entry: Node) -> Shape:
        single = Shape(shape.kind)
        if isinstance(entry, Span):
            return replace(shape, shares=False)
        if isinstance(entry, Text):
            if shape.axis not in NAMED_AXES:
                raise self._error(f"A {READ.get(shape.axis, shape.axis)} has a number and no name.", entry)
            return single
        if isinstance(entry, Number) or (isinstance(entry, Unary) and isinstance(entry.of, Number)):
            if whole_number(entry) is None:
                raise self._error("A place is a whole number.", entry)
            return single
        self._single(self._number(entry), entry)
        return single

    def _reduction(self, node: Reduction) -> Shape:
        shape = self.of(node.of)
        if not shape.axis:
            raise self._error(f"This is one value already: .{node.name} needs several.", node.of)
        allowed = OF_CONDITIONS if shape.kind is Kind.TRUTH else OF_NUMBERS
        if shape.kind is Kind.TEXT or node.name not in allowed:
            listed = ", ".join("." + name for name in sorted(allowed))
            raise self._error(f".{node.name} cannot be made of {shape.words}.", node, f"There are {listed}.")
        if node.name == "entropy" and not shape.shares:
            raise self._error(
                "An entropy is there of a row of attention weights.", node,
                "Write blocks.0.attn.pattern[0].entropy, or entropy alone for that of the prediction.",
            )  # fmt: skip
        if node.name in ("any", "all"):
            return TRUTH
        return replace(NUMBER, named=node.name == "argmax" and shape.axis in NAMED_AXES)

    # Functions and operators -------------------------------------------------------------------------------------

    def _call(self, node: Call) -> Shape:
        if node.function == "p":
            word = node.arguments[0]
            if not isinstance(word, Text) and (whole_number(word) is None or (whole_number(word) or 0) < 0):
                raise self._error(
                    "p takes a class or word in quotes, or its number.", word, 'For example p("positive").'
                )
            return NUMBER
        if node.function in _NUMBERS_ONLY:
            shape = _plain(self._number(node.arguments[0]))
            for other in node.arguments[1:]:
                shape = self._together(shape, self._number(other), other)
            if node.function in ("changes_sign", "rises_above", "falls_below"):
                return replace(shape, kind=Kind.TRUTH)
            return shape
        shape = self.of(node.arguments[0])
        if node.function == "flips":
            return Shape(Kind.TRUTH, shape.axis)
        return replace(shape, shares=False)  # before

    def _binary(self, node: Binary) -> Shape:
        if node.operator in ARITHMETIC:
            return self._together(_plain(self._number(node.left)), self._number(node.right), node.right)
        left, right = self.of(node.left), self.of(node.right)
        if node.operator in ("==", "!="):
            if {left.kind, right.kind} == {Kind.NUMBER, Kind.TEXT}:
                number, text = (left, node.right) if left.kind is Kind.NUMBER else (right, node.left)
                if not number.named or number.axis:
                    raise self._error("A number is never equal to a text.", text)
                return TRUTH
            if left.kind is not right.kind:
                raise self._error(f"{left.kind.value.capitalize()} is never equal to {right.kind.value}.", node)
        else:
            self._number(node.left)
            self._number(node.right)
        return replace(self._together(_plain(left), right, node.right), kind=Kind.TRUTH)

    def _logic(self, node: Binary) -> Shape:
        return self._together(self._truth(node.left), self._truth(node.right), node.right)

    def _together(self, left: Shape, right: Shape, at: Node) -> Shape:
        """Element by element; a single value goes with each of many."""
        if left.axis and right.axis and left.axis != right.axis:
            raise self._error(f"These are {right.words}; before them there are {left.words}.", at)
        return left if left.axis else replace(_plain(right), kind=left.kind)

    def _number(self, node: Node) -> Shape:
        shape = self.of(node)
        if shape.kind is not Kind.NUMBER:
            hint = ""
            if shape.kind is Kind.TRUTH and isinstance(node, Binary) and node.operator in LOGIC:
                hint = "and and or stand between conditions."
            raise self._error(f"A number is needed here; this is {shape.kind.value}.", node, hint)
        return shape

    def _truth(self, node: Node) -> Shape:
        shape = self.of(node)
        if shape.kind is not Kind.TRUTH:
            part = self._expression.part(node)
            hint = f"Compare it, for example {part} > 0." if shape.kind is Kind.NUMBER and len(part) <= 40 else ""
            raise self._error(f"A condition is needed here; this is {shape.kind.value}.", node, hint)
        return shape

    def _single(self, shape: Shape, node: Node) -> None:
        if shape.axis:
            raise self._error(f"One number is needed here; these are {shape.words}.", node)

    def _error(self, what: str, node: Node, hint: str = "") -> ExpressionError:
        return ExpressionError(what, self._expression.text, node.start, node.end, advice=hint)


def _plain(shape: Shape) -> Shape:
    """A number that was worked with stands for nothing with a name any more."""
    return replace(shape, named=False, shares=False)
