"""Values and shapes of tensors of one run, with nothing promoted that is not needed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime

from embstudio.modelfile.graph import Graph
from embstudio.session import ort_errors
from embstudio.session.differentiate.inside import Open
from embstudio.session.differentiate.step import Shape
from embstudio.session.stop import Stop

_SHAPE = "embstudio:shape:"  # before the names of tensors, none of which begins like that


@dataclass(frozen=True)
class Observed:
    """values, shapes: by tensor."""

    values: Mapping[str, np.ndarray]
    shapes: Mapping[str, Shape]


class Observer:
    """A session of a model that returns some tensors and the shapes of others. Raises StudioError.

    contents: the model's bytes. constant: those of `values` that no input changes, which are fetched once.
    """

    def __init__(
        self,
        contents: bytes,
        graph: Graph,
        open_session: Open,
        where: str,
        values: Iterable[str],
        sized: Iterable[str],
        constant: frozenset[str],
    ) -> None:
        self._graph, self._where = graph, where
        self._inputs = {info.name for info in graph.inputs}
        stored = {*graph.weights, *self._inputs}
        values = dict.fromkeys(values)
        self._stored = [name for name in values if name in stored]
        self._values = [name for name in values if name not in stored]
        self._sized = [name for name in dict.fromkeys(sized) if name not in values and name not in stored]
        self._known = {name: graph.weights[name].shape for name in sized if name in graph.weights}
        self._fed_sized = [name for name in sized if name in self._inputs]
        self._constant = constant
        self._constants: dict[str, np.ndarray] | None = None
        self._session = open_session(self._copy(contents))

    def run(self, feeds: Mapping[str, np.ndarray], stop: Stop) -> Observed:
        """Raises StudioError, or Cancelled when stopped."""
        asked = [name for name in self._values if self._constants is None or name not in self._constants]
        options = onnxruntime.RunOptions()
        stop.attach(options)
        names = [*asked, *(_SHAPE + name for name in self._sized)]
        with ort_errors.running(self._where, stop):
            found = self._session.run(names, dict(feeds), options) if names else []
        values = dict(zip(asked, found, strict=False))
        if self._constants is None:
            self._constants = {name: values[name] for name in asked if name in self._constant}
        values |= self._constants
        for name in self._stored:
            values[name] = np.asarray(feeds[name]) if name in self._inputs else self._graph.weights[name].values
        shapes: dict[str, Shape] = dict(self._known)
        shapes |= {name: np.shape(feeds[name]) for name in self._fed_sized}
        sizes = zip(self._sized, found[len(asked) :], strict=True)
        shapes |= {name: tuple(int(size) for size in shape) for name, shape in sizes}
        shapes |= {name: value.shape for name, value in values.items()}
        return Observed(values, shapes)

    def _copy(self, contents: bytes) -> bytes:
        """The model with more outputs. Merged messages append: see `promote.copy_with_outputs`."""
        own = {info.name for info in self._graph.outputs}
        outputs = [onnx.ValueInfoProto(name=name) for name in self._values if name not in own]
        outputs += [onnx.ValueInfoProto(name=_SHAPE + name) for name in self._sized]
        nodes = [onnx.NodeProto(op_type="Shape", input=[name], output=[_SHAPE + name]) for name in self._sized]
        more = onnx.ModelProto(graph=onnx.GraphProto(node=nodes, output=outputs))
        return contents + bytes(more.SerializeToString())
