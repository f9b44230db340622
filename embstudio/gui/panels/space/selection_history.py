"""What was selected before, and what was after that."""

from __future__ import annotations

import numpy as np

KEPT = 100  # selections that one can go back to
MOST_ROWS = 20_000_000  # in all of them: 160 MB
_NOTHING = np.zeros(0, np.intp)


class SelectionHistory:
    """current: rows [m] that are selected now. Of the same vectors all the time: `clear` for others."""

    def __init__(self) -> None:
        self.current = _NOTHING
        self._back: list[np.ndarray] = []
        self._forward: list[np.ndarray] = []

    @property
    def can_go_back(self) -> bool:
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        return bool(self._forward)

    def take(self, rows: np.ndarray) -> None:
        """Another selection was made; nothing happens if it is the current one."""
        if not np.array_equal(rows, self.current):
            self._back.append(self.current)
            self._forward.clear()
            self.current = rows
            self._limit()

    def back(self) -> np.ndarray:
        """The selection before, which is the current one from now on."""
        if self._back:
            self._forward.append(self.current)
            self.current = self._back.pop()
        return self.current

    def forward(self) -> np.ndarray:
        """The one that was left by going back."""
        if self._forward:
            self._back.append(self.current)
            self.current = self._forward.pop()
        return self.current

    def clear(self) -> None:
        """Forget all of them."""
        self._back.clear()
        self._forward.clear()
        self.current = _NOTHING

    def _limit(self) -> None:
        """Forget the oldest, where there are too many or they are too large."""
        del self._back[:-KEPT]
        while self._back and sum(map(len, self._back)) > MOST_ROWS:
            del self._back[0]
