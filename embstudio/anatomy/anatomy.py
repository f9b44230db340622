"""What a model contains. Nouns only: the finders fill them in, everything else reads them.

This file imports neither onnx nor numpy, so that the window can hold an anatomy without loading either.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from embstudio.modelfile.tensor_info import TensorInfo as TensorInfo


@dataclass(frozen=True)
class PointSource:
    """Where the value of a point is found.

    name, axes: the point and its axes in the canonical order, batch dropped.
    tensor:     the graph's tensor, or "" where instrumenting makes it (the gates of a recurrent node).
    layout:     the tensor's axes as the graph has them, "batch" included; an entry of two words ("batch head")
                is two axes in one dimension.
    """

    name: str
    axes: tuple[str, ...]
    tensor: str = ""
    layout: tuple[str, ...] = ()


@dataclass(frozen=True)
class EmbeddingTable:
    """A table of vectors looked up by integer ids that come from a graph input."""

    initializer: str
    rows: int
    width: int
    ids_input: str
    output: str  # tensor with the looked-up vectors, after a cast where there is one


@dataclass(frozen=True)
class Attention:
    """One attention of a block. kv_heads < heads is grouped-query attention; None: not known before a run."""

    kind: str  # "self" or "cross"
    heads: int | None
    kv_heads: int | None
    d_head: int | None
    node: str  # the Softmax, or the fused operator
    operator: str  # its operator type: "Softmax", "com.microsoft.Attention", …


@dataclass(frozen=True)
class Block:
    """One layer of a transformer."""

    stack: str  # "", "encoder" or "decoder"
    layer: int
    attention: tuple[Attention, ...]


@dataclass(frozen=True)
class RecurrentLayer:
    """One RNN, GRU or LSTM node. `node` is the position of the node in the graph's own order."""

    kind: str  # "rnn", "gru" or "lstm"
    layer: int
    directions: tuple[str, ...]  # "forward", "reverse" or both
    units: int
    input_width: int
    activations: tuple[str, ...]
    node: int


@dataclass(frozen=True)
class OutputHead:
    """What comes out last. kind: "next word" (a score for each vocabulary entry at each position), "classes per
    token", "classes", "vectors per token" or "vector"; width: classes, vocabulary entries or dimensions."""

    kind: str
    output: str
    width: int | None


@dataclass(frozen=True)
class Anatomy:
    """Everything recognised in one model, and what was not."""

    inputs: tuple[TensorInfo, ...]
    outputs: tuple[TensorInfo, ...]
    ids_input: str | None  # the input that takes token ids
    embeddings: tuple[EmbeddingTable, ...]
    blocks: tuple[Block, ...]
    recurrent: tuple[RecurrentLayer, ...]
    head: OutputHead | None
    max_positions: int | None  # rows of a learned position table, where there is one
    parameters: dict[str, int]  # component → number of weights; "total" is their sum
    points: tuple[PointSource, ...]
    opset: dict[str, int]
    unrecognised: tuple[str, ...] = field(default=())  # plain sentences

    @property
    def kind(self) -> str:
        """By what was found: "transformer", "lstm", "gru", "rnn", "embedding table" or "unknown"."""
        if self.blocks:
            return "transformer"
        if self.recurrent:
            return self.recurrent[0].kind
        return "embedding table" if self.embeddings else "unknown"

    @property
    def point_names(self) -> tuple[str, ...]:
        return tuple(point.name for point in self.points)

    def point(self, name: str) -> PointSource:
        """The source of a point. Raises KeyError if this model has no such point."""
        for source in self.points:
            if source.name == name:
                return source
        raise KeyError(name)
