"""Sessions in which values of recurrent layers can be replaced, one for each set of points, the last few kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime

from embstudio.anatomy.anatomy import PointSource, RecurrentLayer
from embstudio.session.promote import copy_with_outputs
from embstudio.session.recurrent.changes import Change
from embstudio.session.recurrent.opened_copy import opened_copy
from embstudio.session.recurrent.overrides import input_name

KEPT = 2
_TYPES = {"tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
          "tensor(bool)": np.bool_}  # fmt: skip


@dataclass(frozen=True)
class ChangedSession:
    """names: tensor of a gate in the copy where nothing is replaced → the same in this session."""

    session: onnxruntime.InferenceSession
    names: Mapping[str, str]

    def feeds(self, changes: Mapping[str, Change]) -> dict[str, np.ndarray]:
        """What makes the changes, by the names of the session's inputs."""
        types = {value.name: _TYPES[value.type] for value in self.session.get_inputs() if value.type in _TYPES}
        found = {}
        for point, change in changes.items():
            for part in ("changed", "factor", "added", "set"):
                name = input_name(point, part)
                found[name] = getattr(change, part).astype(types[name])
        return found


class ChangedSessions:
    """Opens each when it is first asked for.

    gates: of the copy where nothing is replaced. promoted: further tensors that are to be outputs.
    """

    def __init__(
        self,
        model: onnx.ModelProto,
        layers: Sequence[RecurrentLayer],
        gates: Sequence[PointSource],
        promoted: Sequence[str],
        open_session: Callable[[bytes], onnxruntime.InferenceSession],
    ) -> None:
        self._model, self._layers, self._gates = model, tuple(layers), tuple(gates)
        self._promoted, self._open = tuple(promoted), open_session
        self._kept: OrderedDict[frozenset[str], ChangedSession] = OrderedDict()

    def of(self, points: frozenset[str]) -> ChangedSession:
        """The session in which these points can be replaced. Raises StudioError if there can be none."""
        if points not in self._kept:
            while len(self._kept) >= KEPT:
                self._kept.popitem(last=False)
            copy = opened_copy(self._model, self._layers, points)
            tensors = {point.name: point.tensor for point in copy.points}
            contents = copy_with_outputs(copy.model.SerializeToString(), [*self._promoted, *tensors.values()])
            names = {gate.tensor: tensors[gate.name] for gate in self._gates}
            self._kept[points] = ChangedSession(self._open(contents), names)
        self._kept.move_to_end(points)
        return self._kept[points]
