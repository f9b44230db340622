"""RNN, GRU and LSTM nodes rewritten as a Scan of primitive operators, so that every gate of every token comes out.

ONNX's recurrent operators return h for every token and the last c; no gates. The rewrite computes the same sums in
the same order of gates (i, o, f, c; z, r, h) and keeps the node's own outputs under their own names, so nothing after
it changes. What does not depend on the state is done once for all tokens before the loop (X Wᵀ + b), what only cuts
things up is done after it: the loop's body is as small as it can be.

Sources: the operators RNN, GRU, LSTM and Scan of the ONNX specification.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import helper, numpy_helper

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.session.graph_writer import GraphWriter
from embstudio.session.scan_loop import ScanLoop

LAYOUT = ("pos", "batch", "unit")
AXES = ("pos", "unit")

_ACTIVATIONS = {"sigmoid": "Sigmoid", "tanh": "Tanh", "relu": "Relu"}
_DEFAULTS = {"LSTM": ("Sigmoid", "Tanh", "Tanh"), "GRU": ("Sigmoid", "Tanh"), "RNN": ("Tanh",)}
_GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}


@dataclass(frozen=True)
class ScanCopy:
    """A copied model with its recurrent nodes opened up.

    points: where each gate and state is found in `model`; only of the layers that could be rewritten.
    notes:  a plain sentence for each layer that was left as it is, and why.
    """

    model: onnx.ModelProto
    points: tuple[PointSource, ...]
    notes: tuple[str, ...]


def copy_with_scans(model: onnx.ModelProto, layers: Sequence[RecurrentLayer]) -> ScanCopy:
    """A copy of `model` in which each of `layers` is a Scan whose gates are tensors. `model` itself stays as it is."""
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    opset = next((entry.version for entry in copied.opset_import if entry.domain in ("", "ai.onnx")), 0)
    by_node = {layer.node: layer for layer in layers}
    nodes: list[onnx.NodeProto] = []
    points: list[PointSource] = []
    notes: list[str] = []
    for place, node in enumerate(model.graph.node):
        layer = by_node.get(place)
        reason = _not_covered(node, opset) if layer else ""
        if layer is None or reason:
            nodes.append(node)
            if layer:
                notes.append(f"The gates of {layer.kind} layer {layer.layer} cannot be shown yet: it uses {reason}.")
            continue
        rewrite = _Rewrite(model.graph, node, layer, opset)
        rewrite.write()
        nodes.extend(rewrite.out.nodes)
        points.extend(rewrite.points)
    del copied.graph.node[:]
    copied.graph.node.extend(nodes)
    return ScanCopy(copied, tuple(points), tuple(notes))


def _not_covered(node: onnx.NodeProto, opset: int) -> str:
    """What this rewrite does not cover in a node, as the end of a sentence; "" where it covers everything."""
    attributes = _attributes(node)
    if node.op_type not in _GATES:
        return f"the operator {node.op_type}"
    if opset < 9:
        return f"operator set {opset}, which has no Scan"
    if _name(node.input, 4) and opset < 11:
        return f"sequence lengths in operator set {opset}"
    if node.op_type == "LSTM" and _name(node.input, 7):
        return "peephole weights"
    for name, meaning in (("clip", "clipped sums"), ("layout", "the batch-first layout"),
                          ("input_forget", "a forget gate tied to the input gate")):  # fmt: skip
        if attributes.get(name):
            return meaning
    unusual = [name for name in _activations(node) if name.lower() not in _ACTIVATIONS]
    return f"the activation {unusual[0]}" if unusual else ""


def _attributes(node: onnx.NodeProto) -> dict[str, object]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


def _activations(node: onnx.NodeProto) -> tuple[str, ...]:
    """Names of the activations, all directions one after the other, as the node states them or by default."""
    stated = _attributes(node).get("activations")
    if isinstance(stated, list) and stated:
        return tuple(name.decode() for name in stated)
    directions = 2 if _attributes(node).get("direction") == b"bidirectional" else 1
    return _DEFAULTS[node.op_type] * directions


def _name(names: Sequence[str], at: int) -> str:
    """The tensor at a place among a node's inputs or outputs; "" where it is left out."""
    return names[at] if at < len(names) else ""


class _Rewrite:
    """One recurrent node on its way to becoming Scans: one a direction, joined to the node's own outputs."""

    def __init__(self, graph: onnx.GraphProto, node: onnx.NodeProto, layer: RecurrentLayer, opset: int) -> None:
        self.node, self.layer, self.kind, self.units = node, layer, node.op_type, layer.units
        self.dtype = _element_type(graph, node)
        self.out = GraphWriter(f"embstudio:{layer.kind}.{layer.layer}", opset)
        self.points: list[PointSource] = []
        self.linear_before_reset = bool(_attributes(node).get("linear_before_reset"))
        names = [_ACTIVATIONS[name.lower()] for name in _activations(node)]
        each = len(_DEFAULTS[self.kind])
        self.functions = [names[at : at + each] for at in range(0, len(names), each)]

    def write(self) -> None:
        """Emit everything: the Scan of each direction, then Y, Y_h and Y_c under the names the node gave them."""
        mask = self._mask()
        ends = [self._direction(at, name, mask) for at, name in enumerate(self.layer.directions)]
        for at, (name, axis) in enumerate((("h", 1), ("h_last", 0), ("c_last", 0))):
            wanted = _name(self.node.output, at)
            if wanted:
                parts = [self.out.unsqueeze(end[name], axis) for end in ends]
                self.out.add("Concat", parts, wanted, axis=axis)

    def _mask(self) -> str:
        """[pos, batch, 1]: true for the tokens that belong to each sequence; "" where all are as long as the input."""
        lengths, out = _name(self.node.input, 4), self.out
        if not lengths:
            return ""
        length = out.add("Gather", [out.add("Shape", [self.node.input[0]]), out.integer(0)], axis=0)
        positions = out.unsqueeze(out.add("Range", [out.integer(0), length, out.integer(1)]), 1)
        inside = out.add("Less", [positions, out.add("Cast", [lengths], to=onnx.TensorProto.INT64)])
        return out.unsqueeze(inside, 2)

    def _direction(self, at: int, direction: str, mask: str) -> dict[str, str]:
        """One direction; returns its tensors by the name of the gate or state, and "h_last", "c_last"."""
        out, index = self.out, self.out.integer(at)
        X, W, R = self.node.input[:3]
        rows = out.add("Gather", [W, index], axis=0)
        projected = out.add("MatMul", [X, out.add("Transpose", [rows], perm=[1, 0])])
        recurrent = out.add("Gather", [R, index], axis=0)
        loop = ScanLoop(out, direction, reverse=direction == "reverse", dtype=self.dtype, mask=mask)
        write = {"LSTM": self._lstm, "GRU": self._gru, "RNN": self._rnn}[self.kind]
        tensors = write(loop, index, projected, recurrent, self.functions[at])
        for name in [name for name in tensors if not name.endswith("_last")]:
            if mask:  # past the end of a sequence everything is 0, as the operator says of Y
                tensors[name] = out.add("Where", [mask, tensors[name], out.constant(self._zeros(1))])
            point = f"{self.layer.kind}.{self.layer.layer}.{direction}.{name}"
            self.points.append(PointSource(point, AXES, tensors[name], LAYOUT))
        return tensors

    def _lstm(self, loop: ScanLoop, index: str, projected: str, R: str, functions: list[str]) -> dict[str, str]:
        out, body, units = self.out, loop.body, self.units
        h = loop.state("h", self._initial(5, index))
        c = loop.state("c", self._initial(6, index))
        x = loop.each(out.add("Add", [projected, out.add("Add", self._biases(index))]))
        gates, candidate = body.split(body.affine(h, R, x), [3 * units, units], axis=1)
        iof = body.add(functions[0], [gates])
        g = body.add(functions[1], [candidate])
        i, o, f = body.split(iof, [units] * 3, axis=1)
        c = body.add("Add", [body.add("Mul", [f, c]), body.add("Mul", [i, g])])
        h = body.add("Mul", [o, body.add(functions[2], [c])])
        for name, value in (("iof", iof), ("g", g), ("c", c), ("h", h)):
            loop.leave(name, value)
        tensors = loop.close()
        i, o, f = out.split(tensors.pop("iof"), [units] * 3, axis=2)
        return {"i": i, "o": o, "f": f, **tensors}

    def _gru(self, loop: ScanLoop, index: str, projected: str, R: str, functions: list[str]) -> dict[str, str]:
        out, body, sizes = self.out, loop.body, [2 * self.units, self.units]
        h = loop.state("h", self._initial(5, index))
        x_zr, x_n = out.split(projected, sizes, axis=2)
        R_zr, R_n = out.split(R, sizes, axis=0)
        (wb_zr, wb_n), (rb_zr, rb_n) = (out.split(bias, sizes, axis=0) for bias in self._biases(index))
        x_zr = loop.each(out.add("Add", [x_zr, out.add("Add", [wb_zr, rb_zr])]))
        zr = body.add(functions[0], [body.affine(h, R_zr, x_zr)])
        z, r = body.split(zr, [self.units] * 2, axis=1)
        if self.linear_before_reset:
            x_n = loop.each(out.add("Add", [x_n, wb_n]))
            total = body.add("Add", [x_n, body.add("Mul", [r, body.affine(h, R_n, rb_n)])])
        else:
            x_n = loop.each(out.add("Add", [x_n, out.add("Add", [wb_n, rb_n])]))
            total = body.affine(body.add("Mul", [r, h]), R_n, x_n)
        n = body.add(functions[1], [total])
        # n + z ⊙ (h − n) is (1 − z) ⊙ n + z ⊙ h with one operator less in the loop.
        h = body.add("Add", [n, body.add("Mul", [z, body.add("Sub", [h, n])])])
        for name, value in (("zr", zr), ("n", n), ("h", h)):
            loop.leave(name, value)
        tensors = loop.close()
        z, r = out.split(tensors.pop("zr"), [self.units] * 2, axis=2)
        return {"z": z, "r": r, **tensors}

    def _rnn(self, loop: ScanLoop, index: str, projected: str, R: str, functions: list[str]) -> dict[str, str]:
        out = self.out
        h = loop.state("h", self._initial(5, index))
        x = loop.each(out.add("Add", [projected, out.add("Add", self._biases(index))]))
        a = loop.body.affine(h, R, x)
        loop.leave("a", a)
        loop.leave("h", loop.body.add(functions[0], [a]))
        return loop.close()

    def _biases(self, index: str) -> list[str]:
        """The input and the recurrent biases of a direction, [gates·unit] each; zeros where the node has none."""
        size, given = _GATES[self.kind] * self.units, _name(self.node.input, 3)
        if not given:
            zeros = self.out.constant(self._zeros(size))
            return [zeros, zeros]
        return self.out.split(self.out.add("Gather", [given, index], axis=0), [size, size], axis=0)

    def _initial(self, at: int, index: str) -> str:
        """The initial state of a direction, [batch, unit]: as given, or zeros."""
        out, given = self.out, _name(self.node.input, at)
        if given:
            return out.add("Gather", [given, index], axis=0)
        batch = out.add("Gather", [out.add("Shape", [self.node.input[0]]), out.integers([1])], axis=0)
        shape = out.add("Concat", [batch, out.integers([self.units])], axis=0)
        return out.add("ConstantOfShape", [shape], value=numpy_helper.from_array(self._zeros(1)))

    def _zeros(self, size: int) -> np.ndarray:
        return np.zeros(size, helper.tensor_dtype_to_np_dtype(self.dtype))


def _element_type(graph: onnx.GraphProto, node: onnx.NodeProto) -> int:
    """The type of the numbers of a recurrent node: that of its weights where the graph says it, else float."""
    for tensor in graph.initializer:
        if tensor.name in node.input[1:4]:
            return int(tensor.data_type)
    for value in (*graph.value_info, *graph.input, *graph.output):
        if value.name in (*node.input[:3], *node.output) and value.name:
            return int(value.type.tensor_type.elem_type)
    return int(onnx.TensorProto.FLOAT)
