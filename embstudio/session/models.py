"""The models that are open in the worker: the last few, so that going back to one is instant."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from embstudio.session.execution.compare import compare
from embstudio.session.execution.parity import ParityRequest
from embstudio.session.known_models import KnownModels
from embstudio.session.messages import (
    CellsRequest,
    ContextsRequest,
    EmbedRequest,
    GradientRequest,
    LensRequest,
    ModelRef,
    NeighboursRequest,
    OpenRequest,
    OverviewRequest,
    PrefixRequest,
    Reply,
    Request,
    Table,
    TableRequest,
    Traced,
    TraceRequest,
    VectorsRequest,
)
from embstudio.session.runner import Runner
from embstudio.session.stop import Stop

KEPT = 3  # of any size
# Models side by side are asked in turn at every sentence: one that had to go would be opened again each time. So as
# many as can stand side by side are kept while they are small; large ones are not, since every sort of session of a
# model holds its weights.
MOST_KEPT = 9
KEPT_BYTES = 2**30  # of weights, at four bytes each, of more than KEPT models together

_Key = tuple[ModelRef, int, int]


class Models:
    """Answers requests, opening models as they are asked for. A file that changed on disk is opened again."""

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._open: OrderedDict[_Key, Runner] = OrderedDict()

    def answer(self, request: Request, stop: Stop) -> Reply:
        """The reply to a request. Raises StudioError, or Cancelled once `stop` is set."""
        runner = self._runner(request.model)
        stop.check()
        match request:
            case OpenRequest():
                return replace(runner.opened, key=request.key)
            case TraceRequest():
                return Traced(request.model, request.text, runner.trace(request, stop), request)
            case OverviewRequest():
                return runner.overview(request, stop)
            case VectorsRequest():
                return runner.vectors()
            case TableRequest():
                return Table(request.model, runner.table)
            case EmbedRequest():
                return runner.embed(request, stop)
            case NeighboursRequest():
                found = runner.neighbours(request.ids, request.count, request.metric, stop)
                return replace(found, key=request.key)
            case LensRequest():
                return runner.lens(request, stop)
            case GradientRequest():
                return runner.gradients(request, stop)
            case PrefixRequest():
                return runner.prefixes(request, stop)
            case CellsRequest():
                return runner.cells(stop)
            case ContextsRequest():
                return runner.contexts(request, stop)
            case ParityRequest():
                return compare(request, runner, self._runner(request.other), stop)

    def _runner(self, model: ModelRef) -> Runner:
        key = _key(model)
        if key not in self._open:
            # The oldest goes before the new one comes, where there is no room for one more of any size.
            self._make_room(KEPT - 1, MOST_KEPT - 1)
            self._open[key] = Runner.open(model, KnownModels.of_the_person())
            self._make_room(KEPT, MOST_KEPT)
        self._open.move_to_end(key)
        return self._open[key]

    def _make_room(self, least: int, most: int) -> None:
        """Close the models that were not asked for longest until the rest may stay open."""
        while len(self._open) > most or (len(self._open) > least and self._bytes > self._kept_bytes):
            self._open.popitem(last=False)

    @property
    def _bytes(self) -> int:
        """Of the weights of all open models, once, at four bytes each."""
        return sum(4 * runner.opened.anatomy.parameters.get("total", 0) for runner in self._open.values())


def _key(model: ModelRef) -> _Key:
    """A model as it is on disk now; of a file that cannot be looked at, opening it will tell."""
    try:
        state = model.path.stat()
    except OSError:
        return model, 0, 0
    return model, state.st_mtime_ns, state.st_size
