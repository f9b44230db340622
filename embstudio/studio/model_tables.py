"""The embedding tables of models that need not be open: what the open set of vectors is compared with.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from embstudio.base.errors import StudioError
from embstudio.base.events import Signal
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import Failed, ModelRef, Request, Table, TableRequest

if TYPE_CHECKING:
    from embstudio.space.vector_set import VectorSet

KEPT = 3  # tables: they can be large
_LANE = "table of {}"


class ModelTables:
    """`want` asks the worker for a model's table, `table` has it once it is there; `changed` tells of one that came or
    could not be had.

    submit(request, lane), cancel(lane): as `Studio` has them. provider(): which one the person chose.
    """

    def __init__(
        self,
        submit: Callable[[Request, str], object],
        cancel: Callable[[str], object],
        provider: Callable[[], str],
    ) -> None:
        self.changed: Signal[[]] = Signal()
        self._submit, self._cancel, self._provider = submit, cancel, provider
        self._tables: OrderedDict[ModelRef, VectorSet] = OrderedDict()
        self._refusals: dict[ModelRef, StudioError] = {}
        self._wanted: dict[ModelRef, ModelSource] = {}

    def table(self, source: ModelSource) -> VectorSet | None:
        """A model's words and vectors; None as long as they are not there."""
        return self._tables.get(self._ref(source))

    def refusal(self, source: ModelSource) -> StudioError | None:
        """Why a model's table could not be had."""
        return self._refusals.get(self._ref(source))

    def want(self, source: ModelSource) -> None:
        """Ask for a model's table, unless it is there or on its way. One that was refused is asked for again."""
        model = self._ref(source)
        if model in self._tables:
            self._tables.move_to_end(model)
        elif model not in self._wanted:
            self._refusals.pop(model, None)
            self._wanted[model] = source
            self._submit(TableRequest(model), _LANE.format(model.path))

    def stop(self) -> None:
        """Wait for none of them any more."""
        for model in self._wanted:
            self._cancel(_LANE.format(model.path))
        self._wanted.clear()

    def receive(self, reply: Table | Failed) -> None:
        """Take an answer of the worker, if it is to something wanted here; the open model's own may be both."""
        model = reply.model if isinstance(reply, Table) else reply.request.model
        source = self._wanted.pop(model, None)
        if source is None:
            return
        if isinstance(reply, Table):
            self._tables[model] = replace(reply.table, source=f"embedding table of {source.title}")
            while len(self._tables) > KEPT:
                self._tables.popitem(last=False)
        else:
            self._refusals[model] = reply.error
        self.changed.emit()

    def _ref(self, source: ModelSource) -> ModelRef:
        return ModelRef(source.path, source.tokenizer, self._provider())
