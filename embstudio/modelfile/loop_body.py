"""The body of a Loop or Scan as a model of its own: one step, with what it reads from outside.

Sources: the operators Loop and Scan of the ONNX specification (Scan from operator set 9 on; the one before has a batch
axis of its own and is left alone).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from onnx import AttributeProto, GraphProto, ModelProto, NodeProto, TensorProto, ValueInfoProto, helper

from embstudio.modelfile.graph import Graph, IsData, LoopBody, ScannedTensor, State

_FIRST_SCAN = 9


def loop_body(
    model: ModelProto,
    index: int,
    outer: Graph,
    is_data: IsData,
    plain: Callable[[ModelProto, Path], Graph],
    folder: Path,
) -> LoopBody | None:
    """The step that a Loop or Scan of the main graph repeats; None for another operator.

    is_data: which tensors outside depend on what is fed. plain: turns a model into a Graph; `folder` has its weights.
    """
    node = model.graph.node[index]
    parts = parts_of(node, outer.opset.get("", 1))
    if parts is None:
        return None
    return LoopBody(
        plain(standalone(model, index, outer, is_data), folder),
        tuple(state for state in parts.states if not state.unchanged),
        parts.counter,
        parts.scanned,
        parts.collected,
        parts.trips,
    )


@dataclass
class Parts:
    """A Loop or Scan taken apart. trips: what says how often it runs, "" for a Scan or none. collected: what each step
    leaves behind, inside and outside."""

    body: GraphProto
    states: tuple[State, ...]
    counter: str = ""
    scanned: tuple[ScannedTensor, ...] = ()
    collected: tuple[tuple[str, str], ...] = field(default=())
    trips: str = ""


def parts_of(node: NodeProto, opset: int) -> Parts | None:
    """What a Loop or Scan is made of; None for another operator, or one that is not well formed."""
    body = next((given.g for given in node.attribute if given.name == "body"), None)
    if body is None or node.domain not in ("", "ai.onnx") or node.op_type not in ("Loop", "Scan"):
        return None
    inside, after = [value.name for value in body.input], [value.name for value in body.output]
    outputs = [*node.output, *[""] * (len(after) - len(node.output))]
    if node.op_type == "Loop":
        count = len(inside) - 2
        if len(node.input) != count + 2 or len(after) < count + 1:
            return None
        states = _states(body, inside[2:], after[1 : count + 1], node.input[2:], outputs[:count])
        collected = tuple(zip(after[count + 1 :], outputs[count:], strict=False))
        return Parts(body, states, inside[0], (), collected, node.input[0])
    given = {each.name: helper.get_attribute_value(each) for each in node.attribute}
    scanned = given.get("num_scan_inputs", 0)
    count = len(inside) - scanned
    if opset < _FIRST_SCAN or len(node.input) != len(inside) or len(after) < count:
        return None
    backwards = list(given.get("scan_input_directions", [])) or [0] * scanned
    axes = list(given.get("scan_input_axes", [])) or [0] * scanned
    pieces = tuple(
        ScannedTensor(name, tensor, axis, bool(back))
        for name, tensor, axis, back in zip(inside[count:], node.input[count:], axes, backwards, strict=True)
    )
    states = _states(body, inside[:count], after[:count], node.input[:count], outputs[:count])
    return Parts(body, states, "", pieces, tuple(zip(after[count:], outputs[count:], strict=False)))


def standalone(model: ModelProto, index: int, outer: Graph, is_data: IsData) -> ModelProto:
    """One step of a Loop or Scan as a model. What it reads from outside is an input if it is data, and computed as it
    is outside if it is not. Raises ValueError for another operator."""
    node = model.graph.node[index]
    parts = parts_of(node, outer.opset.get("", 1))
    if parts is None:
        raise ValueError(f"{node.op_type} has no body that is known")
    around = _Around(model, outer, is_data)
    held = {state.before: state.initial for state in parts.states if state.unchanged}
    nodes: list[NodeProto] = []
    for inside, initial in held.items():
        nodes += around.bring(initial)
        nodes.append(helper.make_node("Identity", [initial], [inside]))
    for name in dict.fromkeys(_captured(parts.body)):
        nodes += around.bring(name)
    step = ModelProto(ir_version=max(model.ir_version, 4))
    step.opset_import.extend(model.opset_import)
    step.functions.extend(model.functions)
    graph = step.graph
    graph.name = parts.body.name or "step"
    graph.node.extend([*nodes, *parts.body.node])
    graph.initializer.extend([*around.initializers, *parts.body.initializer])
    outside: dict[str, tuple[str, int | None]] = {state.before: (state.initial, None) for state in parts.states}
    outside |= {piece.inside: (piece.outside, piece.axis) for piece in parts.scanned}
    graph.input.extend(around.typed(value, outside) for value in parts.body.input if value.name not in held)
    graph.input.extend(around.inputs)
    graph.output.extend(parts.body.output)
    graph.value_info.extend(parts.body.value_info)
    return step


class _Around:
    """What stands around a body: brings in what it reads."""

    def __init__(self, model: ModelProto, outer: Graph, is_data: IsData) -> None:
        self._weights = {tensor.name: tensor for tensor in model.graph.initializer}
        self._nodes = model.graph.node
        self._outer, self._is_data = outer, is_data
        self._brought: set[str] = set()
        self.initializers: list[TensorProto] = []
        self.inputs: list[ValueInfoProto] = []

    def bring(self, name: str) -> list[NodeProto]:
        """The nodes that make a tensor which is no data; data and weights are noted as such."""
        if not name or name in self._brought:
            return []
        self._brought.add(name)
        if name in self._weights:
            self.initializers.append(self._weights[name])
            return []
        producer = self._outer.producer(name)
        if producer is None or self._is_data(name):
            self.inputs.append(self._value(name))
            return []
        self._brought.update(producer.outputs)
        return [*(each for read in producer.reads for each in self.bring(read)), self._nodes[producer.index]]

    def typed(self, value: ValueInfoProto, outside: dict[str, tuple[str, int | None]]) -> ValueInfoProto:
        """An input of the body, with the type of what is fed to it outside where it states none.

        outside: by input the tensor, and the axis along which it is cut into pieces, if it is.
        """
        name, axis = outside.get(value.name, ("", None))
        if not name or not value.type.HasField("tensor_type") or value.type.tensor_type.HasField("shape"):
            return value
        known = self._value(name, axis)
        known.name = value.name
        return known

    def _value(self, name: str, without: int | None = None) -> ValueInfoProto:
        dtype, shape = self._outer.dtype(name), self._outer.shape(name)
        if shape is not None and without is not None and -len(shape) <= without < len(shape):
            shape = tuple(size for axis, size in enumerate(shape) if axis != without % len(shape))
        elem = TensorProto.FLOAT
        if dtype is not None and dtype.upper() in tuple(TensorProto.DataType.keys()):
            elem = TensorProto.DataType.Value(dtype.upper())
        elif dtype == "float32" or dtype is None:
            elem = TensorProto.FLOAT
        elif dtype == "float64":
            elem = TensorProto.DOUBLE
        return helper.make_tensor_value_info(name, elem, None if shape is None else list(shape))


def _states(
    body: GraphProto, before: list[str], after: list[str], initial: list[str], final: list[str]
) -> tuple[State, ...]:
    made = {name: node for node in body.node for name in node.output}
    found = []
    for inside, following, first, last in zip(before, after, initial, final, strict=True):
        source = following
        while source in made and made[source].op_type == "Identity":
            source = made[source].input[0]
        found.append(State(inside, following, first, last, unchanged=source == inside))
    return tuple(found)


def _captured(body: GraphProto) -> Iterator[str]:
    """Tensors that a body reads from outside, those of graphs in it among them."""
    made = {tensor.name for tensor in body.initializer} | {value.name for value in body.input}
    for node in body.node:
        yield from (name for name in node.input if name and name not in made)
        for given in node.attribute:
            for inner in (given.g,) if given.type == AttributeProto.GRAPH else given.graphs:
                yield from (name for name in _captured(inner) if name not in made)
        made.update(node.output)
    yield from (value.name for value in body.output if value.name not in made)
