"""The models that are open in the worker: the last few, so that going back to one is instant."""

from __future__ import annotations

from collections import OrderedDict

from embstudio.session.known_models import KnownModels
from embstudio.session.messages import (
    GradientRequest,
    LensRequest,
    ModelRef,
    NeighboursRequest,
    OpenRequest,
    OverviewRequest,
    Reply,
    Request,
    Traced,
    TraceRequest,
    VectorsRequest,
)
from embstudio.session.runner import Runner
from embstudio.session.stop import Stop

KEPT = 3

_Key = tuple[ModelRef, int, int]


class Models:
    """Answers requests, opening models as they are asked for. A file that changed on disk is opened again."""

    def __init__(self) -> None:
        self._open: OrderedDict[_Key, Runner] = OrderedDict()

    def answer(self, request: Request, stop: Stop) -> Reply:
        """The reply to a request. Raises StudioError, or Cancelled once `stop` is set."""
        runner = self._runner(request.model)
        stop.check()
        match request:
            case OpenRequest():
                return runner.opened
            case TraceRequest():
                return Traced(request.model, request.text, runner.trace(request, stop), request)
            case OverviewRequest():
                return runner.overview(request, stop)
            case VectorsRequest():
                return runner.vectors()
            case NeighboursRequest():
                return runner.neighbours(request.ids, request.count, request.metric, stop)
            case LensRequest():
                return runner.lens(request, stop)
            case GradientRequest():
                return runner.gradients(request, stop)

    def _runner(self, model: ModelRef) -> Runner:
        key = _key(model)
        if key not in self._open:
            while len(self._open) >= KEPT:
                self._open.popitem(last=False)
            self._open[key] = Runner.open(model, KnownModels.of_the_person())
        self._open.move_to_end(key)
        return self._open[key]


def _key(model: ModelRef) -> _Key:
    """A model as it is on disk now; of a file that cannot be looked at, opening it will tell."""
    try:
        state = model.path.stat()
    except OSError:
        return model, 0, 0
    return model, state.st_mtime_ns, state.st_size
