"""What can be said of operators that hold graphs of their own, whose tensors cannot be outputs.

Where the session could, it wrote them out before a graph is read; what is left here could not be opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from embstudio.modelfile.graph import Graph

_PRODUCTS = frozenset({"MatMul", "Einsum", "FusedMatMul", "MatMulInteger", "QLinearMatMul", "MatMulIntegerToFloat"})
_WHY = {
    "Loop": "its steps depend on the input, or are very many",
    "Scan": "its steps depend on the input, or are very many",
    "If": "which branch it takes depends on the input",
    "BeamSearch": "it runs the whole model many times over",
    "WhisperBeamSearch": "it runs the whole model many times over",
    "GreedySearch": "it runs the whole model many times over",
    "Sampling": "it runs the whole model many times over",
}


def say_what_is_inside(graph: Graph, opened: Collection[int] = ()) -> list[str]:
    """One sentence for each kind of operator with a graph inside; attention and recurrent layers are named.

    opened: nodes whose inside has points.
    """
    closed: Counter[tuple[str, str]] = Counter()
    for node in graph.nodes:
        if node.subgraphs and node.index not in opened:
            closed[node.operator, _layers_in(node.inner_ops)] += 1
    return [_sentence(operator, layers, count) for (operator, layers), count in closed.items()]


def _layers_in(ops: Sequence[str]) -> str:
    """What is hidden: "attention" for a softmax between matrix products or a fused one, "a recurrent layer", or ""."""
    softmax = ops.index("Softmax") if "Softmax" in ops else len(ops)
    if any("Attention" in op for op in ops) or (_PRODUCTS & {*ops[:softmax]} and _PRODUCTS & {*ops[softmax:]}):
        return "attention"
    return "a recurrent layer" if {"LSTM", "GRU", "RNN", "DynamicQuantizeLSTM"} & {*ops} else ""


def _sentence(operator: str, layers: str, count: int) -> str:
    if not layers:
        return f"{count} {operator} with a graph of its own: what happens inside has no points."
    why = _WHY.get(operator.rpartition(".")[2])
    return (
        f"There is {layers} inside {count} {operator}, which cannot be opened"
        f"{': ' + why if why else ''}. What happens inside has no points."
    )
