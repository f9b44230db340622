"""One step of a recurrent cell in plain operators, cut out of its model to be tried by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import onnx
import onnxruntime

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.anatomy.cells.written_cell import WrittenActivation
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.loop_body import standalone
from embstudio.session.linear_probe import LinearProbe
from embstudio.session.part_of_model import part_of
from embstudio.session.stop import Stop

Open = Callable[[bytes], onnxruntime.InferenceSession]
_TOGETHER = 64  # vectors that are tried at a time where the graph takes any batch


class OneStep:
    """tensors: its parts by name. Raises ValueError, with the end of a sentence, for a cell that cannot be cut out."""

    def __init__(
        self, model: onnx.ModelProto, graph: Graph, layer: RecurrentLayer, open_session: Open, stop: Stop
    ) -> None:
        if layer.cell is None or layer.cell.step is None:
            raise ValueError("its input was not found")
        self.tensors, self._cell, self._layer = layer.cell.step, layer.cell, layer
        self._open, self._stop = open_session, stop
        self._outer, self._outer_graph = model, graph
        self._model, self._graph = model, graph
        if self._cell.operator:
            flow = Dataflow(graph)
            body = graph.body(graph.nodes[self._cell.node], flow.is_data)
            if body is None:
                raise ValueError(f"its {self._cell.operator} cannot be read")
            self._model, self._graph = standalone(model, self._cell.node, graph, flow.is_data), body.graph

    def probe(self, gates: Sequence[WrittenActivation], inputs: Sequence[str]) -> LinearProbe:
        """The sums that go into the activations of some gates, by the gates' own tensors, as functions of some inputs.

        Raises ValueError if they hang on anything else, StudioError if they cannot be run.
        """
        outputs = [gate.tensor for gate in gates]
        zeros = self._zeros(inputs)
        ranks = {name: zeros[name].ndim for name in inputs}
        part = part_of(self._model, ranks, outputs, {gate.made: gate.total for gate in gates})
        session = self._open(part.SerializeToString())
        return LinearProbe(session, zeros, outputs, self._layer.units, self._stop)

    def before_the_loop(self) -> tuple[np.ndarray, np.ndarray] | None:
        """The matrix and bias that make the steps' input of the layer's, where that is done once for all tokens outside
        of the loop; None where it is not."""
        x, made = self.tensors.outside
        if not x:
            return None
        shape = self._outer_graph.shape(x) or (None, None, None)
        lengths = [size if isinstance(size, int) else 1 for size in shape[:-1]]
        zeros = {x: np.zeros((*lengths, self._layer.input_width), _dtype(self._outer_graph, x))}
        part = part_of(self._outer, {x: zeros[x].ndim}, [made])
        probe = LinearProbe(self._open(part.SerializeToString()), zeros, [made], None, self._stop)
        return probe.matrices(x)[made], probe.at({})[made][0]

    def _zeros(self, inputs: Sequence[str]) -> dict[str, np.ndarray]:
        """Zeros for each input; lengths that the graph leaves open are as long as suits."""
        shapes = {name: self._graph.shape(name) for name in inputs}
        length = self._cell.steps or 1
        if all(shape is None or len(shape) <= 2 for shape in shapes.values()):
            stated = [shape[0] for shape in shapes.values() if shape and len(shape) == 2 and isinstance(shape[0], int)]
            length = stated[0] if stated else _TOGETHER
        found = {}
        for name, shape in shapes.items():
            width = self._width_of_input() if name == self.tensors.x else self._layer.units
            lengths = [size if isinstance(size, int) else length for size in (shape or (None, None))[:-1]]
            found[name] = np.zeros((*lengths, width), _dtype(self._graph, name))
        return found

    def _width_of_input(self) -> int:
        graph, tensor = self._graph, self.tensors.x
        if self.tensors.outside[0]:
            graph, tensor = self._outer_graph, self.tensors.outside[1]
        shape = graph.shape(tensor)
        return shape[-1] if shape and isinstance(shape[-1], int) else self._layer.input_width


def _dtype(graph: Graph, tensor: str) -> np.dtype:
    known = graph.dtype(tensor)
    return np.dtype(known if known in ("float16", "float64") else "float32")
