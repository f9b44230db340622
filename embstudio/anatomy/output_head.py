"""The output head: the last product with weights before the model's first output, and what that output means."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.anatomy import EmbeddingTable, OutputHead, PointSource
from embstudio.anatomy.dataflow import Dataflow
from embstudio.modelfile.graph import Node
from embstudio.modelfile.tensor_info import TensorInfo

# What may stand between the head's product and the output without making it anything else than scores.
_STILL_SCORES = frozenset({
    "Add", "Cast", "Identity", "Reshape", "Transpose", "Squeeze", "Unsqueeze", "Softmax", "LogSoftmax", "Sigmoid",
    "Div", "Mul", "Tanh", "Slice", "Gather", "Flatten",
})  # fmt: skip
_PROBABILITIES = frozenset({"Softmax", "LogSoftmax", "Sigmoid"})


@dataclass(frozen=True)
class FoundHead:
    """The head, its product with weights (None where vectors come out as they are), and its point if it has one."""

    head: OutputHead
    node: Node | None
    point: PointSource | None


def find_output_head(flow: Dataflow, table: EmbeddingTable | None) -> FoundHead | None:
    """What the first output of numbers means, by its shape and by what makes it. None if no output is like that."""
    output = next((info for info in flow.graph.outputs if _is_result(flow, info)), None)
    if output is None:
        return None
    product, between = _last_product(flow, output.name)
    shape = flow.graph.shape(output.name) or output.shape
    width = shape[-1] if shape and isinstance(shape[-1], int) else _product_width(flow, product)
    per_token = len(shape) >= 3
    kind = _kind(product, between, width, table, per_token=per_token)
    return FoundHead(OutputHead(kind, output.name, width), product, _point(flow, output, kind, shape))


def _is_result(flow: Dataflow, info: TensorInfo) -> bool:
    return info.dtype.startswith(("float", "bfloat")) and len(info.shape) >= 2 and flow.is_data(info.name)


def _last_product(flow: Dataflow, tensor: str) -> tuple[Node | None, set[str]]:
    """Back from a tensor, through what leaves scores scores, to a product with weights; and what was passed."""
    passed: set[str] = set()
    while True:
        node = flow.graph.producer(tensor)
        if node is None or flow.multiplies_by_weight(node):
            return node, passed
        data = flow.data_inputs(node)
        if node.op not in _STILL_SCORES or len(set(data)) != 1:
            return None, passed
        passed.add(node.op)
        tensor = data[0]


def _product_width(flow: Dataflow, product: Node | None) -> int | None:
    shape = flow.graph.shape(product.outputs[0]) if product else None
    return shape[-1] if shape and isinstance(shape[-1], int) else None


def _kind(
    product: Node | None, between: set[str], width: int | None, table: EmbeddingTable | None, *, per_token: bool
) -> str:
    if product is not None and table is not None and width is not None and width == table.rows:
        return "next word"
    # A pooler ends in tanh; scores do not, unless they are capped (and then a product with the cap follows).
    vectors = product is None or ("Tanh" in between and "Mul" not in between and not between & _PROBABILITIES)
    if vectors:
        return "vectors per token" if per_token else "vector"
    return "classes per token" if per_token else "classes"


def _point(flow: Dataflow, output: TensorInfo, kind: str, shape: tuple[int | str | None, ...]) -> PointSource | None:
    if kind == "vectors per token" or len(shape) not in (2, 3):
        return None
    if kind == "vector":
        return PointSource("pooled", ("d_model",), output.name, ("batch", "d_model"))
    last = "vocab" if kind == "next word" else "class"
    if len(shape) == 2:
        return PointSource("logits", (last,), output.name, ("batch", last))
    first, second = ("pos", "batch") if _is_time_major(flow, shape) else ("batch", "pos")
    return PointSource("logits", ("pos", last), output.name, (first, second, last))


def _is_time_major(flow: Dataflow, shape: tuple[int | str | None, ...]) -> bool:
    """Are the first two axes those of the ids, turned round? Told by the symbols the exporter gave them."""
    ids = next((info.shape for info in flow.graph.inputs if info.dtype in ("int64", "int32")), ())
    return len(ids) == 2 and all(ids) and ids[0] != ids[1] and (shape[1], shape[0]) == ids
