"""The end of a model cut out of it: from the stream that leaves the last block to the scores of the vocabulary.

The cut is made in the graph itself, by what depends on what: final norm, output head and whatever else stands there
are the model's own nodes, whatever they are. Only the weights they use come along.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from embstudio.anatomy.anatomy import PointSource
from embstudio.anatomy.dataflow import Dataflow
from embstudio.base.errors import StudioError, UnsupportedModelError
from embstudio.modelfile.graph import Graph
from embstudio.session import ort_errors
from embstudio.session.stop import Stop

# What a normalisation fused with the addition before it is called; outputs: the norm first, the sum last.
_FUSED_NORMS = {"SkipLayerNormalization": 4, "SkipSimplifiedLayerNormalization": 3}  # → place of the bias
_ZEROS = "readout/nothing"
_SHAPE_ONLY = frozenset({"Shape", "Size"})

Feeds = Callable[[int], Mapping[str, np.ndarray]]  # the model's inputs for so many tokens


@dataclass(frozen=True)
class Way:
    """How vectors are put in: as the tokens of one sequence, else as sequences of one token; exactly: always so many,
    filled up with zeros, for a model that takes one length only."""

    as_positions: bool = True
    exactly: int | None = None


class Readout:
    """Opens on construction. Raises UnsupportedModelError where the end of the model needs more than the stream.

    stream, logits: the points at both ends. feeds: for inputs that the end of the model takes shapes or masks from.
    """

    def __init__(
        self,
        model: onnx.ModelProto,
        graph: Graph,
        stream: PointSource,
        logits: PointSource,
        open_session: Callable[[bytes], onnxruntime.InferenceSession],
        feeds: Feeds,
    ) -> None:
        self._stream, self._logits, self._feeds = stream, logits, feeds
        part, self._stand_ins = cut_out(model, graph, stream.tensor, logits.tensor)
        own = {stream.tensor, *self._stand_ins}
        self._others = [value.name for value in part.graph.input if value.name not in own]
        self._dtype = np.dtype(graph.dtype(stream.tensor) or "float32")
        self._session = open_session(part.SerializeToString())
        self._way = Way()

    def __call__(self, vectors: np.ndarray, stop: Stop | None = None) -> np.ndarray:
        """The scores [n, vocab] that the model's end gives for vectors [n, d_model]. Raises StudioError, Cancelled."""
        stop = stop or Stop()
        length = self._way.exactly
        if length is None:
            return self._run(vectors, stop)
        parts = [vectors[start : start + length] for start in range(0, len(vectors), length)]
        filled = [np.concatenate([part, np.zeros((length - len(part), part.shape[1]), part.dtype)]) for part in parts]
        scores = [self._run(part, stop) for part in filled]
        return np.concatenate(scores)[: len(vectors)]

    def matches(self, vectors: np.ndarray, expected: np.ndarray) -> float:
        """Feed it streams [n, d_model] whose scores [n, vocab] are known, and one of them once more: the largest
        difference, in whichever way of putting the vectors in comes nearest, which is kept from then on."""
        more, told = (np.concatenate([each, each[:1]]) for each in (vectors, expected))
        found: dict[Way, float] = {}
        for way in (Way(), Way(as_positions=False), Way(exactly=len(vectors))):
            self._way = way
            try:
                results = (self(vectors), expected), (self(more), told)
            except StudioError:
                continue  # some ends take one position, one sequence, or one length only
            if all(scores.shape == wanted.shape for scores, wanted in results):
                found[way] = max(
                    float(np.max(np.abs(scores.astype(np.float64) - wanted), initial=0.0)) for scores, wanted in results
                )
        self._way = min(found, key=lambda way: found[way], default=Way())
        return found.get(self._way, float("inf"))

    def _run(self, vectors: np.ndarray, stop: Stop) -> np.ndarray:
        n, width = vectors.shape
        batch, length = (1, n) if self._way.as_positions else (n, 1)
        x = np.asarray(vectors, self._dtype).reshape(batch, length, width)
        feeds = {self._stream.tensor: placed(x, self._stream.layout, "d_model"), **self._other_feeds(batch, length)}
        options = onnxruntime.RunOptions()
        stop.attach(options)
        with ort_errors.running(self._stream.name, stop):
            (scores,) = self._session.run([self._logits.tensor], feeds, options)
        return np.asarray(scores).reshape(-1, scores.shape[-1])

    def _other_feeds(self, batch: int, length: int) -> dict[str, np.ndarray]:
        feeds = {name: np.zeros((batch, length, width), np.float32) for name, width in self._stand_ins.items()}
        given = self._feeds(length) if self._others else {}
        return feeds | {name: np.repeat(given[name], batch, axis=0) for name in self._others}


def placed(x: np.ndarray, layout: tuple[str, ...], last: str) -> np.ndarray:
    """x [batch, pos, last] in the layout that a graph has it in; two words in an entry are one dimension."""
    words = [entry.split() for entry in layout] or [["batch"], ["pos"], [last]]
    axes = ["batch", "pos", last]
    order = [axes.index(word) for entry in words for word in entry]
    sizes = dict(zip(axes, x.shape, strict=True))
    missing = [axis for axis in range(3) if axis not in order]
    turned = x.transpose(*order, *missing)
    return np.ascontiguousarray(turned.reshape([int(np.prod([sizes[word] for word in entry])) for entry in words]))


def cut_out(model: onnx.ModelProto, graph: Graph, start: str, end: str) -> tuple[onnx.ModelProto, dict[str, int]]:
    """A model that computes the tensor `end` from the tensor `start` by the nodes between them, and nothing else.

    Its inputs are `start`, those of the whole model that are needed besides, and stand-ins for tensors from before
    `start` of which only the shape [batch, pos, width] counts: their widths by name are the second result. Weights in
    data files stay there. Raises UnsupportedModelError if `end` depends on what comes before in another way.
    """
    stand_ins: dict[str, int] = {}
    nodes = list(_between(model, graph, start, end, stand_ins))
    made = {name for node in nodes for name in node.output}
    needed = {name for node in nodes for name in _reads(node)} - made - {start}
    part = onnx.ModelProto(ir_version=max(model.ir_version, 4), producer_name=model.producer_name)
    part.opset_import.extend(model.opset_import)
    part.functions.extend(model.functions)
    part.graph.name = "readout"
    part.graph.node.extend(nodes)
    dtype = helper.np_dtype_to_tensor_dtype(np.dtype(graph.dtype(start) or "float32"))
    part.graph.input.append(helper.make_tensor_value_info(start, dtype, None))
    weights = {tensor.name for tensor in model.graph.initializer}
    part.graph.input.extend(value for value in model.graph.input if value.name in needed and value.name not in weights)
    part.graph.input.extend(helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in stand_ins)
    part.graph.initializer.extend(tensor for tensor in model.graph.initializer if tensor.name in needed)
    part.graph.output.append(onnx.ValueInfoProto(name=end))
    return part, stand_ins


def _between(
    model: onnx.ModelProto, graph: Graph, start: str, end: str, stand_ins: dict[str, int]
) -> Iterator[onnx.NodeProto]:
    """The nodes that make `end`, back to `start`, in the graph's order. stand_ins: is filled with what they take
    shapes of."""
    flow = Dataflow(graph)
    if not flow.is_ancestor(start, end):
        raise _not_available("the scores do not depend on the stream that leaves the last block")
    found: dict[int, onnx.NodeProto] = {}
    waiting = [end]
    seen = {start}
    while waiting:
        tensor = waiting.pop()
        producer = graph.producer(tensor)
        if tensor in seen or producer is None or producer.index in found:
            continue
        seen.add(tensor)
        node = model.graph.node[producer.index]
        if start in producer.outputs:
            node = _norm_alone(node, start)
        elif flow.multiplies_by_weight(producer) and not flow.node_depends(producer, start):
            raise _not_available("the scores also depend on something else than the stream that leaves the last block")
        elif producer.op in _SHAPE_ONLY and (width := _width_before(node, graph, flow, start)) is not None:
            name = f"readout/as wide as {node.input[0]}"
            stand_ins[name] = width
            node = _with_inputs(node, [name])
        found[producer.index] = node
        waiting.extend(name for name in (*_reads(node), *producer.captured) if name and name not in seen)
    for index in sorted(found):
        if found[index].op_type in _FUSED_NORMS and start in found[index].input:
            yield helper.make_node("Sub", [start, start], [_ZEROS], name=_ZEROS)
        yield found[index]


def _norm_alone(node: onnx.NodeProto, start: str) -> onnx.NodeProto:
    """A fused sum and norm whose sum is `start`: the same norm of `start`, with nothing added to it."""
    if node.op_type not in _FUSED_NORMS:
        raise _not_available(f"the last block ends inside the operator {node.op_type}")
    bias = _FUSED_NORMS[node.op_type]
    inputs = [start, _ZEROS, *node.input[2:]]
    if len(inputs) > bias:
        inputs[bias] = ""
    alone = _with_inputs(node, inputs)
    for place, name in enumerate(alone.output):
        if name == start:
            alone.output[place] = ""
    return alone


def _width_before(node: onnx.NodeProto, graph: Graph, flow: Dataflow, start: str) -> int | None:
    """The width of the [batch, pos, width] from before `start` that a node takes the shape of; None if it does not."""
    asked = node.input[0]
    if flow.is_ancestor(start, asked) or not flow.is_data(asked) or graph.producer(asked) is None:
        return None
    shape = graph.shape(asked) or ()
    return shape[2] if len(shape) == 3 and isinstance(shape[2], int) else None


def _with_inputs(node: onnx.NodeProto, inputs: list[str]) -> onnx.NodeProto:
    """A copy of a node that reads other tensors."""
    copied = onnx.NodeProto()
    copied.CopyFrom(node)
    del copied.input[:]
    copied.input.extend(inputs)
    return copied


def _reads(node: onnx.NodeProto) -> list[str]:
    """Every tensor a node depends on, those its subgraphs capture among them."""
    names = [name for name in node.input if name]
    for given in node.attribute:
        for body in (given.g, *given.graphs):
            made = {value.name for value in body.input} | {tensor.name for tensor in body.initializer}
            for inner in body.node:
                names.extend(name for name in _reads(inner) if name not in made)
                made.update(inner.output)
            names.extend(value.name for value in body.output if value.name not in made)
    return names


def _not_available(reason: str) -> UnsupportedModelError:
    return UnsupportedModelError(
        "The output head cannot be put on other layers.", where=reason,
        advice="The nearest words of each layer can still be shown.",
    )  # fmt: skip
