"""A copy of a model with all its recurrent layers opened up, operators and written-out cells alike."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import onnx

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.session.recurrent.overrides import Overrides
from embstudio.session.recurrent.written_overrides import override_written
from embstudio.session.recurrent_scan import copy_with_scans
from embstudio.session.rewrite.written_cells import show_cells


@dataclass(frozen=True)
class OpenedCopy:
    """points: where each gate and state is found in `model`. notes: on layers that were left as they are, sentences.
    rewritten: whether operators gave way to others, beside what was added."""

    model: onnx.ModelProto
    points: tuple[PointSource, ...]
    notes: tuple[str, ...]
    rewritten: bool


def opened_copy(model: onnx.ModelProto, layers: Sequence[RecurrentLayer], replaced: Collection[str] = ()) -> OpenedCopy:
    """`model` itself stays as it is. replaced: points whose values further inputs of the copy replace (`overrides`)."""
    copy = copy_with_scans(model, layers, replaced)
    override_written(copy.model, layers, Overrides(replaced))
    points = (*copy.points, *show_cells(copy.model, layers))
    return OpenedCopy(copy.model, points, copy.notes, bool(copy.points))
