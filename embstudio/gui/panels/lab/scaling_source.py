"""The shape of the open model, with what its run tells of it."""

from __future__ import annotations

from embstudio.anatomy.model_shape import shape_of
from embstudio.formulas.scaling.known_shapes import Shape
from embstudio.studio import Studio
from embstudio.trace.attention_stacks import attention_stacks, looks_back_only
from embstudio.trace.trace import Trace


def open_shape(studio: Studio) -> Shape | None:
    """None where no model is open, or none that the formulas know."""
    if studio.document is None:
        return None
    return shape_of(studio.document.opened.anatomy, looks_ahead=_looks_ahead(studio.trace))


def _looks_ahead(trace: Trace | None) -> bool | None:
    """Whether some token attends to a later one; None where the trace does not tell."""
    for stack in attention_stacks(trace) if trace is not None else ():
        layer = stack.layers[0]
        if trace is not None and not stack.crosses and stack.stack != "encoder":
            point = stack.point(layer)
            if point in trace and trace[point].size("query") > 1:
                return not looks_back_only(trace, stack, layer)
    return None
