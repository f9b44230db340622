"""Who depends on whom in a graph, and on what: the data, or the weights alone.

*Data* is what depends on the values of the graph's inputs. Shapes of inputs are not data, and neither are position
tables or causal masks made from them. *Constant* is what is computed from weights alone (a cast of a half-precision
table, the transposed copy of a matrix). *Features* are data that went through weights, or numbers that come in as data:
hidden states, keys from a cache; a mask made of the mask that comes in is none.
"""

from __future__ import annotations

from collections.abc import Iterator

from embstudio.modelfile.graph import Graph, Node, Shape, Weight
from embstudio.modelfile.tensor_info import TensorInfo

_SHAPE_ONLY = frozenset({"Shape", "Size"})
_RANDOM = frozenset({"RandomNormal", "RandomUniform", "RandomNormalLike", "RandomUniformLike", "Multinomial"})
# Operators that multiply their data by a weight. The place of the data is the first, by every one's specification.
_WEIGHT_OPERATORS = frozenset({
    "MatMul", "Gemm", "Conv", "FusedMatMul", "Einsum", "MatMulNBits", "MatMulInteger", "DynamicQuantizeMatMul",
    "MatMulIntegerToFloat", "QLinearMatMul", "QGemm", "FusedConv", "GroupQueryAttention", "Attention",
    "FusedGemm", "FusedMatMulActivation", "MatMulBnb4", "ConvInteger", "QLinearConv",
})  # fmt: skip
_RESHAPED_WEIGHT = frozenset({
    "Cast", "Identity", "Transpose", "Reshape", "Squeeze", "Unsqueeze", "DequantizeLinear", "Flatten", "Split", "Slice",
    "CastLike", "Mul",
})  # fmt: skip


# What makes vectors of ids: Gather counts only where a weight is looked up, see `Dataflow._add`.
_LOOKUPS = frozenset({"EmbedLayerNormalization", "GatherBlockQuantized"})


def _holds_features(info: TensorInfo) -> bool:
    """Hidden states and caches come as [batch, …, width]; a mask of numbers is [batch, pos], or has an axis of one."""
    return (
        info.dtype in ("float32", "float16", "float64", "bfloat16") and len(info.shape) > 2 and 1 not in info.shape[1:]
    )


class Dataflow:
    """Dependencies of one graph, worked out once; every question after that is a set operation.

    Ancestors are kept as bits of one whole number a node: bit i stands for node i.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self._data: set[str] = {info.name for info in graph.inputs}
        self._constant: set[str] = set(graph.weights)
        self._features: set[str] = {info.name for info in graph.inputs if _holds_features(info)}
        self._ancestors: dict[str, int] = {}
        self._behind_weight: dict[str, int] = {}
        self._bit: dict[str, int] = {}
        for place, info in enumerate(graph.inputs):
            # Graph inputs get bits of their own, after those of the nodes.
            self._bit[info.name] = 1 << (len(graph.nodes) + place)
            self._ancestors[info.name] = self._bit[info.name]
        for node in graph.nodes:
            self._add(node)

    def _add(self, node: Node) -> None:
        reads = node.reads
        constant = all(name in self._constant for name in reads) and node.op not in _RANDOM and not node.subgraphs
        data = node.op not in _SHAPE_ONLY and any(name in self._data for name in reads)
        bit = 1 << node.index
        ancestors = bit
        behind_weight = 0
        if data:
            for name in reads:
                if name in self._data:
                    ancestors |= self._ancestors.get(name, 0)
                    behind_weight |= self._behind_weight.get(name, 0)
            if self.multiplies_by_weight(node):
                behind_weight |= ancestors
            looks_up = (
                node.op == "Gather" and node.inputs[0] in self._constant and len(self._shape_of(node.inputs[0])) > 1
            )
            if behind_weight or looks_up or node.op in _LOOKUPS or any(name in self._features for name in reads):
                self._features.update(filter(None, node.outputs))
        for name in filter(None, node.outputs):
            self._bit[name] = bit
            self._ancestors[name] = ancestors
            self._behind_weight[name] = behind_weight
            if data:
                self._data.add(name)
            if constant:
                self._constant.add(name)

    def _shape_of(self, tensor: str) -> Shape:
        return self.graph.shape(tensor) or ()

    def is_data(self, tensor: str) -> bool:
        """Does it depend on the values of the graph's inputs?"""
        return tensor in self._data

    def is_constant(self, tensor: str) -> bool:
        """Is it computed from weights and constants alone?"""
        return tensor in self._constant

    def is_feature(self, tensor: str) -> bool:
        """Is it data that a model computes with, not a mask or a count of positions?"""
        return tensor in self._features

    def data_inputs(self, node: Node) -> tuple[str, ...]:
        """Those of a node's inputs that are data."""
        return tuple(name for name in node.inputs if name in self._data)

    def multiplies_by_weight(self, node: Node) -> bool:
        """Is it a matrix product (or convolution) of data with weights?"""
        if node.op not in _WEIGHT_OPERATORS:
            return False
        constants = [name for name in node.inputs if name and name in self._constant]
        return bool(constants) and not all(name in self._data for name in node.inputs[:2])

    def is_ancestor(self, earlier: str, later: str) -> bool:
        """Does `later` depend on `earlier`, through data? A node's outputs count as one; a tensor is its own."""
        return bool(self._ancestors.get(later, 0) & self._bit.get(earlier, 0))

    def reaches_through_weight(self, earlier: str, later: str) -> bool:
        """Does `later` depend on `earlier` by way of at least one matrix product with weights?"""
        return bool(self._behind_weight.get(later, 0) & self._bit.get(earlier, 0)) and earlier != later

    def is_behind_weights(self, tensor: str) -> bool:
        """Does it depend on the data by way of a matrix product with weights?"""
        return bool(self._behind_weight.get(tensor, 0))

    def node_depends(self, node: Node, earlier: str) -> bool:
        """Does a node depend on a tensor, through data?"""
        return any(self.is_ancestor(earlier, name) for name in node.inputs if name)

    def node_reaches(self, node: Node, later: str) -> bool:
        """Does a tensor depend on a node, through data?"""
        return any(self.is_ancestor(name, later) for name in node.outputs if name)

    def weight_behind(self, tensor: str) -> Weight | None:
        """The weight a constant is made of by casts, transpositions and the like; None if it is no such thing."""
        seen = 0
        while tensor in self._constant and seen < 16:
            weight = self.graph.weight(tensor)
            if weight is not None:
                return weight
            node = self.graph.producer(tensor)
            if node is None or node.op not in _RESHAPED_WEIGHT:
                return None
            sizes = [(self._weight_size(name), -place) for place, name in enumerate(node.inputs)]
            tensor = node.inputs[-max(sizes)[1]]
            seen += 1
        return None

    def _weight_size(self, tensor: str) -> int:
        weight = self.graph.weight(tensor)
        if weight is not None:
            return weight.size
        shape = self.graph.shape(tensor) or ()
        size = 1
        for length in shape:
            size *= length if isinstance(length, int) else 1
        return size

    def users(self, tensor: str) -> Iterator[tuple[Node, str]]:
        """The nodes that use a weight in a computation with data, looking through casts and transpositions of it,
        each with the tensor by which it is used there."""
        waiting, seen = [tensor], {tensor}
        while waiting:
            name = waiting.pop(0)
            for node in self.graph.consumers(name):
                made = [out for out in node.outputs if out and out in self._constant]
                if not made:
                    yield node, name
                    continue
                fresh = [out for out in made if out not in seen]
                seen.update(fresh)
                waiting.extend(fresh)
