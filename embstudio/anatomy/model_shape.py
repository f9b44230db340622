"""The shape of a model, for the formulas that count its weights: read off what was found in its graph.

An anatomy says layers, heads and widths. What it does not say (biases, a gate in the MLP, norms with or without a bias,
which head) follows from how many weights its parts hold: of the possible ways that one is taken whose formula gives
their number, or comes closest.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

from embstudio.anatomy.anatomy import Anatomy, Attention, Block, EmbeddingTable
from embstudio.formulas.scaling.recurrent_shape import RecurrentShape, recurrent_parameters
from embstudio.formulas.scaling.transformer_shape import (
    ALL,
    BIASES,
    BOTH,
    CLASSES,
    DECODER,
    ENCODER,
    GATED,
    LAYER_NORM,
    MASKED,
    NO,
    NO_MLP,
    OWN,
    PLAIN,
    POOLER,
    RMS_NORM,
    TIED,
    VECTORS,
    TransformerShape,
    parameters,
)

Shape = TransformerShape | RecurrentShape
_OTHERS = ("recurrent", "other layers", "other")


@dataclass(frozen=True)
class Compared:
    """One component: its weights by formula and in the file, and what explains that they differ ("" where they do not,
    or nothing is known)."""

    component: str
    formula: int
    file: int
    why: str = ""

    @property
    def surplus(self) -> int:
        """What the file has more."""
        return self.file - self.formula


def shape_of(anatomy: Anatomy, *, looks_ahead: bool | None = None) -> Shape | None:
    """None for what is neither a transformer nor recurrent, or has no heads or widths that are known.

    looks_ahead: whether tokens attend to later ones; None: all but models with a score for each word do.
    """
    if anatomy.blocks:
        return _transformer(anatomy, ahead=looks_ahead if looks_ahead is not None else not _scores_words(anatomy))
    return _recurrent(anatomy) if anatomy.recurrent else None


def counted(anatomy: Anatomy) -> dict[str, int]:
    """The file's weights by the components of the formulas, and what belongs to none."""
    found: dict[str, int] = {}
    for name, count in anatomy.parameters.items():
        if name != "total":
            part = name.rpartition(".")[2]
            found[part] = found.get(part, 0) + count
    return found


def compared(anatomy: Anatomy, shape: Shape) -> list[Compared]:
    """Component by component; the last is the total."""
    by_formula = parameters(shape) if isinstance(shape, TransformerShape) else recurrent_parameters(shape)
    in_file = counted(anatomy)
    names = list(dict.fromkeys((*by_formula, *in_file)))
    rows = []
    for name in names:
        row = Compared(name, by_formula.get(name, 0), in_file.get(name, 0))
        rows.append(replace(row, why=_why(row, anatomy, shape)) if row.surplus else row)
    return [*rows, Compared("total", sum(by_formula.values()), anatomy.parameters.get("total", 0))]


# Transformers ------------------------------------------------------------------------------------------------------


def _transformer(anatomy: Anatomy, *, ahead: bool) -> TransformerShape | None:
    decoders = [block for block in anatomy.blocks if block.stack != "encoder"]
    encoders = [block for block in anatomy.blocks if block.stack == "encoder"]
    blocks = decoders or encoders
    tokens = next((table for table in anatomy.embeddings if table.role == "tokens"), None)
    first = _typical(blocks)
    if first is None:
        return None
    attention = first.attention[0]
    heads = attention.heads or 1
    d_head = attention.d_head or (tokens.width // heads if tokens else 0)
    if not d_head:
        return None
    count = counted(anatomy)
    crossing = any(each.kind == "cross" for block in blocks for each in block.attention)
    both = crossing and bool(decoders)  # it may be exported without its encoder
    attentions = sum(len(block.attention) for block in anatomy.blocks)
    shared = any(each.keys_of is not None for block in blocks for each in block.attention)
    shape = TransformerShape(
        stacks=BOTH if both else (ENCODER if ahead else DECODER),
        vocabulary=tokens.rows if tokens else 1,
        layers=len(blocks),
        heads=heads,
        kv_heads=attention.kv_heads or 0 if attention.heads and attention.kv_heads != heads else 0,
        encoder_layers=len(encoders) if both else 0,
        shared_kv=shared,
        positions=0,
        norms=0,
        final_norm=False,
        head=VECTORS,
    )
    projected = tokens is None or count.get("embedding", 0) > tokens.rows * tokens.width
    widths = [tokens.width] if tokens is not None else []
    if projected:  # the words may be narrower than the stream, or are not in this part of the model
        widths.append(heads * d_head)
    shape = _with_attention(shape, d_head, widths, count.get("attention", 0), attentions if projected else 0)
    shape = _with_mlp(shape, first.d_mlp, count.get("mlp", 0))
    shape = _with_tables(shape, tokens, anatomy, count)
    shape = _with_norms(shape, count.get("norm", 0), final="final_norm" in anatomy.point_names)
    return _with_head(shape, anatomy, count.get("head", 0))


def _typical(blocks: list[Block]) -> Block | None:
    """The first block of which most is known."""
    known = [block for block in blocks if block.attention]
    known.sort(key=lambda block: not (block.attention[0].heads and block.attention[0].d_head))
    return next((block for block in known if block.d_mlp), known[0] if known else None)


def _scores_words(anatomy: Anatomy) -> bool:
    """Models that are asked for the next word read from left to right; those for words left out do not."""
    return anatomy.head is not None and anatomy.head.kind == "next word"


def _with_attention(
    shape: TransformerShape, d_head: int, widths: list[int], count: int, attentions: int
) -> TransformerShape:
    """d_model, one of some widths, and biases. Attentions that share all weights (ALBERT) are told by their number
    going into `count` once. attentions: how many there are, where the width may be another."""
    ways = []
    for width, biases, distinct in product(widths, BIASES, (0, 1)):
        tried = replace(
            shape, d_model=width, biases=biases, distinct=distinct,
            d_head=0 if width == shape.heads * d_head else d_head,
        )  # fmt: skip
        ways.append((abs(parameters(tried).get("attention", 0) - count), tried))
    # Where no width fits, the projections may tell it: count = attentions · width · (2 d_attention + 2 d_keys).
    each = 2 * d_head * (shape.heads + (shape.kv_heads or shape.heads)) * attentions
    if count >= each > 0:
        solved = replace(shape, d_model=count // each, biases=NO, d_head=d_head)
        ways.append((abs(parameters(solved).get("attention", 0) - count), solved))
    best = min(ways, key=lambda way: way[0])
    if best[0]:  # none does: the stream is most likely as wide as the words
        best = min((way for way in ways if way[1].d_model == widths[0]), key=lambda way: way[0])
    return best[1]


def _with_mlp(shape: TransformerShape, d_mlp: int | None, count: int) -> TransformerShape:
    """Gated or not, with biases or without."""
    if not count:
        return replace(shape, mlp=NO_MLP)
    per_layer = count / max(1, sum(shape.own_layers))
    ways = []
    for kind, biases in product((PLAIN, GATED), (shape.biases == ALL, shape.biases != ALL)):
        hidden = d_mlp or round(per_layer / (shape.d_model * (3 if kind == GATED else 2)))
        tried = replace(shape, d_mlp=max(1, hidden), mlp=kind, mlp_biases=biases)
        ways.append((abs(parameters(tried).get("mlp", 0) - count), tried))
    return min(ways, key=lambda way: way[0])[1]


def _with_tables(
    shape: TransformerShape, tokens: EmbeddingTable | None, anatomy: Anatomy, count: dict[str, int]
) -> TransformerShape:
    """Positions, segments, and an embedding of another width."""
    width = tokens.width if tokens else shape.d_model
    shape = replace(shape, d_embedding=0 if width == shape.d_model else width)
    segments = count.get("segments", 0)
    stacks, positions = len(shape.depths), count.get("positions", 0)
    learnt = anatomy.max_positions or 0
    if learnt and positions >= learnt * width:
        shape = replace(shape, positions=learnt)
        positions -= stacks * learnt * width
    if positions > 0 and positions % (stacks * shape.heads) == 0 and positions < stacks * 1024 * shape.heads:
        shape = replace(shape, relative=positions // (stacks * shape.heads))
    return replace(shape, segments=segments // width if segments % width == 0 else 0)


def _with_norms(shape: TransformerShape, count: int, *, final: bool) -> TransformerShape:
    """How many, and whether they have a bias: those that RMSNorm and LayerNorm can both explain are taken to have one
    where the products have. final: whether one was found after the last block."""
    ways = []
    kinds = (RMS_NORM, LAYER_NORM) if shape.biases != ALL else (LAYER_NORM, RMS_NORM)
    for kind, norms, last, first in product(kinds, (2, 1, 4, 3, 0), (final, not final), (False, True)):
        tried = replace(shape, norm=kind, norms=norms, final_norm=last, embedding_norm=first)
        ways.append((abs(parameters(tried).get("norm", 0) - count), tried))
    return min(ways, key=lambda way: way[0])[1]


def _with_head(shape: TransformerShape, anatomy: Anatomy, count: int) -> TransformerShape:
    head = anatomy.head
    kind = head.kind if head is not None else ""
    width = head.width or 2 if head is not None else 2
    words = kind == "next word" or (width == shape.vocabulary and kind.startswith("classes"))
    ways = [replace(shape, head=VECTORS), replace(shape, head=POOLER)]
    if not words and not kind.startswith("classes"):  # a pooler is one only where its number fits
        return ways[1] if parameters(ways[1]).get("head", 0) == count else ways[0]
    if words:
        pairs = product((TIED, OWN, MASKED), (False, True))
        ways = [replace(shape, head=each, head_bias=bias) for each, bias in pairs]
    elif kind.startswith("classes"):
        ways = [replace(shape, head=CLASSES, classes=width)]
    return min(ways, key=lambda each: abs(parameters(each).get("head", 0) - count))


# Recurrent ---------------------------------------------------------------------------------------------------------


def _recurrent(anatomy: Anatomy) -> RecurrentShape | None:
    layers = {layer.layer: layer for layer in anatomy.recurrent}
    first = layers[min(layers)]
    tokens = next((table for table in anatomy.embeddings if table.role == "tokens"), None)
    inputs = first.input_width or (tokens.width if tokens else 0)
    if not inputs:
        return None
    directions = {way for layer in anatomy.recurrent if layer.layer == first.layer for way in layer.directions}
    head, count = anatomy.head, counted(anatomy)
    outputs = head.width or 0 if head is not None and "vector" not in head.kind else 0
    both_ways = len(directions) == 2
    shape = RecurrentShape(
        kind=first.kind.upper(), vocabulary=tokens.rows if tokens else 0, d_embedding=inputs, units=first.units,
        layers=len(layers), both_ways=both_ways, outputs=outputs,
    )  # fmt: skip
    by_biases = [replace(shape, biases=biases) for biases in (2, 1, 0)]
    wanted = count.get("recurrent", 0)
    shape = min(by_biases, key=lambda each: abs(recurrent_parameters(each).get("recurrent", 0) - wanted))
    at_end = count.get("head", 0)
    if outputs and shape.states == inputs and at_end < outputs * shape.states:
        shape = replace(shape, tied=True)
    ways = [replace(shape, output_bias=bias) for bias in (True, False)]
    return min(ways, key=lambda each: abs(recurrent_parameters(each).get("head", 0) - at_end))


# What differs ------------------------------------------------------------------------------------------------------


def _why(row: Compared, anatomy: Anatomy, shape: Shape) -> str:
    """What explains a difference, where the numbers tell it."""
    blocks = anatomy.blocks
    if row.component == "recurrent" and blocks:
        return "recurrent layers beside the blocks, which the formula does not know"
    if row.component in _OTHERS:
        return "belongs to no part that the formula counts"
    if isinstance(shape, RecurrentShape):
        return "its layers differ, or it learns how to begin" if row.component == "recurrent" else ""
    if row.component == "positions":
        if row.surplus > 0 and not shape.positions:
            return "positions that are not learnt rows: stored sines, rotary frequencies or relative positions"
        return "fewer or more rows than the formula's tables"
    if row.component == "segments":
        return "no whole rows"
    if row.component == "mlp" and any(block.d_mlp is None for block in blocks):
        return "some layers have no plain MLP (a mixture of experts, or one that was not found)"
    if row.component == "mlp" and len({block.d_mlp for block in blocks}) > 1:
        return "its layers differ in width; the formula takes one for all"
    if row.component == "attention" and _unlike(blocks):
        return "its attentions differ from one another; the formula takes one for all"
    if row.component == "head" and row.surplus == shape.vocabulary:
        return "one number for each word: how much it counts, or a bias"
    if row.component == "head" and row.surplus > 0:
        return "more layers after the last block than the formula's head has"
    if row.component == "embedding" and row.surplus > 0:
        return "a projection, or another table, beside the rows of words"
    return "biases, norms, projections or stored tables beside those of the standard block" if row.surplus > 0 else (
        "some weights are not in the file, or not the standard block's"
    )  # fmt: skip


def _unlike(blocks: tuple[Block, ...]) -> bool:
    sizes: set[tuple[int | None, ...]] = {_sizes(each) for block in blocks for each in block.attention}
    return len(sizes) > 1


def _sizes(attention: Attention) -> tuple[int | None, ...]:
    return attention.heads, attention.kv_heads, attention.d_head
