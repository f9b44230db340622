"""An expression worked out for all tokens of a trace at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from embstudio.stepper.watch.arithmetic import applied, combined, constant, same_name
from embstudio.stepper.watch.check import check_watch
from embstudio.stepper.watch.expression_error import UnfittingError
from embstudio.stepper.watch.parser import whole_number
from embstudio.stepper.watch.reductions import chosen, gathered, part, reduced
from embstudio.stepper.watch.scope import NotHereError, Scope
from embstudio.stepper.watch.series import Many, Series, Values
from embstudio.stepper.watch.steps import before, change, changes_sign, crosses, flips
from embstudio.stepper.watch.suggest import advice, summary
from embstudio.stepper.watch.tree import (
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

NO_PREDICTION = "This model predicts neither classes nor words."
APART = "Each class is judged by itself here, so that none is the predicted one."


def evaluate(expression: Expression, scope: Scope, node: Node | None = None) -> Series:
    """The value of an expression (or of a node of it that is one value) at each token of the scope's trace.

    Raises ExpressionError where it makes no sense, and UnfittingError where the model or the text lacks what it needs.
    """
    if node is None:
        check_watch(expression)
    value = _Evaluation(expression, scope).of(node or expression.root)
    assert isinstance(value, Series)
    return value


class _Evaluation:
    def __init__(self, expression: Expression, scope: Scope) -> None:
        self._expression = expression
        self._scope = scope

    def of(self, node: Node) -> Values:
        match node:
            case Number(value=value) | Text(value=value) | Truth(value=value):
                return constant(value.strip() if isinstance(value, str) else value, self._scope.steps)
            case Variable():
                return self._variable(node)
            case PointValue():
                return self._rows(node, None)
            case Index():
                return self._index(node)
            case Reduction():
                many = self.of(node.of)
                assert isinstance(many, Many)
                return reduced(node.name, many)
            case Call():
                return self._call(node)
            case Unary():
                return applied(node.operator, self.of(node.of))
            case Binary():
                return self._binary(node)
            case _:
                raise AssertionError(f"{node} was not checked")

    def _binary(self, node: Binary) -> Values:
        left, right = self.of(node.left), self.of(node.right)
        if isinstance(left, Series) and isinstance(right, Series):
            texts = (left.values.dtype == np.object_, right.values.dtype == np.object_)
            if texts == (True, False):
                return same_name(right, left, equal=node.operator == "==")
            if texts == (False, True):
                return same_name(left, right, equal=node.operator == "==")
        self._same_width(left, right, node.right)
        return combined(node.operator, left, right)

    def _call(self, node: Call) -> Values:
        if node.function == "p":
            return self._probability(node.arguments[0])
        first, *others = map(self.of, node.arguments)
        for other, at in zip(others, node.arguments[1:], strict=True):
            self._same_width(first, other, at)
        match node.function:
            case "before":
                return before(first)
            case "change":
                return change(first)
            case "flips":
                return flips(first)
            case "changes_sign":
                return changes_sign(first)
            case "rises_above" | "falls_below":
                return crosses(first, others[0], upward=node.function == "rises_above")
            case "min" | "max":
                for other in others:
                    first = combined(node.function, first, other)
                return first
        return applied(node.function, first)

    # Points ------------------------------------------------------------------------------------------------------

    def _rows(self, node: PointValue, head: int | None) -> Many:
        scope = self._scope
        try:
            heads = scope.heads(node.name)
            if head is not None and head >= heads:
                raise self._unfitting(f"There is no head {head}: this layer has {heads}, 0 to {heads - 1}.", node)
            return scope.rows(node.name, head)
        except NotHereError as error:
            raise self._not_here(node, omitted=error.omitted) from error

    def _not_here(self, node: Node, *, omitted: bool, name: str = "") -> UnfittingError:
        name = name or self._expression.part(node)
        if omitted:
            error = self._unfitting(f"{name} is left out of the trace of this text: there is no room for it.", node)
            error.layer = points.parse(name).layer
            return error
        has = f"It has {summary(self._scope.points or self._scope.trace.arrays)}."
        near = advice(name, self._scope.points or self._scope.trace.arrays)
        return self._unfitting(f"This model has no point {name}.", node, near or has, has)

    def _index(self, node: Index) -> Values:
        entries = node.entries
        if isinstance(node.of, PointValue) and points.parse(node.of.name).kind.axes[0] in ("head", "kv_head"):
            many: Values = self._rows(node.of, whole_number(entries[0]))
            entries = entries[1:]
        else:
            many = self.of(node.of)
        assert isinstance(many, Many)
        return self._chosen(many, entries[0]) if entries else many

    def _chosen(self, many: Many, entry: Node) -> Values:
        if isinstance(entry, Span):
            first, last, _ = slice(entry.first, entry.last).indices(many.width)
            if first >= last:
                raise self._unfitting(
                    f"Nothing is chosen: there are {many.width} places, 0 to {many.width - 1}.", entry
                )
            return part(many, first, last)
        if isinstance(entry, Text):
            return chosen(many, self._place_of(entry, many))
        place = whole_number(entry)
        if place is None:
            places = self.of(entry)
            assert isinstance(places, Series)
            return gathered(many, places)
        if not -many.width <= place < many.width:
            raise self._unfitting(f"There is no place {place}: there are {many.width}, 0 to {many.width - 1}.", entry)
        return chosen(many, place % many.width)

    def _place_of(self, word: Text, many: Many) -> int:
        """The place that is called so; of several alike the first."""
        names = many.names() if many.names else ()
        place = find_word(names, word.value)
        if place is None:
            raise self._unfitting(f"Nothing is called {word.value!r} here.", word, advice(word.value, names[:5000]))
        if not many.first <= place < many.first + many.width:
            raise self._unfitting(f"{word.value!r} is not in the part that was chosen.", word)
        return place - many.first

    def _same_width(self, left: Values, right: Values, at: Node) -> None:
        if isinstance(left, Many) and isinstance(right, Many) and left.width != right.width:
            raise self._unfitting(f"These are {right.width} values; before them there are {left.width}.", at)

    # The text and the prediction ---------------------------------------------------------------------------------

    def _variable(self, node: Variable) -> Series:
        scope = self._scope
        if node.name == "token":
            texts = np.empty(scope.steps, np.object_)
            texts[:] = scope.texts
            return Series(texts, np.zeros(scope.steps, np.uint8))
        if node.name == "position":
            return Series(np.arange(scope.steps, dtype=np.float64), np.zeros(scope.steps, np.uint8))
        prediction = self._prediction(node)
        if scope.apart:
            name = prediction.names()[0] if prediction.names else "0"
            raise self._unfitting(APART, node, f'Ask for one of them: p("{name}") > 0.5')
        if node.name == "class":
            return reduced("argmax", prediction)
        return reduced("entropy", prediction)

    def _probability(self, word: Node) -> Series:
        prediction = self._prediction(word)
        if isinstance(word, Text):
            names = prediction.names() if prediction.names else ()
            place = find_word(names, word.value)
            if place is None:
                raise self._unfitting(
                    f"Neither a class nor a word of this model is called {word.value!r}.", word,
                    advice(word.value, names[:5000]),
                )  # fmt: skip
            return chosen(prediction, place)
        number = whole_number(word)
        assert number is not None
        if number >= prediction.width:
            raise self._unfitting(f"There is no number {number}: there are {prediction.width}, from 0 on.", word)
        return chosen(prediction, number)

    def _prediction(self, node: Node) -> Many:
        try:
            prediction = self._scope.prediction
        except NotHereError as error:
            raise self._not_here(node, omitted=True, name="logits") from error
        if prediction is None:
            raise self._unfitting(NO_PREDICTION, node)
        return prediction

    def _unfitting(self, what: str, node: Node, hint: str = "", detail: str = "") -> UnfittingError:
        return UnfittingError(what, self._expression.text, node.start, node.end, advice=hint, detail=detail)


def find_word(names: Sequence[str], wanted: str) -> int | None:
    """The place of the first that is called so, spaces around it aside. Where a vocabulary writes the space before a
    word into it, the word with the space is meant: a word that begins, not the end of one."""
    for exact in (" " + wanted, wanted):
        if exact in names:
            return names.index(exact)
    return next((place for place, name in enumerate(names) if name.strip() == wanted.strip()), None)
