"""What expressions come to in the trace that is shown, worked out once for all tokens when it is first asked for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.stepper.watch.check import check_watch
from embstudio.stepper.watch.expression_error import ExpressionError, UnfittingError
from embstudio.stepper.watch.parser import parse
from embstudio.stepper.watch.tree import Call, Expression, Variable

if TYPE_CHECKING:  # these load numpy, which the first paint must not wait for
    from embstudio.stepper.watch.scope import Scope
    from embstudio.stepper.watch.series import Series
    from embstudio.studio.studio import Studio


@dataclass(frozen=True)
class Outcome:
    """What became of an expression in this trace: values at every token, or why there are none."""

    text: str
    expression: Expression | None = None
    series: Series | None = None
    error: ExpressionError | None = None

    @property
    def fits(self) -> bool:
        """Whether it makes sense at all: an expression that does not can only be edited or removed."""
        return self.error is None or isinstance(self.error, UnfittingError)


class Outcomes:
    """changed: what was worked out is to be asked for anew."""

    def __init__(self, studio: Studio) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio = studio
        self._known: dict[str, Outcome] = {}
        self._scope: Scope | None = None
        self._asked: tuple[object, set[int]] = (None, set())  # the input, and its layers that were asked for
        studio.prefixes.changed.connect(self._on_predictions)

    def of(self, text: str) -> Outcome:
        """What an expression comes to; worked out once."""
        found = self._known.get(text)
        if found is None:
            found = self._known[text] = self._worked_out(text)
        return found

    def keep(self, texts: Collection[str]) -> None:
        """Forget what belongs to other expressions than these."""
        self._known = {text: found for text, found in self._known.items() if text in texts}

    def forget(self) -> None:
        """Another trace: everything is to be worked out anew."""
        self._known.clear()
        self._scope = None

    @property
    def points(self) -> tuple[str, ...]:
        """All points of the open model."""
        document, trace = self._studio.document, self._studio.trace
        if document is None:
            return ()
        names = document.opened.anatomy.point_names
        return tuple(dict.fromkeys((*names, *(trace.arrays if trace is not None else ()))))

    @property
    def scope(self) -> Scope | None:
        """What expressions speak of; None while there is no trace."""
        studio = self._studio
        if studio.trace is None or studio.document is None:
            return None
        if self._scope is None:
            from embstudio.stepper.watch.scope import Scope

            runs = studio.prefixes
            self._scope = Scope(
                studio.trace, studio.document.labels, studio.document.vocabulary, self.points, runs.scores,
                runs.total if runs.problem is None else runs.done,
            )  # fmt: skip
        return self._scope

    def is_on_its_way(self, error: ExpressionError) -> bool:
        """Whether what an expression lacks is a layer that is being fetched."""
        return (
            isinstance(error, UnfittingError)
            and error.layer is not None
            and error.layer == self._studio.lacking.fetching
        )

    def _worked_out(self, text: str) -> Outcome:
        try:
            expression = parse(text, self.points)
            check_watch(expression)
        except ExpressionError as error:
            return Outcome(text, error=error)
        if self._studio.prefixes.needed and asks_for_prediction(expression):
            self._studio.prefixes.want()
        scope = self.scope
        if scope is None:
            return Outcome(text, expression)
        from embstudio.stepper.watch.evaluate import evaluate

        try:
            return Outcome(text, expression, evaluate(expression, scope))
        except ExpressionError as error:
            if isinstance(error, UnfittingError) and error.layer is not None:
                self._fetch(error.layer)
            return Outcome(text, expression, error=error)

    def _fetch(self, layer: int) -> None:
        """Ask for a layer that the trace had no room for: once for each input, since another may make room for it."""
        ran, layers = self._asked
        if ran is not self._studio.ran:
            layers = set()
        if layer not in layers and self._studio.lacking.fetching is None and not self._studio.busy:
            layers.add(layer)
            self._asked = (self._studio.ran, layers)
            self._studio.lacking.want_layer(layer)

    def _on_predictions(self) -> None:
        """More beginnings of the text were run: what speaks of predictions is to be worked out anew."""
        self._scope = None
        stale = [text for text, each in self._known.items() if each.expression and asks_for_prediction(each.expression)]
        for text in stale:
            del self._known[text]
        if stale:
            self.changed.emit()


def asks_for_prediction(expression: Expression) -> bool:
    """Whether an expression speaks of what the model predicts after each token."""
    return any(
        (isinstance(node, Variable) and node.name in ("class", "entropy"))
        or (isinstance(node, Call) and node.function == "p")
        for node in expression.root.walk()
    )
