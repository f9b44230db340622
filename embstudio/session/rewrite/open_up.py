"""All rewrites, in their order, on one copy of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import onnx

from embstudio.session.rewrite.flatten import flatten
from embstudio.session.rewrite.functions import inline_local_functions, inline_specified_functions
from embstudio.session.rewrite.fused_operators import OPEN_FUSED_OPERATORS
from embstudio.session.rewrite.sort_nodes import sort_nodes
from embstudio.session.rewrite.tensor_names import subgraphs
from embstudio.session.rewrite.weightless import put_numbers_back, without_numbers

# Looks whether it has anything to do, changes the model in place, and says what it did: one sentence a kind of change,
# none if it left everything as it was. What it cannot rewrite it leaves alone; the anatomy will name it. Large weights
# may be without their numbers, as if those lay in another file.
Rewrite = Callable[[onnx.ModelProto], tuple[str, ...]]

# A node without its inputs, attributes or graphs, a weight without its numbers.
_DAMAGED = (ValueError, IndexError, KeyError, TypeError, OverflowError, StopIteration)

BEFORE: tuple[Rewrite, ...] = (sort_nodes, inline_local_functions, inline_specified_functions)
AFTER: tuple[Rewrite, ...] = OPEN_FUSED_OPERATORS


@dataclass(frozen=True)
class OpenedUp:
    """A model, and what was done to it; without repairs it is the very one that was given.

    Inputs and outputs keep their names and meaning, and so does every tensor that is still there.
    """

    model: onnx.ModelProto
    repairs: tuple[str, ...] = ()


def open_up(model: onnx.ModelProto, folder: Path | None = None) -> OpenedUp:
    """The model with everything rewritten that can be. `model` itself stays as it is.

    A damaged model stays as it is too: whoever reads it next says what is wrong.

    folder: where weights in other files lie; without it, what must be tried out on them is opened up less.
    """
    try:
        return _rewritten(model, folder)
    except _DAMAGED:
        return OpenedUp(model)


def _rewritten(model: onnx.ModelProto, folder: Path | None) -> OpenedUp:
    copied = without_numbers(model)
    repairs = [said for rewrite in BEFORE for said in rewrite(copied)]
    if any(True for node in copied.graph.node for _ in subgraphs(node)):
        put_numbers_back(copied, model)  # a branch may have to be tried out, stacked weights to be cut
        repairs += flatten(copied, folder)
        repairs += inline_specified_functions(copied)  # for some the types are known only now
    repairs += [said for rewrite in AFTER for said in rewrite(copied)]
    if not repairs:
        return OpenedUp(model)
    put_numbers_back(copied, model)
    return OpenedUp(copied, tuple(repairs))
