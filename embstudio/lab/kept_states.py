"""The states of all epochs so far, to go back to: in memory, or beyond a limit in a file that goes with the process."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from typing import IO

import numpy as np

from embstudio.lab.bench import State

IN_MEMORY = 2**28  # bytes


class KeptStates:
    """`keep` at the end of each epoch, `at` to go back; what comes after a state is forgotten when it is kept anew."""

    def __init__(self, in_memory: int = IN_MEMORY) -> None:
        self._limit, self._used = in_memory, 0
        self._states: dict[int, State] = {}
        self._written: dict[int, list[tuple[int, np.dtype, tuple[int, ...]]]] = {}
        self._file: IO[bytes] | None = None
        self.full = False  # the disk is: from here on, nothing is kept

    @property
    def epochs(self) -> tuple[int, ...]:
        """Those one can go back to, in rising order."""
        return tuple(sorted(self._states))

    def keep(self, state: State) -> None:
        """Keep a state; those of later epochs, of a way that was left, go."""
        for later in [epoch for epoch in self._states if epoch >= state.epoch]:
            if later not in self._written:
                self._used -= _size(self._states[later])
            self._written.pop(later, None)
            del self._states[later]
        if self._used + _size(state) <= self._limit:
            self._used += _size(state)
            self._states[state.epoch] = state
        elif not self.full:
            try:
                self._write(state)
            except OSError:
                self.full = True

    def at(self, epoch: int) -> State:
        """The last state that was kept up to an epoch. Raises KeyError where there is none."""
        found = max((kept for kept in self._states if kept <= epoch), default=None)
        if found is None:
            raise KeyError(epoch)
        return self._read(found) if found in self._written else self._states[found]

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()

    def _write(self, state: State) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="embstudio-lab-")  # noqa: SIM115  it lives as long as we do
        places = []
        for array in state.arrays:
            start = self._file.seek(0, 2)
            self._file.write(np.ascontiguousarray(array).data.cast("B"))
            places.append((start, array.dtype, array.shape))
        self._written[state.epoch] = places
        self._states[state.epoch] = replace(state, arrays=())

    def _read(self, epoch: int) -> State:
        assert self._file is not None
        arrays = []
        for start, dtype, shape in self._written[epoch]:
            self._file.seek(start)
            raw = self._file.read(int(np.prod(shape)) * dtype.itemsize)
            arrays.append(np.frombuffer(raw, dtype).reshape(shape))
        return replace(self._states[epoch], arrays=tuple(arrays))


def _size(state: State) -> int:
    return sum(array.nbytes for array in state.arrays)
