"""The tensors around an attention whose lengths in a run tell what its axes are."""

from __future__ import annotations

from collections.abc import Iterable

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.products import Product

# Operators between a projection and a product that rotate, norm, join with a cache, scale and repeat.
_FURTHEST = 24


def around(flow: Dataflow, products: Iterable[Product], between: Iterable[str]) -> tuple[str, ...]:
    """Operands and results of the products, what lies between them, and what keys and values were made of."""
    wanted = dict.fromkeys(between)
    for product in products:
        wanted.update(dict.fromkeys((product.left, product.right, product.result)))
        for operand in (product.left, product.right):
            wanted.update(dict.fromkeys(_behind(flow, operand)))
    return tuple(name for name in wanted if flow.graph.producer(name) is not None)


def _behind(flow: Dataflow, tensor: str) -> list[str]:
    """A tensor and those it is made of, one operator after the other, while each is made of one of them alone."""
    found = [tensor]
    for _ in range(_FURTHEST):
        node = flow.graph.producer(tensor)
        data = flow.data_inputs(node) if node is not None else ()
        if node is None or not data or flow.multiplies_by_weight(node) or node.subgraphs:
            break
        tensor = data[0]
        found.append(tensor)
    return found
