"""The graph inside a Loop, Scan or If as a model of its own, so that it can be run a step at a time and linearised."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
from onnx import helper

from embstudio.modelfile.graph import Node
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.differentiate.inside import Inside
from embstudio.session.differentiate.linearised import Linearised
from embstudio.session.differentiate.observer import Observer
from embstudio.session.differentiate.plan import Plan


class Body:
    """inputs, outputs: its own, in the graph's order. What it reads from outside is fed like an input.

    feeds: of one step, which say the types. wrt: those of the feeds that gradients are wanted of. Outputs that are not
    floats have none. Raises UnsupportedModelError, naming the operator, where an operator inside has no rule.
    """

    def __init__(
        self, node: Node, attribute: str, feeds: Mapping[str, np.ndarray], wrt: Sequence[str], inside: Inside
    ) -> None:
        graph = _graph_of_attribute(inside.model.graph.node[node.index], attribute)
        self.inputs = tuple(value.name for value in graph.input)
        self.outputs = tuple(value.name for value in graph.output)
        self.wrt = tuple(wrt)
        model = _as_model(inside.model, graph, feeds)
        plain = graph_of(model, Path())
        floats = [value.name for value in graph.output if plain.dtype(value.name) in _FLOATS]
        self._plan = Plan(plain, list(dict.fromkeys(floats)), self.wrt, inside.rules)
        self._observer = Observer(
            model.SerializeToString(), plain, inside.open_session, inside.where,
            (*self._plan.values, *self.outputs), self._plan.sized, frozenset(),
        )  # fmt: skip
        self._inside = replace(inside, model=model, kept={})

    def step(self, feeds: Mapping[str, np.ndarray], inside: Inside) -> tuple[list[np.ndarray], Linearised]:
        """The outputs in their order, and the step linearised. Raises StudioError, or Cancelled."""
        observed = self._observer.run(feeds, inside.stop)
        here = replace(self._inside, stop=inside.stop)
        return [observed.values[name] for name in self.outputs], Linearised(self._plan, observed, here)


_FLOATS = frozenset({"float16", "bfloat16", "float32", "float64"})


def _graph_of_attribute(node: onnx.NodeProto, attribute: str) -> onnx.GraphProto:
    return next(given.g for given in node.attribute if given.name == attribute)


def inputs_of(node: Node, attribute: str, inside: Inside) -> dict[str, int]:
    """The names of a body's own inputs, and how many axes they are said to have; 0 where nothing is said."""
    graph = _graph_of_attribute(inside.model.graph.node[node.index], attribute)
    return {value.name: len(value.type.tensor_type.shape.dim) for value in graph.input}


def _as_model(outer: onnx.ModelProto, graph: onnx.GraphProto, feeds: Mapping[str, np.ndarray]) -> onnx.ModelProto:
    """Shapes are left open: a state may grow from step to step."""
    model = onnx.ModelProto(ir_version=outer.ir_version)
    model.opset_import.extend(outer.opset_import)
    model.functions.extend(outer.functions)
    model.graph.CopyFrom(graph)
    model.graph.name = graph.name or "body"
    del model.graph.input[:]
    stored = {tensor.name for tensor in graph.initializer}
    for name, value in feeds.items():
        if name not in stored:
            kind = helper.np_dtype_to_tensor_dtype(value.dtype)
            model.graph.input.append(helper.make_tensor_value_info(name, kind, None))
    return model
