"""The vectors as they are compared and drawn, made beside the window where that takes long."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from embstudio.gui.panels.space.answers import Answers
from embstudio.space.prepared_set import PreparedSet
from embstudio.space.vector_set import VectorSet

Changes = tuple[bool, bool, bool]  # centre, whiten, unit length


class Preparation(QObject):
    """ready(PreparedSet): what was wanted last is there. failed(StudioError)."""

    ready = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.current: PreparedSet | None = None
        self._asked: tuple[VectorSet, Changes] | None = None
        self._answers = Answers(self)
        self._answers.answered.connect(self._take)
        self._answers.failed.connect(self.failed)

    @property
    def busy(self) -> bool:
        """Whether what was wanted last is being made."""
        return self._answers.busy

    def want(self, vectors: VectorSet, changes: Changes) -> None:
        """Make it, unless it is there or being made; `ready` may come before this returns."""
        there = self.of(vectors, changes)
        if there is not None:
            self._asked = None
            self._answers.forget()
            self.ready.emit(there)
        elif not any(changes):
            self._answers.forget()
            self._take(PreparedSet(vectors))
        elif self._asked is None or self._asked[0] is not vectors or self._asked[1] != changes:
            self._asked = (vectors, changes)
            centre, whiten, unit = changes
            self._answers.ask(lambda _check: PreparedSet(vectors, centre=centre, whiten=whiten, unit=unit))

    def of(self, vectors: VectorSet, changes: Changes) -> PreparedSet | None:
        """What is there of these vectors, so changed."""
        there = self.current
        return there if there is not None and there.set is vectors and there.changes == changes else None

    def forget(self) -> None:
        """Let go of the vectors."""
        self.current = self._asked = None
        self._answers.forget()

    def _take(self, prepared: PreparedSet) -> None:
        self.current, self._asked = prepared, None
        self.ready.emit(prepared)
