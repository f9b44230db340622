"""The nearest of any one row of the open model's own table, found by the worker, where the table itself is not here.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.session.messages import Neighbours, NeighboursRequest, Request

if TYPE_CHECKING:
    from embstudio.studio.studio import Studio

LANE = "near row"


class NearRow:
    """`want` asks, `of` has the rows once they are there; `changed` is emitted when they came. One row at a time: of
    several that are wanted one after the other, the newest is answered.

    submit(request, lane): as `Studio` has it.
    """

    def __init__(self, studio: Studio, submit: Callable[[Request, str], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio, self._submit = studio, submit
        self._asked: NeighboursRequest | None = None
        self._found: tuple[int, ...] | None = None
        self._key = 0
        studio.document_changed.connect(self._forget)

    def want(self, row: int, count: int, metric: str) -> None:
        """Ask for the nearest of a row, unless they are there or on their way."""
        document = self._studio.document
        if document is None or not document.opened.anatomy.embeddings or self._is_of(row, count, metric):
            return
        self._key += 1
        self._found = None
        self._asked = NeighboursRequest(document.opened.model, (row,), count, metric, key=self._key)
        self._submit(self._asked, LANE)

    def of(self, row: int, count: int, metric: str) -> tuple[int, ...] | None:
        """The rows, the nearest first; None as long as they are not there."""
        return self._found if self._is_of(row, count, metric) else None

    def take(self, reply: Neighbours) -> None:
        """Keep the worker's answer, if it is to what was wanted last."""
        if self._asked is not None and reply.key == self._key:
            self._found = tuple(reply.rows[0].tolist())
            self.changed.emit()

    def _is_of(self, row: int, count: int, metric: str) -> bool:
        asked = self._asked
        return asked is not None and (asked.ids, asked.count, asked.metric) == ((row,), count, metric)

    def _forget(self) -> None:
        self._asked = self._found = None  # the same file, opened again, may be another model
