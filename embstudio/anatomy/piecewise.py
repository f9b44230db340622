"""Attention that a graph computes in pieces: block-sparse (BigBird), banded (Longformer), mixed between
heads, or each head by itself.

There is no tensor [head, query, key] of it, so it has no points; but it is attention, and is said to be.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.products import product_of
from embstudio.anatomy.softmaxes import FoundSoftmax
from embstudio.modelfile.graph import Node

_SHAPING = frozenset({"Reshape", "Transpose", "Squeeze", "Unsqueeze", "Cast", "Identity", "Flatten"})
_FURTHEST = 400  # tensors looked at on one side


def is_between_products(flow: Dataflow, softmax: FoundSoftmax) -> bool:
    """Is there a product of two features on the way to a softmax, and one with features after it, by whatever
    operators but products with weights? Those that mix the heads (Shazeer et al. 2020, talking heads) count as none."""

    def behind(tensor: str) -> Iterable[str]:
        node = flow.graph.producer(tensor)
        return () if node is None or _leaves(flow, node) else node.reads

    def ahead(tensor: str) -> Iterable[str]:
        users = flow.graph.consumers(tensor)
        return (name for node in users if not _leaves(flow, node) for name in node.outputs)

    return _meets_product(flow, softmax.entering, behind) and _meets_product(flow, softmax.result, ahead)


def _leaves(flow: Dataflow, node: Node) -> bool:
    """Is it a product with weights, which ends what can be an attention? Heads are mixed in [batch, head, query, key]
    by a square matrix, while what is projected has three axes at most."""
    if not flow.multiplies_by_weight(node):
        return False
    shape = next((flow.graph.shape(name) for name in node.inputs if flow.is_constant(name)), None) or ()
    return flow.graph.rank(flow.data_inputs(node)[0]) != 4 or len(shape) < 2 or shape[0] != shape[1]


def _meets_product(flow: Dataflow, start: str, step: Callable[[str], Iterable[str]]) -> bool:
    waiting, seen = deque([start]), {start}
    while waiting and len(seen) < _FURTHEST:
        tensor = waiting.popleft()
        node = flow.graph.producer(tensor)
        if node is not None and tensor != start and _multiplies_features(flow, node):
            return True
        for name in step(tensor):
            if name and name not in seen and flow.is_feature(name):
                seen.add(name)
                waiting.append(name)
    return False


def _multiplies_features(flow: Dataflow, node: Node) -> bool:
    product = product_of(flow.graph, node)
    return product is not None and flow.is_feature(product.left) and flow.is_feature(product.right)


def put_together(flow: Dataflow, results: list[str], *, last: bool = False) -> frozenset[str]:
    """Those of some attentions' results that are joined with each other, as they are: along an inner axis each is of
    some of the queries, along the last one it is of one head among several."""
    joins = {result: joint for result in results if (joint := _joined_in(flow, result, last)) is not None}
    times = Counter(joins.values())
    return frozenset(result for result, joint in joins.items() if times[joint] > 1)


def is_factor(flow: Dataflow, result: str) -> bool:
    """Is an attention's result multiplied by other features before weights and stream come: a factor of one attention
    that is taken apart into several (Nyströmformer: Xiong et al. 2021)?"""
    waiting, seen = [result], {result}
    while waiting and len(seen) < _FURTHEST:
        for node in flow.graph.consumers(waiting.pop()):
            if _multiplies_features(flow, node):
                return True
            features = [name for name in node.inputs if flow.is_feature(name)]
            alone = node.op in _SHAPING or (node.op in ("Add", "Sub", "Mul", "Div") and len(features) == 1)
            fresh = [name for name in node.outputs[:1] if alone and name not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
    return False


def _joined_in(flow: Dataflow, tensor: str, last: bool) -> int | None:
    """The index of the Concat that a tensor goes into, as it is, if it joins along the last axis or not as asked."""
    while True:
        users = [node for node in flow.graph.consumers(tensor) if node.op not in ("Shape", "Size")]
        if len(users) != 1:
            return None
        (node,) = users
        if node.op == "Concat":
            axis, rank = node.attributes.get("axis"), flow.graph.rank(tensor)
            is_last = axis == -1 or (rank is not None and axis == rank - 1)
            return node.index if is_last == last and (last or rank is not None) else None
        if node.op not in _SHAPING:
            return None
        tensor = node.outputs[0]
