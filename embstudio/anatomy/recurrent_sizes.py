"""Whether the parts of a recurrent operator fit together, as far as the graph tells their shapes."""

from __future__ import annotations

from embstudio.anatomy.recurrent_node import RecurrentNode
from embstudio.formulas.cells import ORDER
from embstudio.modelfile.graph import Graph, Shape


def misfit(graph: Graph, node: RecurrentNode) -> str:
    """What does not fit, as the end of a sentence; "" where everything does or nothing is known."""
    units = _units(graph, node)
    if units is None:
        return ""
    if node.hidden_size not in (None, units):
        return f"it states {node.hidden_size} units, and its weights R are for {units}"
    c = graph.shape(node.c)
    if node.kind == "lstm" and c and isinstance(c[-1], int) and c[-1] > units:
        return (
            f"its memory c has {c[-1]} units and its state h {units}, as an LSTM with a projection has (PyTorch's "
            "proj_size), for which ONNX has no operator"
        )
    directions, rows = len(node.directions), len(ORDER[node.kind]) * units
    wanted: dict[str, tuple[str, Shape]] = {
        "R": (node.R, (directions, units, rows) if node.quantised else (directions, rows, units)),
        "W": (node.W, (directions, None, rows) if node.quantised else (directions, rows, None)),
        "B": (node.B, (directions, 2 * rows)),
        "P": (node.P, (directions, 3 * units)),
        "initial h": (node.h, (None, directions, units) if node.batch_first else (directions, None, units)),
        "initial c": (node.c, (None, directions, units) if node.batch_first else (directions, None, units)),
    }
    for word, (tensor, shape) in wanted.items():
        found = graph.shape(tensor) if tensor else None
        if found is not None and not _fits(found, shape):
            return f"its {word} has shape {_written(found)}, where {_written(shape)} would fit {units} units"
    return ""


def _units(graph: Graph, node: RecurrentNode) -> int | None:
    shape = graph.shape(node.R)
    if shape is None or len(shape) != 3:
        return None
    length = shape[1] if node.quantised else shape[2]
    return length if isinstance(length, int) else None


def _fits(found: Shape, wanted: Shape) -> bool:
    return len(found) == len(wanted) and all(
        not isinstance(one, int) or not isinstance(other, int) or one == other
        for one, other in zip(found, wanted, strict=True)
    )


def _written(shape: Shape) -> str:
    return f"[{', '.join('any' if length is None else str(length) for length in shape)}]"
