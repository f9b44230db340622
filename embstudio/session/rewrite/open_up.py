"""All rewrites, in their order, on one copy of a model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import onnx

from embstudio.session.rewrite.flatten import flatten
from embstudio.session.rewrite.functions import inline_local_functions, inline_specified_functions
from embstudio.session.rewrite.fused_operators import OPEN_FUSED_OPERATORS
from embstudio.session.rewrite.sort_nodes import sort_nodes

# Looks whether it has anything to do, changes the model in place, and says what it did: one sentence a kind of change,
# none if it left everything as it was. What it cannot rewrite it leaves alone; the anatomy will name it.
Rewrite = Callable[[onnx.ModelProto], tuple[str, ...]]


def _rewrites(folder: Path | None) -> tuple[Rewrite, ...]:
    return (
        sort_nodes,
        inline_local_functions,
        inline_specified_functions,
        partial(flatten, folder=folder),
        *OPEN_FUSED_OPERATORS,
    )


@dataclass(frozen=True)
class OpenedUp:
    """A model, and what was done to it; without repairs it is the very one that was given.

    Inputs and outputs keep their names and meaning, and so does every tensor that is still there.
    """

    model: onnx.ModelProto
    repairs: tuple[str, ...] = ()


def open_up(model: onnx.ModelProto, folder: Path | None = None) -> OpenedUp:
    """The model with everything rewritten that can be. `model` itself stays as it is.

    folder: where weights in other files lie; without it, what must be tried out on them is opened up less.
    """
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    repairs = tuple(said for rewrite in _rewrites(folder) for said in rewrite(copied))
    return OpenedUp(copied, repairs) if repairs else OpenedUp(model)
