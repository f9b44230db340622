"""What becomes of an input in a graph, followed as long as it is itself and not yet mixed with weights."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Graph, Node

# The same numbers in another shape.
SAME_NUMBERS = frozenset({
    "Cast", "Identity", "Reshape", "Squeeze", "Unsqueeze", "Slice", "Expand", "Transpose", "Flatten", "Tile", "Split",
    "CastLike", "QuantizeLinear", "DequantizeLinear", "Clip", "Pad",
})  # fmt: skip
# Other numbers, but each made of the input's own: comparing, counting, scaling, and what masks are made with.
_ELEMENTWISE = frozenset({
    "Add", "Sub", "Mul", "Div", "Where", "Not", "And", "Or", "Xor", "Equal", "Greater", "Less", "GreaterOrEqual",
    "LessOrEqual", "Min", "Max", "Neg", "Abs", "Sign", "Floor", "Mod", "Pow", "CumSum", "ReduceSum", "ReduceMax",
    "ReduceMin", "Concat", "GatherElements", "GatherND", "ScatterND", "ScatterElements", "Trilu", "IsNaN", "IsInf",
    "Dropout", "Gather", "Sum", "BitwiseAnd", "BitwiseOr", "BitwiseNot", "Log",
})  # fmt: skip
_COUNTS = frozenset({"CumSum", "ReduceSum"})


@dataclass
class Reach:
    """Where an input arrives.

    softmaxes: what the Softmax nodes make. rows: of the tables that it chooses rows from unchanged.
    places:    of the tables that it chooses rows from after some arithmetic (positions kept after two for padding).
    angles:    it turns queries and keys round: a cosine or a sine of it is taken.
    counted:   something counts it up, as positions are made of a mask.
    slots:     fused operators it enters, with the place among their inputs.
    """

    softmaxes: set[str] = field(default_factory=set)
    rows: list[int] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    angles: bool = False
    counted: bool = False
    slots: list[tuple[Node, int]] = field(default_factory=list)


def reach(flow: Dataflow, tensor: str) -> Reach:
    """Follow an input forward; stops at tables, cosines, softmaxes, products with weights and whole operators."""
    found = Reach()
    # The tensor, whether it is still the input's own numbers, and whether something was counted on the way.
    waiting: deque[tuple[str, bool, bool]] = deque([(tensor, True, False)])
    seen = {tensor}
    while waiting:
        name, same, counted = waiting.popleft()
        for node in flow.graph.consumers(name):
            places = [place for place, given in enumerate(node.inputs) if given == name]
            if node.op == "Softmax":
                found.softmaxes.add(node.outputs[0])
            elif node.op in ("Cos", "Sin"):
                found.angles |= not counted
            elif node.op.startswith("GatherElements") and 1 in places and not flow.is_data(node.input(0)):
                found.angles |= not counted  # a table of cosines and sines, one row a place
            elif node.op == "Gather" and 1 in places and _table_rows(flow, node):
                if not counted:
                    (found.rows if same else found.places).append(_table_rows(flow, node))
            elif node.domain or node.op in ("Attention", "RotaryEmbedding", "LSTM", "GRU", "RNN"):
                found.slots.extend((node, place) for place in places)
            elif node.op in SAME_NUMBERS or node.op in _ELEMENTWISE or _times_constant(flow, node, name):
                still = same and node.op in SAME_NUMBERS
                found.counted |= node.op == "CumSum"
                for made in filter(None, node.outputs):
                    if made not in seen:
                        seen.add(made)
                        waiting.append((made, still, counted or node.op in _COUNTS))
    return found


def _times_constant(flow: Dataflow, node: Node, tensor: str) -> bool:
    """Is a tensor multiplied with something that is the same for all inputs, such as the frequencies of a rotation?"""
    return node.op in ("MatMul", "Einsum") and not any(flow.is_data(name) for name in node.inputs if name != tensor)


def _table_rows(flow: Dataflow, gather: Node) -> int:
    """Rows of the table of vectors a Gather looks things up in; 0 if it is no such thing."""
    weight = flow.weight_behind(gather.input(0))
    if weight is None or len(weight.shape) < 2 or gather.attributes.get("axis", 0) != 0:
        return 0
    return weight.shape[0] if weight.dtype.startswith(("float", "bfloat", "int8", "uint8")) else 0


def hiding_value(graph: Graph, mask: str) -> float:
    """The value of a mask that hides a token: 0 where ones let see, which is the custom; 1 where ones hide (PyTorch's
    key_padding_mask); a large negative number where the mask itself is added to the scores."""
    waiting: deque[tuple[str, bool]] = deque([(mask, False)])
    seen = {mask}
    while waiting:
        name, flipped = waiting.popleft()
        for node in graph.consumers(name):
            turned = flipped
            if node.op == "Not" or (node.op == "Sub" and node.input(1) == name) or _is_zero_test(graph, node):
                turned = not flipped
            elif node.op == "Where" and node.input(0) == name:
                hides = _is_very_negative(graph, node.input(1))
                lets = _is_very_negative(graph, node.input(2))
                if hides or lets:
                    return 1.0 if hides != flipped else 0.0
            elif node.op == "Mul":
                others = [other for other in node.inputs if other != name]
                if any(_is_very_negative(graph, other) for other in others):
                    return 0.0 if flipped else 1.0
            elif node.op == "Add" and not flipped and _meets_product(graph, node, name):
                return -10000.0
            if node.op in SAME_NUMBERS or node.op in ("Not", "Sub", "Equal", "And", "Greater"):
                for made in filter(None, node.outputs):
                    if made not in seen:
                        seen.add(made)
                        waiting.append((made, turned))
    return 0.0


def _is_zero_test(graph: Graph, node: Node) -> bool:
    if node.op != "Equal":
        return False
    values = [weight.values for name in node.inputs if (weight := graph.weight(name)) is not None and weight.size == 1]
    return bool(values) and not values[0].any()


def _is_very_negative(graph: Graph, tensor: str) -> bool:
    """Is it a constant that hides what it is put over: −∞, or a number beyond all scores?"""
    for _ in range(6):
        weight = graph.weight(tensor)
        if weight is not None:
            return weight.size == 1 and bool(weight.values.min() <= -1000.0)
        node = graph.producer(tensor)
        if node is None:
            return False
        value = node.attributes.get("value")
        if node.op == "ConstantOfShape" and value is not None:
            return bool(getattr(value, "min", lambda: 0.0)() <= -1000.0)
        if node.op not in SAME_NUMBERS or not node.inputs:
            return False
        tensor = node.input(0)
    return False


def _meets_product(graph: Graph, add: Node, mask: str) -> bool:
    """Is what a mask is added to a product (queries with keys), perhaps scaled or with a bias?"""
    waiting, seen = [name for name in add.inputs if name != mask], set[str]()
    for _ in range(40):
        if not waiting:
            return False
        node = graph.producer(waiting.pop())
        if node is None or node.outputs[0] in seen:
            continue
        seen.add(node.outputs[0])
        if node.op in ("MatMul", "Einsum", "FusedMatMul"):
            return True
        if node.op in SAME_NUMBERS or node.op in ("Add", "Mul", "Div", "Where"):
            waiting.extend(filter(None, node.inputs))
    return False
