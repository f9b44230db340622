"""A model's graph in plain Python: nodes, weights, shapes, and who makes and who uses each tensor.

No protobuf object gets out of here and no onnx comes in, so that the finders of `anatomy` work on nothing but names,
numbers and lists. `onnx_graph` makes a `Graph` from a file; tests may make one by hand.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np

from embstudio.modelfile.tensor_info import TensorInfo

Shape = tuple[int | str | None, ...]


@dataclass(frozen=True)
class Node:
    """One operator of the graph.

    index:      its place in the file's own order, which is an order of computation.
    domain:     "" for ONNX's own operators, e.g. "com.microsoft" for others.
    inputs:     tensor names; "" for an optional input that is left out.
    attributes: plain values: int, float, str, lists of them, or numpy arrays. Graphs are left out, see `subgraphs`.
    subgraphs:  names of the attributes that hold a graph (then_branch, body). What they compute has no points.
    captured:   tensors of this graph that the subgraphs read.
    inner_ops:  the operator types in the subgraphs and in theirs, in order: all that is known of what is inside.
    """

    index: int
    op: str
    domain: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    subgraphs: tuple[str, ...] = ()
    captured: tuple[str, ...] = ()
    inner_ops: tuple[str, ...] = ()

    @property
    def operator(self) -> str:
        """Domain and type in one word: "Softmax", "com.microsoft.Attention"."""
        return f"{self.domain}.{self.op}" if self.domain else self.op

    def input(self, place: int) -> str:
        """The tensor at a place, "" where it is left out."""
        return self.inputs[place] if place < len(self.inputs) else ""

    @property
    def reads(self) -> tuple[str, ...]:
        """Every tensor it depends on: its inputs and what its subgraphs capture."""
        return tuple(name for name in (*self.inputs, *self.captured) if name)


class Weight:
    """A constant of the file: an initializer, or the value of a Constant node. Values are read when first asked for.

    is_initializer: False for Constant nodes, which hold an exporter's axes and scalars, seldom trained numbers.
    """

    def __init__(
        self,
        name: str,
        dtype: str,
        shape: tuple[int, ...],
        read: Callable[[], np.ndarray],
        *,
        is_initializer: bool = True,
    ) -> None:
        self.name = name
        self.dtype = dtype
        self.shape = shape
        self.is_initializer = is_initializer
        self._read = read

    def __repr__(self) -> str:
        return f"Weight({self.name!r}, {self.dtype}, {self.shape})"

    @property
    def size(self) -> int:
        """Number of entries."""
        return int(np.prod(self.shape, dtype=np.int64))

    @cached_property
    def values(self) -> np.ndarray:
        """The numbers, in the file's own type. Raises ModelFileError if external data is missing or too short."""
        return self._read()


@dataclass(frozen=True)
class State:
    """What one step of a Loop or Scan hands to the next: `before` and `after` inside the body, `initial` and `final`
    outside. unchanged: it is handed on as it is."""

    before: str
    after: str
    initial: str
    final: str
    unchanged: bool = False


@dataclass(frozen=True)
class ScannedTensor:
    """What a Scan cuts along an axis: a piece a step, `inside`, of the tensor `outside`."""

    inside: str
    outside: str
    axis: int
    backwards: bool


@dataclass(frozen=True)
class LoopBody:
    """One step of a Loop or Scan.

    graph:     the step, what it reads from outside among its inputs; states that never change are no inputs.
    counter:   the input that holds the number of the step, "" for a Scan. trips: the tensor outside that says how many
               steps there are, "" where there is none. collected: what each step leaves behind, inside and outside.
    """

    graph: Graph
    states: tuple[State, ...]
    counter: str
    scanned: tuple[ScannedTensor, ...]
    collected: tuple[tuple[str, str], ...]
    trips: str


IsData = Callable[[str], bool]


class Graph:
    """Nodes in the file's order, what goes in and comes out, and the weights by name.

    bodies: of Loop and Scan nodes by index, each made when it is asked for.
    Raises ValueError if two nodes make the same tensor.
    """

    def __init__(
        self,
        nodes: Iterable[Node],
        inputs: Iterable[TensorInfo],
        outputs: Iterable[TensorInfo],
        weights: Mapping[str, Weight],
        *,
        shapes: Mapping[str, Shape] | None = None,
        dtypes: Mapping[str, str] | None = None,
        opset: Mapping[str, int] | None = None,
        bodies: Mapping[int, Callable[[Graph, IsData], LoopBody | None]] | None = None,
    ) -> None:
        self.nodes: tuple[Node, ...] = tuple(nodes)
        self.inputs: tuple[TensorInfo, ...] = tuple(inputs)
        self.outputs: tuple[TensorInfo, ...] = tuple(outputs)
        self.weights: Mapping[str, Weight] = MappingProxyType(dict(weights))
        self.opset: dict[str, int] = dict(opset or {})
        self._bodies = dict(bodies or {})
        declared = {info.name: info for info in (*self.inputs, *self.outputs)}
        self._shapes: dict[str, Shape] = {info.name: info.shape for info in declared.values()}
        self._shapes |= dict(shapes or {}) | {name: weight.shape for name, weight in self.weights.items()}
        self._dtypes = {info.name: info.dtype for info in declared.values()} | dict(dtypes or {})
        self._dtypes |= {name: weight.dtype for name, weight in self.weights.items()}
        self._producers: dict[str, Node] = {}
        consumers: dict[str, list[Node]] = defaultdict(list)
        for node in self.nodes:
            for name in filter(None, node.outputs):
                # A Constant may be stated twice, and some exporters do; onnxruntime takes the last.
                if name in self._producers and node.op != "Constant":
                    raise ValueError(f"tensor {name!r} is made twice")
                self._producers[name] = node
            for name in dict.fromkeys(node.reads):
                consumers[name].append(node)
        self._consumers = {name: tuple(users) for name, users in consumers.items()}

    def body(self, node: Node, is_data: IsData) -> LoopBody | None:
        """One step of a Loop or Scan; None for other nodes. is_data: which tensors depend on what is fed.

        Raises ModelFileError if it is damaged.
        """
        make = self._bodies.get(node.index)
        return make(self, is_data) if make is not None else None

    def producer(self, tensor: str) -> Node | None:
        """The node that makes a tensor; None for graph inputs and initializers."""
        return self._producers.get(tensor)

    def consumers(self, tensor: str) -> tuple[Node, ...]:
        """The nodes that read a tensor, in order; those whose subgraphs read it among them."""
        return self._consumers.get(tensor, ())

    def shape(self, tensor: str) -> Shape | None:
        """The shape as far as it is known without running; None where not even the rank is."""
        return self._shapes.get(tensor)

    def with_shapes(self, shapes: Mapping[str, Shape]) -> Graph:
        """The same graph, told shapes that only a run shows; they count more than what was inferred."""
        told = copy(self)
        told._shapes = {**self._shapes, **shapes}
        return told

    def with_nodes(self, nodes: Sequence[Node]) -> Graph:
        """The same graph with other nodes in the places of its own, which make the same tensors."""
        return Graph(
            nodes, self.inputs, self.outputs, self.weights, shapes=self._shapes, dtypes=self._dtypes, opset=self.opset,
            bodies=self._bodies,
        )  # fmt: skip

    def rank(self, tensor: str) -> int | None:
        """Number of dimensions, where known without running."""
        shape = self.shape(tensor)
        return None if shape is None else len(shape)

    def dtype(self, tensor: str) -> str | None:
        """numpy's name of the element type, where known."""
        return self._dtypes.get(tensor)

    def weight(self, tensor: str) -> Weight | None:
        """The constant of that name (initializer or Constant node), if it is one."""
        return self.weights.get(tensor)
