"""A body that is repeated, written out once a step: what Scan and Loop have in common."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

from embstudio.session.rewrite.splice import renamed_copy, splice
from embstudio.session.rewrite.tensor_names import TensorNames

MOST_STEPS = 256
_MOST_NODES = 50_000
_MOST_BYTES = 2**28


def few_enough(body: GraphProto, steps: int) -> bool:
    """Whether a graph with so many copies of a body is still one to read."""
    size = sum(node.ByteSize() for node in body.node)  # a body's initializers are shared, its Constants copied
    return 0 < steps <= MOST_STEPS and steps * len(body.node) <= _MOST_NODES and steps * size <= _MOST_BYTES


class Unrolled:
    """The steps of one Scan or Loop node, one behind the other.

    name: of the node, or what stands for it: the tensors of step 3 are called `name.3/…`.
    """

    def __init__(self, model: ModelProto, node: NodeProto, body: GraphProto) -> None:
        self.nodes: list[NodeProto] = []
        self.initializers: list[TensorProto] = []
        self.names = TensorNames(model.graph, without=node)
        self.name = node.name or next(filter(None, node.output), node.op_type)
        self._opset = next((each.version for each in model.opset_import if each.domain in ("", "ai.onnx")), 1)
        self._body = body
        self._shared: dict[str, str] = {}
        for tensor in body.initializer:  # one copy serves all steps
            copy = TensorProto()
            copy.CopyFrom(tensor)
            copy.name = self._shared[tensor.name] = self.names.fresh(tensor.name, self.name)
            self.initializers.append(copy)

    def step(self, number: int, given: Mapping[str, str]) -> list[str]:
        """Write out one step; returns the names that the body's outputs have in it. given: the body's inputs."""
        spliced = splice(self._body, self.names, f"{self.name}.{number}", {**self._shared, **given}, always=True)
        self.nodes += spliced.nodes
        return spliced.results

    def constant(self, value: np.ndarray, wanted: str) -> str:
        """A constant tensor."""
        name = self.names.fresh(f"{self.name}/{wanted}")
        self.nodes.append(helper.make_node("Constant", [], [name], value=numpy_helper.from_array(value)))
        return name

    def entries(self, tensor: str, axis: int, count: int, wanted: str) -> list[str]:
        """The entries of a tensor along an axis, that axis gone: what a Scan hands to its steps."""
        entries = [self.names.fresh(f"{self.name}.{step}/{wanted}") for step in range(count)]
        for step, entry in enumerate(entries):
            place = self.constant(np.array(step, np.int64), f"{wanted}.{step}")
            self.nodes.append(helper.make_node("Gather", [tensor, place], [entry], axis=axis))
        return entries

    def stack(self, entries: Sequence[str], axis: int, output: str) -> None:
        """The entries behind one another along a new axis: what a Scan or Loop collects from its steps."""
        rows = [self.names.fresh(f"{entry}.row") for entry in entries]
        for entry, row in zip(entries, rows, strict=True):
            self._unsqueeze(entry, axis, row)
        self.nodes.append(helper.make_node("Concat", rows, [output], axis=axis))

    def finish(self, states: Sequence[str], outputs: Sequence[str]) -> None:
        """Give the last states the names that the node's outputs have in the graph around."""
        made = {name for node in self.nodes for name in node.output}
        renamed: dict[str, str] = {}
        for state, output in zip(states, outputs, strict=True):
            if output and state in made and state not in renamed:
                renamed[state] = output
        self.nodes = [renamed_copy(node, renamed) for node in self.nodes]
        for state, output in zip(states, outputs, strict=True):
            if output and renamed.get(state) != output:
                self.nodes.append(helper.make_node("Identity", [renamed.get(state, state)], [output]))

    def _unsqueeze(self, tensor: str, axis: int, output: str) -> None:
        """Since operator set 13 the axes are an input."""
        if self._opset >= 13:
            axes = self.constant(np.array([axis], np.int64), "axis")
            self.nodes.append(helper.make_node("Unsqueeze", [tensor, axes], [output]))
        else:
            self.nodes.append(helper.make_node("Unsqueeze", [tensor], [output], axes=[axis]))
