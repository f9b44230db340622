"""Values in words: what a watch shows at a token, and why a condition holds there."""

from __future__ import annotations

from collections.abc import Callable

from embstudio.stepper.watch.evaluate import evaluate
from embstudio.stepper.watch.scope import Scope
from embstudio.stepper.watch.series import Series
from embstudio.stepper.watch.tree import COMPARISONS, Binary, Call, Expression, Node, Number, Text, Truth, Unary

Format = Callable[[float], str]


def plain(value: float) -> str:
    """Four significant digits and a true minus sign."""
    return f"{value:.4g}".replace("-", "−")


def value_at(series: Series, token: int, number: Format = plain) -> str:
    """The value at a token as a person reads it; why there is none, where there is none."""
    flaw = series.flaw(token)
    if flaw:
        return flaw.words
    value = series.values[token]
    if isinstance(value, str):
        return f"‘{value}’"
    if series.values.dtype == bool:
        return "yes" if value else "no"
    if series.names is not None and 0 <= int(value) < len(series.names):
        return f"‘{series.names[int(value)].strip()}’"
    return number(float(value) + 0.0)  # −0 is 0


def why(expression: Expression, scope: Scope, token: int, number: Format = plain) -> str:
    """What makes a condition hold at a token, with its numbers: `lstm.0.forward.f.mean = 0.43 < 0.5`."""
    return _Reason(expression, scope, token, number).of(expression.root)


class _Reason:
    def __init__(self, expression: Expression, scope: Scope, token: int, number: Format) -> None:
        self._expression, self._scope, self._token, self._number = expression, scope, token, number

    def of(self, node: Node) -> str:
        text = self._expression.part(node)
        match node:
            case Binary(operator="and"):
                return f"{self.of(node.left)} and {self.of(node.right)}"
            case Binary(operator="or"):
                held = [side for side in (node.left, node.right) if self._holds(side)]
                return " and ".join(map(self.of, held)) or text
            case Binary(operator=operator) if operator in COMPARISONS:
                return f"{self._side(node.left)} {operator} {self._side(node.right)}"
            case Unary(operator="not"):
                return f"not ({self.of(node.of)})"
            case Call(function="flips" | "changes_sign" | "rises_above" | "falls_below", arguments=(of, *_)):
                series = self._series(of)
                if series is None or not self._token:
                    return text
                earlier, now = (value_at(series, at, self._number) for at in (self._token - 1, self._token))
                return f"{text}: {earlier} → {now}"
        return text

    def _side(self, node: Node) -> str:
        text = self._expression.part(node)
        if isinstance(node, Number | Text | Truth) or (isinstance(node, Unary) and isinstance(node.of, Number)):
            return text
        series = self._series(node)
        return text if series is None else f"{text} = {value_at(series, self._token, self._number)}"

    def _holds(self, node: Node) -> bool:
        series = self._series(node)
        return series is not None and bool(series.holds[self._token])

    def _series(self, node: Node) -> Series | None:
        """The values of a node; None where it is many values."""
        return evaluate(self._expression, self._scope, node)
