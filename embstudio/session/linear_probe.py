"""A linear function that a model computes somewhere inside, read off by trying it: any way of packing weights is as
good as another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnxruntime

from embstudio.session import ort_errors
from embstudio.session.stop import Stop

Values = dict[str, np.ndarray]


class LinearProbe:
    """outputs = constant + Σ matrix · input, for each of several outputs of one part of a model.

    zeros: an array of zeros for each input, [..., batch, width]; what has more than two axes is filled with one vector
    all over. width: of an output. Every method may raise StudioError or Cancelled.
    """

    def __init__(
        self, session: onnxruntime.InferenceSession, zeros: Mapping[str, np.ndarray], outputs: Sequence[str],
        width: int | None, stop: Stop,
    ) -> None:  # fmt: skip
        self._session, self._zeros, self._outputs = session, dict(zeros), list(outputs)
        self._width, self._stop = width, stop
        self._taken = {each.name for each in session.get_inputs()}

    def size(self, name: str) -> int:
        """The width of an input."""
        return int(self._zeros[name].shape[-1])

    def at(self, given: Mapping[str, np.ndarray]) -> Values:
        """The outputs [batch, width] for some inputs, [width] or [batch, width] each; the others are 0."""
        feeds = {name: value.copy() for name, value in self._zeros.items() if name in self._taken}
        for name, value in given.items():
            if name in feeds:
                feeds[name][...] = value
        with ort_errors.running("the steps of a recurrent layer", self._stop):
            values = self._session.run(self._outputs, feeds)
        return {
            name: value.reshape(-1, self._width or value.shape[-1]).astype(np.float64)
            for name, value in zip(self._outputs, values, strict=True)
        }

    def matrices(self, name: str, beside: Mapping[str, np.ndarray] | None = None) -> Values:
        """The matrix [width, size] that each output multiplies an input with. beside: what other inputs hold then."""
        beside = dict(beside or {})
        zeros = self._zeros[name]
        size = zeros.shape[-1]
        base = self.at(beside)
        columns: dict[str, list[np.ndarray]] = {output: [] for output in self._outputs}
        together = len(zeros) if zeros.ndim == 2 else 1
        for start in range(0, size, together):
            self._stop.check()
            count = min(together, size - start)
            unit = np.zeros((together, size), zeros.dtype)
            unit[range(count), range(start, start + count)] = 1
            for output, value in self.at({**beside, name: unit if zeros.ndim == 2 else unit[0]}).items():
                columns[output].append((value - base[output])[:count])
        return {output: np.concatenate(parts).T for output, parts in columns.items()}
