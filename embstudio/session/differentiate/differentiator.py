"""A model's gradients: between any two of its tensors, exactly, at any input."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import onnx

from embstudio.modelfile.graph import Graph
from embstudio.session.differentiate.inside import Inside, Open
from embstudio.session.differentiate.linearised import Linearised
from embstudio.session.differentiate.named_states import with_named_states
from embstudio.session.differentiate.observer import Observer
from embstudio.session.differentiate.plan import Plan
from embstudio.session.differentiate.rule_book import RULES
from embstudio.session.stop import Stop

_KEPT = 3  # ways that are ready to be walked again: each has a session of its own


class Differentiator:
    """Reverse mode through a graph, in float64, from the values that onnxruntime computes.

    model, graph: as they run, opened up, and the plain copy of the same. open_session: `Engine.open`. where: for
    errors.

        at = differentiator.linearise(feeds, ["logits"], ["embedded"], stop)
        at.of_entries("logits", entries, stop)["embedded"]   # [entry, *shape of embedded]
    """

    def __init__(self, model: onnx.ModelProto, graph: Graph, open_session: Open, where: str = "") -> None:
        self._model, self._graph = with_named_states(model, graph)
        self._open, self._where = open_session, where
        self._bodies: dict[Hashable, object] = {}
        self._ready: OrderedDict[tuple[tuple[str, ...], tuple[str, ...]], tuple[Plan, Observer]] = OrderedDict()

    @property
    def graph(self) -> Graph:
        """The graph as it is differentiated: every recurrent node hands out its states."""
        return self._graph

    def linearise(
        self, feeds: Mapping[str, np.ndarray], targets: Sequence[str], wrt: Sequence[str], stop: Stop
    ) -> Linearised:
        """The model at one input, ready for gradients of `targets` by `wrt`, which are tensors of the main graph.

        Raises UnsupportedModelError, naming the operator, where there is no gradient; StudioError if the model does
        not run; Cancelled.
        """
        plan, observer = self._prepared(tuple(targets), tuple(wrt))
        stop.check()
        inside = Inside(self._model, self._open, self._where, stop, RULES, self._bodies)
        return Linearised(plan, observer.run(feeds, stop), inside)

    def _prepared(self, targets: tuple[str, ...], wrt: tuple[str, ...]) -> tuple[Plan, Observer]:
        key = (targets, wrt)
        if key not in self._ready:
            plan = Plan(self._graph, targets, wrt, RULES)
            observer = Observer(
                self._model.SerializeToString(), self._graph, self._open, self._where, plan.values, plan.sized,
                plan.constant,
            )  # fmt: skip
            while len(self._ready) >= _KEPT:
                self._ready.popitem(last=False)
            self._ready[key] = plan, observer
        self._ready.move_to_end(key)
        return self._ready[key]
