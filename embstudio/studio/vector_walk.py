"""Where one stands among the vectors, how one came there, and by what the nearest are found.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from embstudio.base.events import Signal

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

KEPT = 200  # places that one can go back to


@dataclass(frozen=True)
class Comparison:
    """metric: of `space.neighbours.SUPPORTED`. count: how many of the nearest. approximate: by an index, where that is
    of use. The rest is done to the vectors before they are compared or drawn, in this order."""

    metric: str = "cosine"
    count: int = 12
    centre: bool = False
    whiten: bool = False
    unit: bool = False
    approximate: bool = False

    @property
    def changes(self) -> tuple[bool, bool, bool]:
        """What is done to the vectors."""
        return self.centre, self.whiten, self.unit

    @property
    def words(self) -> str:
        """The same for people; "" where they are left as they are."""
        done = ["centred"] * (self.centre or self.whiten) + ["whitened"] * self.whiten + ["unit length"] * self.unit
        return ", ".join(done)


class VectorWalk:
    """`row`: of the vectors that are looked at; None: with the open model's own, the current token's. `changed` tells
    of another row or another comparison; another set begins anew, and a step of the cursor follows the token again."""

    def __init__(self, studio: Studio) -> None:
        self.changed: Signal[[]] = Signal()
        self.comparison = Comparison()
        self.row: int | None = None
        self._back: list[int | None] = []
        self._forward: list[int | None] = []
        self._studio = studio
        self._of: object = self._set
        studio.vector_sets.changed.connect(self._on_sets)
        studio.cursor.changed.connect(lambda _place, _previous: self._follow_token())
        studio.trace_changed.connect(self._follow_token)

    def go(self, row: int | None) -> None:
        """Stand at another row."""
        if row != self.row:
            self._back = [*self._back, self.row][-KEPT:]
            self._forward.clear()
            self.row = row
            self.changed.emit()

    def back(self) -> None:
        """To where one was before."""
        if self._back:
            self._forward.append(self.row)
            self.row = self._back.pop()
            self.changed.emit()

    def forward(self) -> None:
        """To where one was before going back."""
        if self._forward:
            self._back.append(self.row)
            self.row = self._forward.pop()
            self.changed.emit()

    @property
    def can_go_back(self) -> bool:
        return bool(self._back)

    @property
    def can_go_forward(self) -> bool:
        return bool(self._forward)

    @property
    def trail(self) -> tuple[int, ...]:
        """Rows that one went to, the last one at the end."""
        return tuple(row for row in (*self._back, self.row) if row is not None)

    def compare(self, **changes: Any) -> None:
        """Change fields of the comparison."""
        comparison = replace(self.comparison, **changes)
        if comparison != self.comparison:
            self.comparison = comparison
            self.changed.emit()

    @property
    def _set(self) -> object:
        """What the rows are of."""
        sets, document = self._studio.vector_sets, self._studio.document
        return sets.chosen if sets.chosen is not None else document.opened.model if document is not None else None

    def _on_sets(self) -> None:
        if self._set != self._of:
            self._of = self._set
            self.row = None
            self._back.clear()
            self._forward.clear()
            self.changed.emit()

    def _follow_token(self) -> None:
        if self._studio.vector_sets.is_model:
            self.go(None)
