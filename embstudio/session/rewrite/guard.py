"""A check inside a graph: where a model was opened up for one case, an input of the other case stops the run.

Stopping is what ONNX's own operators can do: Gather refuses an index beyond its data. Its data here is one empty row,
which as the shape given to Expand leaves any tensor as it is.
"""

from __future__ import annotations

import numpy as np
from onnx import NodeProto, TensorProto, helper, numpy_helper

from embstudio.session.rewrite.tensor_names import TensorNames

MARK = "only one branch is opened up"  # in the node's name, which onnxruntime's error gives


def guard(condition: str, expected: bool, guarded: str, result: str, names: TensorNames) -> list[NodeProto]:
    """Nodes that make `result` of `guarded` as it is, and stop the run unless `condition` is as expected."""
    row, wrong, index, shape = (names.fresh(f"{condition}/guard.{part}") for part in ("row", "wrong", "index", "shape"))
    empty = numpy_helper.from_array(np.zeros((1, 0), np.int64))
    scalar = names.fresh(f"{condition}/guard.scalar")
    none = names.fresh(f"{condition}/guard.rank")
    return [
        helper.make_node("Constant", [], [row], value=empty),
        helper.make_node("Constant", [], [none], value=numpy_helper.from_array(np.zeros(0, np.int64))),
        helper.make_node("Reshape", [condition, none], [scalar]),
        helper.make_node("Not" if expected else "Identity", [scalar], [wrong]),
        helper.make_node("Cast", [wrong], [index], to=TensorProto.INT64),
        helper.make_node("Gather", [row, index], [shape], name=f"{MARK}: {condition}", axis=0),
        helper.make_node("Expand", [guarded, shape], [result]),
    ]
