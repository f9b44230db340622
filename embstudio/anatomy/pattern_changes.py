"""Is the pattern that meets the values what the softmax made, or is it masked, weighted or normalised again first?"""

from __future__ import annotations

from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.found_attention import Steps


def is_changed(flow: Dataflow, steps: Steps) -> bool:
    """steps: from the softmax to the product with the values.

    Divided by data (its rows normalised again), or multiplied by learned numbers, features, or numbers for each place
    that are no data (a causal mask). A mask that comes in is 1 for every token there is, if rows are left at that.
    """
    for node, entering in steps:
        if node.op not in ("Mul", "Div"):
            continue
        others = [name for name in node.inputs if name != entering]
        for name in others:
            if flow.is_data(name) and (node.op == "Div" or flow.is_feature(name)):
                return True
            if not flow.is_data(name) and any(length != 1 for length in flow.graph.shape(name) or ()):
                return True
    return False
