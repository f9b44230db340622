"""The weights of the open model's recurrent layers, once somebody wanted them: gates cannot be taken apart without."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from embstudio.base.events import Signal
from embstudio.session.messages import Cells, CellsRequest, Failed, ModelRef, Request

if TYPE_CHECKING:
    from embstudio.formulas.cell_weights import CellWeights
    from embstudio.studio.studio import Studio

LANE = "cells"


class CellStore:
    """`want` asks, `of` has what came; `changed` is emitted when something came."""

    def __init__(self, studio: Studio, submit: Callable[[Request, str], object]) -> None:
        self.changed: Signal[[]] = Signal()
        self._studio, self._submit = studio, submit
        self._asked: ModelRef | None = None
        self._known: Cells | None = None
        self._refused = ""
        studio.document_changed.connect(self._forget)  # the same file, opened again, may be another model

    def want(self) -> None:
        """Ask for the cells of the open model, unless they are there or on their way, or cannot be had."""
        model = self._model
        if model is not None and self._asked != model:
            self._asked, self._refused = model, ""
            self._submit(CellsRequest(model), LANE)

    def of(self, prefix: str) -> CellWeights | None:
        """The cell of `lstm.0.forward`; None where it has not come, or cannot be told."""
        known = self._known
        return known.cells.get(prefix) if known is not None and known.model == self._model else None

    @property
    def waiting(self) -> bool:
        """Whether they are on their way."""
        there = self._known is not None and self._known.model == self._model
        return self._asked is not None and self._asked == self._model and not there and not self._refused

    @property
    def reason(self) -> str:
        """Why some cannot be told; empty where all can, or nobody asked."""
        known = self._known
        notes = known.notes if known is not None and known.model == self._model else ()
        return self._refused or " ".join(notes)

    def take(self, reply: Cells | Failed) -> None:
        """Keep an answer, if it is of the open model."""
        if isinstance(reply, Cells):
            if reply.model != self._asked:
                return
            self._known = reply
        elif reply.request.model == self._asked:
            self._refused = reply.error.what
        self.changed.emit()

    def _forget(self) -> None:
        self._asked = self._known = None
        self._refused = ""

    @property
    def _model(self) -> ModelRef | None:
        document = self._studio.document
        return document.opened.model if document is not None else None
