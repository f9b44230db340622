"""The weights of a recurrent layer of an open model, in the form in which the formulas take them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import onnx

from embstudio.anatomy.anatomy import RecurrentLayer
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.recurrent_node import RecurrentNode, recurrent_node
from embstudio.base.errors import UnsupportedModelError
from embstudio.formulas.cell_weights import CellWeights
from embstudio.formulas.cells import ORDER
from embstudio.modelfile.graph import Graph
from embstudio.session.constant_values import constant_values
from embstudio.session.engine import Engine
from embstudio.session.stop import Stop
from embstudio.session.written_weights import written_weights

# The values of tensors by name, as the graph has them.
Values = Callable[[Sequence[str]], Sequence[np.ndarray]]


def cell_weights(graph: Graph, layer: RecurrentLayer, values: Values) -> dict[str, CellWeights]:
    """The cell of each direction of a layer, {"forward": …}; float64 where the graph's weights are, else float32.

    A bias that is left out is zero. values: how the numbers of the layer's weights are had.
    Raises UnsupportedModelError if the layer is no recurrent operator or its weights are of no known form.
    """
    node = operator_of(graph, layer)
    found = dict(zip(node.weights, values(node.weights), strict=True))
    W, R = _matrices(node, found)
    wide = np.float64 if W.dtype == np.float64 else np.float32
    rows = len(ORDER[node.kind]) * R.shape[-1]
    if W.shape[:2] != (len(node.directions), rows) or R.shape[:2] != W.shape[:2]:
        raise UnsupportedModelError(
            "The weights of a recurrent layer do not fit together.", where=f"{layer.kind}.{layer.layer}",
            detail=f"W {W.shape}, R {R.shape}", advice="Export the model again.",
        )  # fmt: skip
    B = found.get(node.B, np.zeros((len(W), 2 * rows)))
    P = found.get(node.P)
    return {
        direction: CellWeights(
            node.kind, W[at].astype(wide), R[at].astype(wide), B[at].astype(wide), node.activations[at],
            None if P is None else P[at].astype(wide), node.clip, node.linear_before_reset, node.input_forget,
        )
        for at, direction in enumerate(node.directions)
    }  # fmt: skip


def operator_of(graph: Graph, layer: RecurrentLayer) -> RecurrentNode:
    """The operator that a layer is. Raises UnsupportedModelError if it is none."""
    found = recurrent_node(graph.nodes[layer.node]) if 0 <= layer.node < len(graph.nodes) else None
    if found is None:
        raise UnsupportedModelError(
            "The weights of this recurrent layer cannot be told.", where=f"{layer.kind}.{layer.layer}",
            advice="It is written out in other operators than RNN, GRU and LSTM.",
        )  # fmt: skip
    return found


def given_weights(graph: Graph, layer: RecurrentLayer) -> tuple[str, ...]:
    """The weights of a layer that depend on what is fed to the model."""
    flow = Dataflow(graph)
    return tuple(name for name in operator_of(graph, layer).weights if not flow.is_constant(name))


def _matrices(node: RecurrentNode, found: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """W and R as [direction, gates·unit, …] floats."""
    W, R = found[node.W], found[node.R]
    if not node.quantised:
        return W, R
    return (
        _dequantised(W, found[node.W_scale], found.get(node.W_zero)),
        _dequantised(R, found[node.R_scale], found.get(node.R_zero)),
    )


def _dequantised(stored: np.ndarray, scale: np.ndarray, zero: np.ndarray | None) -> np.ndarray:
    """[direction, columns, gates·unit] of whole numbers, one scale a direction or a row of the result, as
    [direction, gates·unit, columns] of floats."""
    scale = scale.reshape(len(stored), 1, -1).astype(np.float32)
    lowest = 0 if zero is None else zero.reshape(len(stored), 1, -1).astype(np.float32)
    return np.asarray(((stored.astype(np.float32) - lowest) * scale).transpose(0, 2, 1))


class LayerWeights:
    """The cells of one open model's recurrent layers, each worked out when it is first asked for."""

    def __init__(self, model: onnx.ModelProto, graph: Graph, engine: Engine) -> None:
        self._model, self._graph, self._engine = model, graph, engine
        self._known: dict[RecurrentLayer, dict[str, CellWeights]] = {}

    def of(
        self, layer: RecurrentLayer, feeds: Mapping[str, np.ndarray] | None = None, stop: Stop | None = None
    ) -> dict[str, CellWeights]:
        """The cell of each direction, {"forward": …}.

        feeds: what the model is fed, for layers whose weights come in with the input or are computed from it.
        Raises UnsupportedModelError without them, or for a layer whose weights cannot be told; Cancelled.
        """
        if layer in self._known:
            return self._known[layer]
        if layer.cell is not None:
            self._known[layer] = written_weights(self._model, self._graph, layer, self._engine.open, stop or Stop())
            return self._known[layer]
        given = given_weights(self._graph, layer)
        if given and feeds is None:
            raise UnsupportedModelError(
                f"The weights of {layer.kind} layer {layer.layer} are not in the file: they come with the input.",
                where=", ".join(given), advice="What needs them cannot be shown without an input.",
            )  # fmt: skip

        def values(names: Sequence[str]) -> list[np.ndarray]:
            kept = [name for name in names if name not in given]
            found = dict(zip(kept, constant_values(self._model, self._graph, kept, self._engine.open), strict=True))
            if given:
                computed = self._engine.run(feeds or {}, given, stop or Stop(), lean=True)
                found |= dict(zip(given, computed, strict=True))
            return [found[name] for name in names]

        cells = cell_weights(self._graph, layer, values)
        if not given:
            self._known[layer] = cells
        return cells
