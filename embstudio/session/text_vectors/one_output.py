"""A model in onnxruntime with the one output that texts' vectors are made of: what only others need is left out."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import onnx
import onnxruntime

from embstudio.session import ort_errors
from embstudio.session.engine import Engine
from embstudio.session.stop import Stop


class OneOutput:
    """Opens on construction. Raises StudioError."""

    def __init__(self, engine: Engine, model: onnx.ModelProto, tensor: str, where: str) -> None:
        self._session: onnxruntime.InferenceSession = engine.open(_with_output(model, tensor))
        self._tensor, self._where = tensor, where
        self._inputs = {info.name for info in self._session.get_inputs()}

    def run(self, feeds: Mapping[str, np.ndarray], stop: Stop) -> np.ndarray:
        """The output's value. Raises StudioError, or Cancelled."""
        options = onnxruntime.RunOptions()
        stop.attach(options)
        given = {name: value for name, value in feeds.items() if name in self._inputs}
        with ort_errors.running(self._where, stop):
            return np.asarray(self._session.run([self._tensor], given, options)[0])


def _with_output(model: onnx.ModelProto, tensor: str) -> bytes:
    own = [info for info in model.graph.output if info.name == tensor] or [onnx.ValueInfoProto(name=tensor)]
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    del copy.graph.output[:]
    copy.graph.output.extend(own)
    return bytes(copy.SerializeToString())
