"""What a model contains. Nouns only: the finders fill them in, everything else reads them.

This file imports neither onnx nor numpy, so that the window can hold an anatomy without loading either.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from embstudio.anatomy.cells.written_cell import WrittenCell
from embstudio.modelfile.tensor_info import TensorInfo as TensorInfo
from embstudio.trace.readout import Readout

_LOOKED_UP = ("embedding", "segments", "positions")  # components that are tables, not layers


@dataclass(frozen=True)
class PointSource:
    """Where the value of a point is found.

    name, axes: the point and its axes in the canonical order, batch dropped.
    tensor:     the graph's tensor, or "" where instrumenting makes it (the gates of a recurrent node).
    layout:     the tensor's axes as the graph has them, "batch" included; an entry of two words ("batch head")
                is two axes in one dimension, "one" a dimension of length 1 that is no axis, "head:0" and "head:1"
                are heads in two dimensions (groups and their members); an axis that is missing has length 1.
    factor:     the point's value is the tensor's times this: many graphs scale q and k before they are multiplied, so
                that q kᵀ is there only with the scale.
    offset:     and then this added: 1 where the tensor, times −1, holds the other share of a gate.
    """

    name: str
    axes: tuple[str, ...]
    tensor: str = ""
    layout: tuple[str, ...] = ()
    factor: float = 1.0
    offset: float = 0.0

    @property
    def is_plain(self) -> bool:
        """Is its value the tensor's own?"""
        return self.factor == 1 and self.offset == 0


@dataclass(frozen=True)
class ResidualSum:
    """An addition in the residual stream, by the names of its points: sum = scale · before + Σ added.

    added: one point, or two where attention and MLP are added side by side (GPT-J).
    """

    before: str
    added: tuple[str, ...]
    sum: str
    scale: float = 1.0


@dataclass(frozen=True)
class Quantised:
    """How a table of whole numbers stands for one of floats: (stored − zero point) · scale, block by block.

    scale, zero_point: initializers ("" where there is none: 0, or half the range of packed numbers); bits: of one
    number; two of 4 bits, the lower first, are packed into a byte. block: entries of a row that share a scale; 0 where
    the scale is one number, or one for each row.
    """

    scale: str
    zero_point: str = ""
    bits: int = 8
    block: int = 0


@dataclass(frozen=True)
class EmbeddingTable:
    """A table of vectors looked up by integer ids that come from a graph input.

    role: "tokens", or "segments" for the few rows that tell sentences apart. quantised: where the file holds the table
    in whole numbers. matrix: the tensor with the rows, where the graph makes it of the initializer, which may hold them
    turned round, as an output head wants them; "" where they are the same. `anatomy.table_values` reads the vectors.
    """

    initializer: str
    rows: int
    width: int
    ids_input: str
    output: str  # tensor with the looked-up vectors, after a cast where there is one
    role: str = "tokens"
    quantised: Quantised | None = None
    matrix: str = ""


@dataclass(frozen=True)
class Attention:
    """One attention of a block. kv_heads < heads is grouped-query attention; None: not known before a run.

    keys_of: the earlier layer whose keys and values it attends to, where the model does not make them anew in each.
    """

    kind: str  # "self" or "cross"
    heads: int | None
    kv_heads: int | None
    d_head: int | None
    node: str  # the Softmax, or the fused operator
    operator: str  # its operator type: "Softmax", "com.microsoft.Attention", …
    keys_of: int | None = None


@dataclass(frozen=True)
class Block:
    """One layer of a transformer."""

    stack: str  # "", "encoder" or "decoder"
    layer: int
    attention: tuple[Attention, ...]
    d_mlp: int | None = None  # width of the MLP's hidden layer, where it has one and it is known


@dataclass(frozen=True)
class RecurrentLayer:
    """One RNN, GRU or LSTM. `node` is the position of the node in the graph's own order; −1 for a layer that is written
    out in other operators, one direction by itself, which `cell` describes. input_width: 0 where it is not known."""

    kind: str  # "rnn", "gru" or "lstm"
    layer: int
    directions: tuple[str, ...]  # "forward", "reverse" or both
    units: int
    input_width: int
    activations: tuple[str, ...]
    node: int
    cell: WrittenCell | None = None


@dataclass(frozen=True)
class OutputHead:
    """What comes out last. kind: "next word" (a score for each vocabulary entry at each position), "classes per
    token", "classes", "vectors per token" or "vector"; width: classes, vocabulary entries or dimensions.

    last_only: scores for the last position alone, as some exports for generation give them.
    readout: what the graph itself makes probabilities of its scores with; None where it ends in the scores.
    """

    kind: str
    output: str
    width: int | None
    last_only: bool = False
    readout: Readout | None = None


@dataclass(frozen=True)
class Anatomy:
    """Everything recognised in one model, and what was not.

    sums:     the additions in the residual stream, to be checked on the model's own numbers.
    missing:  which of the usual points were not found, and why where that is known: sentences.
    unread:   inputs that nothing in the graph reads.
    unranked: tensors whose axes the graph does not tell: points, and what stands around attentions. They become
              points when the graph is read again with the shapes of a run.
    """

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
    sums: tuple[ResidualSum, ...] = ()
    missing: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    unranked: tuple[str, ...] = ()

    @property
    def kind(self) -> str:
        """By what was found: "transformer", "lstm", "gru", "rnn", "embedding table" or "unknown"."""
        if self.blocks:
            return "transformer"
        if self.recurrent:
            return self.recurrent[0].kind
        beyond = self.parameters.get("total", 0) - sum(self.parameters.get(name, 0) for name in _LOOKED_UP)
        return "embedding table" if self.embeddings and not beyond else "unknown"

    @property
    def point_names(self) -> tuple[str, ...]:
        return tuple(point.name for point in self.points)

    def point(self, name: str) -> PointSource:
        """The source of a point. Raises KeyError if this model has no such point."""
        for source in self.points:
            if source.name == name:
                return source
        raise KeyError(name)
