"""A model in onnxruntime, with its points as outputs.

Two sessions serve most inputs. The plain one is the file itself with the tensors of points promoted to outputs; it
runs unless a gate of a recurrent layer is wanted. The opened-up one has the recurrent nodes as Scans.

onnxruntime keeps every output of a graph until the end of a run, whether it was asked for or not. For long texts that
is gigabytes of attention, so there are lean sessions besides, with nothing promoted but what is asked for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

from embstudio.anatomy.anatomy import Anatomy, PointSource
from embstudio.base.errors import StudioError
from embstudio.session import ort_errors, providers
from embstudio.session.execution.begin import begin
from embstudio.session.execution.half import halved
from embstudio.session.execution.place_nodes import RECORD, place_nodes
from embstudio.session.execution.way import Way
from embstudio.session.linked_data import with_links_followed
from embstudio.session.ort_faults import steps_to_leave_out
from embstudio.session.promote import copy_with_outputs
from embstudio.session.recurrent.changed_sessions import ChangedSessions
from embstudio.session.recurrent.changes import Change
from embstudio.session.recurrent.opened_copy import opened_copy
from embstudio.session.stop import Stop

# A model whose opened-up copy differs by more than this from the plain one is not shown opened up.
TOLERANCE = 1e-3
HALF_TOLERANCE = 5e-2  # of one in float16
LEAN_KEPT = 2  # sessions: that of the text as it is typed, and that of what is looked for besides

onnxruntime.set_default_logger_severity(4)  # what matters comes as an error; the rest would go to standard output


class Engine:
    """Opens on construction. Raises StudioError.

    contents: the file's bytes. model: the same, parsed; `anatomy` was read from it. path: where the file is.
    external: names of the data files beside it that hold its weights.
    points:  sources of the points that can be read. notes: plain sentences on those that cannot.
    outputs: names of the graph's own outputs.
    fallback: why it does not run on the provider that was asked for; None where it does.
    placement: which provider runs how much of the model as the file has it; None where onnxruntime does not tell.
    """

    def __init__(
        self,
        contents: bytes,
        model: onnx.ModelProto,
        path: Path,
        anatomy: Anatomy,
        provider: str,
        external: Sequence[str] = (),
    ) -> None:
        self._path = path
        self._external = external
        self._way = Way.parse(provider)
        self._model = model
        self._left_out = steps_to_leave_out(model)
        self._lean: OrderedDict[tuple[str, ...], onnxruntime.InferenceSession] = OrderedDict()
        self.outputs = tuple(value.name for value in model.graph.output)
        self.notes: list[str] = []
        own = {*self.outputs, *(value.name for value in model.graph.input)}
        observed = [point for point in anatomy.points if point.tensor]
        promoted = [point.tensor for point in observed if point.tensor not in own]
        plain = copy_with_outputs(contents, promoted)
        beginning = begin(self._way, lambda chosen: self._load(plain, chosen))
        self._plain, self._providers, self.fallback = beginning.session, beginning.providers, beginning.fallback
        self.placement = place_nodes(self._plain, model.graph, anatomy)
        self._opened_up: onnxruntime.InferenceSession | None = None
        self._gates: tuple[PointSource, ...] = ()
        self._replaced = False  # whether operators were, beside adding outputs
        self._changed: ChangedSessions | None = None
        if anatomy.recurrent:
            self._open_up(model, anatomy, promoted)
        self.points = self._in_order(anatomy, observed)

    @property
    def provider(self) -> str:
        """The provider that really runs the model."""
        return providers.running(self._plain)

    @property
    def half(self) -> bool:
        """Whether it calculates in float16."""
        return any(value.type == "tensor(float16)" for value in self._plain.get_outputs())

    @property
    def gates(self) -> tuple[str, ...]:
        """The points whose values can be replaced while the model runs."""
        return tuple(gate.name for gate in self._gates)

    @property
    def rewritten(self) -> bool:
        """Whether a copy of the graph with other operators is in use for some points."""
        return self._opened_up is not None

    def run(
        self,
        feeds: Mapping[str, np.ndarray],
        tensors: Sequence[str],
        stop: Stop,
        *,
        opened_up: bool | None = None,
        lean: bool = False,
        changes: Mapping[str, Change] | None = None,
    ) -> list[np.ndarray]:
        """The values of some tensors (points' or the graph's outputs), as the graph has them.

        opened_up: which session; None takes the plain one unless a tensor is only in the other.
        lean: take as little memory as can be, with a session in which nothing else is promoted.
        changes: what is to be replaced while it runs, by point; only of those in `gates`.
        Raises StudioError, or Cancelled when stopped.
        """
        if changes and self._changed is not None:
            return self._run_changed(self._changed, feeds, tensors, stop, changes)
        if opened_up is None:
            gates = {gate.tensor for gate in self._gates}
            opened_up = any(tensor in gates for tensor in tensors)
        session = self._opened_up if opened_up and self._opened_up is not None else self._plain
        options = onnxruntime.RunOptions()
        if lean and not opened_up:
            session = self._lean_session(tuple(tensor for tensor in tensors if tensor not in feeds))
            options.add_run_config_entry("memory.enable_memory_arena_shrinkage", "cpu:0")  # give it back afterwards
        stop.attach(options)
        # What is fed may be a point, too: the keys of a cross-attention that come from the cache.
        made = [tensor for tensor in tensors if tensor not in feeds]
        with self._plain_words(feeds, stop, opened_up), ort_errors.running(str(self._path), stop):
            values = dict(zip(made, session.run(made, dict(feeds), options), strict=True)) if made else {}
        return [values[tensor] if tensor in values else np.asarray(feeds[tensor]) for tensor in tensors]

    @contextmanager
    def _plain_words(self, feeds: Mapping[str, np.ndarray], stop: Stop, opened_up: bool = True) -> Iterator[None]:
        """Within, an opened-up model fails in the words of the plain one, whose operators say what they miss."""
        try:
            yield
        except StudioError:
            if opened_up:
                self.run(feeds, self.outputs, stop, opened_up=False)
            raise

    def _run_changed(
        self,
        sessions: ChangedSessions,
        feeds: Mapping[str, np.ndarray],
        tensors: Sequence[str],
        stop: Stop,
        changes: Mapping[str, Change],
    ) -> list[np.ndarray]:
        changed = sessions.of(frozenset(changes))
        names = [changed.names.get(tensor, tensor) for tensor in tensors]
        made = [name for name in names if name not in feeds]
        options = onnxruntime.RunOptions()
        stop.attach(options)
        with self._plain_words(feeds, stop), ort_errors.running(str(self._path), stop):
            found = changed.session.run(made, {**feeds, **changed.feeds(changes)}, options)
        values = dict(zip(made, found, strict=True))
        return [values[name] if name in values else np.asarray(feeds[name]) for name in names]

    def verify(self, feeds: Mapping[str, np.ndarray]) -> float | None:
        """Largest difference between the outputs of the opened-up and the plain model; None if there is only one, or
        if nothing but outputs was added to it.

        Beyond TOLERANCE the opened-up one is given up, with a note. Raises StudioError if the plain one fails.
        """
        if self._opened_up is None:
            return None
        plain = self.run(feeds, self.outputs, Stop(), opened_up=False)
        try:
            other = self.run(feeds, self.outputs, Stop(), opened_up=True)
        except StudioError as error:
            self._give_up(f"it does not run ({error.detail or error})")
            return None
        worst = max((_difference(a, b) for a, b in zip(plain, other, strict=True)), default=0.0)
        if not worst <= (HALF_TOLERANCE if self._way.half else TOLERANCE):
            self._give_up(f"its outputs differ by {worst:.2g}")
        return worst if self._replaced else None

    def difference_from(self, contents: bytes, feeds: Mapping[str, np.ndarray]) -> float | None:
        """Largest difference of the outputs from those of another form of this model, such as the file as it is.

        None where onnxruntime takes only this form: some exports run only after a repair.
        """
        try:
            other = self.open(contents)
            with ort_errors.running(str(self._path), Stop()):
                expected = other.run(list(self.outputs), dict(feeds))
        except StudioError:
            return None
        own = self.run(feeds, self.outputs, Stop(), opened_up=False)
        return max((_difference(a, b) for a, b in zip(own, expected, strict=True)), default=0.0)

    def _lean_session(self, tensors: tuple[str, ...]) -> onnxruntime.InferenceSession:
        if tensors not in self._lean:
            while len(self._lean) >= LEAN_KEPT:
                self._lean.popitem(last=False)
            promoted = [tensor for tensor in tensors if tensor not in self.outputs]
            self._lean[tensors] = self.open(copy_with_outputs(self._model.SerializeToString(), promoted))
        self._lean.move_to_end(tensors)
        return self._lean[tensors]

    def open(self, model: bytes) -> onnxruntime.InferenceSession:
        """A session of a model, or of a part of it, whose data files are this one's. Raises StudioError."""
        return self._load(model, self._providers)

    def _load(self, model: bytes, chosen: providers.Providers) -> onnxruntime.InferenceSession:
        way = self._way
        return load(
            model, self._path, chosen, self._external, optimise=way.optimise, half=way.half, left_out=self._left_out
        )

    def _open_up(self, model: onnx.ModelProto, anatomy: Anatomy, promoted: list[str]) -> None:
        copy = opened_copy(model, anatomy.recurrent)
        self.notes.extend(copy.notes)
        self._replaced = copy.rewritten
        if not copy.points:
            return
        gates = [point.tensor for point in copy.points]
        try:
            self._opened_up = self.open(copy_with_outputs(copy.model.SerializeToString(), [*promoted, *gates]))
            self._gates = copy.points
            self._changed = ChangedSessions(model, anatomy.recurrent, copy.points, promoted, self.open)
        except StudioError as error:
            self.notes.append(f"The gates of this model cannot be shown: opened up, it does not load ({error.detail}).")

    def _give_up(self, reason: str) -> None:
        self.notes.append(f"The gates of this model cannot be shown: opened up, {reason}.")
        gates = {gate.name for gate in self._gates}
        self._opened_up, self._gates, self._changed = None, (), None
        self.points = tuple(point for point in self.points if point.name not in gates)

    def _in_order(self, anatomy: Anatomy, observed: list[PointSource]) -> tuple[PointSource, ...]:
        found = {point.name: point for point in (*observed, *self._gates)}
        return tuple(found[name] for name in anatomy.point_names if name in found)


def load(
    model: bytes,
    path: Path,
    execution_providers: providers.Providers,
    external: Sequence[str] = (),
    *,
    optimise: bool = True,
    half: bool = False,
    left_out: Sequence[str] = (),
) -> onnxruntime.InferenceSession:
    """A session of a model in memory, whose data files (`external`) lie beside `path`. Raises StudioError.

    optimise: False for a session that runs once or twice, which it is not worth the time for. left_out: names of steps
    of the optimisation that this model must do without. half: round it to float16.
    """
    options = onnxruntime.SessionOptions()
    if not optimise:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    options.add_session_config_entry(RECORD, "1")
    # Several sessions live at once: threads that spin while they wait would take the cores from each other.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    model, folder = with_links_followed(model, path.parent, external)
    options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder))
    model = halved(model, folder) if half else model
    with ort_errors.loading_half(str(path)) if half else ort_errors.loading(str(path)):
        return onnxruntime.InferenceSession(
            model, options, providers=list(execution_providers), disabled_optimizers=list(left_out), enable_fallback=0
        )


def _difference(a: np.ndarray, b: np.ndarray) -> float:
    if a.shape != b.shape:
        return float("inf")
    return float(np.max(np.abs(a.astype(np.float64) - b.astype(np.float64)), initial=0.0))
