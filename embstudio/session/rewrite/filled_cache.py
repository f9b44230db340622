"""A cache of keys or values of the encoder's output: as it is fed, or worked out where it is fed empty."""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, helper, numpy_helper


def filled_cache(cache: str, made: str, axis: int, filled: str, output: str) -> list[NodeProto]:
    """Nodes that make `filled`: the first entries of cache and `made` behind one another, as many as `made` has.

    So it is `made` if the cache has length 0 along `axis`, and the cache if that has the length of `made`.
    output: the graph's output for the cache, "" for none; it is the same.
    """
    start, at = (f"{filled}.{part}" for part in ("start", "axis"))
    lengths, length, joined = (f"{filled}.{part}" for part in ("lengths", "length", "joined"))
    nodes = [
        helper.make_node("Constant", [], [start], value=numpy_helper.from_array(np.array([0], np.int64))),
        helper.make_node("Constant", [], [at], value=numpy_helper.from_array(np.array([axis], np.int64))),
        helper.make_node("Shape", [made], [lengths]),
        helper.make_node("Gather", [lengths, at], [length]),
        helper.make_node("Concat", [cache, made], [joined], axis=axis),
        helper.make_node("Slice", [joined, start, length, at], [filled]),
    ]
    if output:
        nodes.append(helper.make_node("Identity", [filled], [output]))
    return nodes
