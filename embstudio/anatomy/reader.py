"""Runs the finders over a graph and puts together what they found, and what none of them recognised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from embstudio.anatomy.anatomy import Anatomy, EmbeddingTable
from embstudio.anatomy.attention import FoundAttention, FoundAttentions, find_attention, fused_operators
from embstudio.anatomy.block_points import BlockPoints, sums_of_points
from embstudio.anatomy.blocks import FoundBlock, arrange, block_of, points_of, span_of
from embstudio.anatomy.cells.find_cells import cell_points, find_cells
from embstudio.anatomy.cells.unopened import say_unopened
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.embedding import find_embeddings, token_table
from embstudio.anatomy.inside_operators import say_what_is_inside
from embstudio.anatomy.missing import missing_sentences
from embstudio.anatomy.output_head import find_output_head, outputs_without_rank
from embstudio.anatomy.parameters import count_parameters
from embstudio.anatomy.positions import PositionTables, find_positions
from embstudio.anatomy.recurrent import RECURRENT, find_recurrent, recurrent_points, unopened
from embstudio.anatomy.shared_keys import SharedKeys
from embstudio.anatomy.side_by_side import has_tokens, say_towers
from embstudio.anatomy.stack_points import StackPoints, tables_of
from embstudio.modelfile.graph import Graph


def read(graph: Graph) -> Anatomy:
    """Everything that is recognised in a graph. Never fails: what is not recognised is said in `unrecognised`."""
    flow = Dataflow(graph)
    tables = find_embeddings(flow)
    tokens = token_table(tables)
    found = find_attention(flow)
    attentions = found.attentions
    ids_input = tokens.ids_input if tokens else None
    blocks = arrange(flow, attentions, ids_input)
    operators = find_recurrent(flow)
    cells = find_cells(flow, operators)
    recurrent = tuple(sorted((*operators, *cells), key=lambda layer: (layer.layer, layer.node, layer.directions)))
    head = find_output_head(flow, tables, _states(flow, attentions))
    width = _width(blocks, flow, tokens)
    positions = find_positions(flow, tables, width)
    around = _around(flow, blocks, tables, positions, width)
    filled = _filled(flow, blocks, around, width, ids_input)
    parts: list[StackPoints | BlockPoints] = [*around, *filled]
    points = [
        *(point for stack in around for point in stack.first),
        *(point for block in filled for point in block.points),
        *(point for stack in around for point in stack.last),
        *recurrent_points(operators),
        *cell_points(cells),
        *(head.points if head else ()),
    ]
    keys = SharedKeys(flow)
    parameters = count_parameters(
        flow,
        tables=_named_tables(tables, positions),
        head=head.node if head else None,
        blocks=(span for block in blocks if (span := span_of(flow, block))),
        cells={name for layer in cells if layer.cell is not None for name in layer.cell.weights},
    )
    return Anatomy(
        inputs=graph.inputs,
        outputs=graph.outputs,
        ids_input=ids_input or _only_integer_input(graph),
        embeddings=tuple(sorted(tables, key=lambda table: table is not tokens)),
        blocks=tuple(block_of(flow, block, keys) for block in blocks),
        recurrent=recurrent,
        head=head.head if head else None,
        max_positions=positions.rows if positions else None,
        parameters=parameters,
        points=tuple(points),
        opset=graph.opset,
        unread=tuple(info.name for info in graph.inputs if not graph.consumers(info.name)),
        unrecognised=(
            *say_towers(blocks, ids_input),
            *_unrecognised(flow, found, tables, {layer.cell.node for layer in cells if layer.cell is not None}),
            *unopened(flow, recurrent),
            *say_unopened(flow, cells),
            *_other_layers(parameters),
        ),
        sums=tuple(sums_of_points([each for part in parts for each in part.sums], {point.name for point in points})),
        missing=_missing_around(around)
        + missing_sentences(
            ((block.name, kind, cause) for block in filled for kind, cause in block.lacking), [b.name for b in blocks]
        ),
        unranked=tuple(
            dict.fromkeys(
                [
                    *(name for part in parts for name in part.unranked),
                    *(name for block in blocks for _, attention in block.attentions for name in attention.unsettled),
                    *outputs_without_rank(flow),
                ]
            )
        ),
    )


def _other_layers(parameters: dict[str, int]) -> list[str]:
    weights = parameters.get("other layers")
    if not weights:
        return []
    return [
        f"{weights:,} weights are those of other layers between, beside or inside the blocks, which are numbered by "
        f"their attention: they have no points."
    ]


def _named_tables(tables: tuple[EmbeddingTable, ...], positions: PositionTables | None) -> dict[str, str]:
    named = dict.fromkeys(positions.initializers if positions else (), "positions")
    return named | {table.initializer: "embedding" if table.role == "tokens" else table.role for table in tables}


def _states(flow: Dataflow, attentions: list[FoundAttention]) -> set[str]:
    """What a model keeps for its next call: keys and values, and the last states of recurrent layers."""
    kept = {reading.tensor for each in attentions for reading in (each.k, each.v) if reading}
    kept |= {each.k_tensor for each in attentions}
    return kept | {name for node in flow.graph.nodes if node.op in RECURRENT for name in node.outputs[1:] if name}


def _only_integer_input(graph: Graph) -> str | None:
    """Without a table there is one thing to feed with ids only if a single integer input takes [batch, pos]."""
    integers = [info.name for info in graph.inputs if info.dtype in ("int64", "int32") and len(info.shape) == 2]
    return integers[0] if len(integers) == 1 else None


def _around(
    flow: Dataflow,
    blocks: list[FoundBlock],
    tables: tuple[EmbeddingTable, ...],
    positions: PositionTables | None,
    width: int | None,
) -> list[StackPoints]:
    """What is before the first block and after the last, stack by stack; without attention there is one stack."""
    stacks: dict[str, list[FoundBlock]] = {} if blocks else {"": []}
    for block in blocks:
        if not block.tower:
            stacks.setdefault(block.stack, []).append(block)
    around = []
    for stack, table in tables_of(flow, tables, stacks):
        points = StackPoints(flow, stack, width)
        points.fill(stacks[stack], table, positions)
        around.append(points)
    return around


def _filled(
    flow: Dataflow, blocks: list[FoundBlock], around: list[StackPoints], width: int | None, ids_input: str | None
) -> list[BlockPoints]:
    """The points of every block whose positions are those of the tokens."""
    stacks = {each.stack: each for each in around}
    return [
        points_of(flow, block, width, time_major=stacks[block.stack].time_major)
        for block in blocks
        if has_tokens(block, ids_input)
        and ((moved := stacks[block.stack].moved_from) is None or block.layer < moved or block.tower)
    ]


def _missing_around(around: list[StackPoints]) -> tuple[str, ...]:
    return tuple(
        f"{f'{stack.stack}.' if stack.stack else ''}{kind}: not found{f' ({cause})' if cause else ''}."
        for stack in around
        for kind, cause in stack.lacking
    )


def _width(blocks: list[FoundBlock], flow: Dataflow, tokens: EmbeddingTable | None) -> int | None:
    """d_model: the length of the tokens' vectors where the stream has an axis of that length, otherwise whatever length
    its last axis is stated to have, or that before it (convolutional models)."""
    stream = [t for block in blocks for t in (block.residual.pre, block.residual.mid, block.residual.post) if t]
    shapes = [shape for tensor in stream if (shape := flow.graph.shape(tensor)) and len(shape) in (2, 3)]
    if tokens and any(tokens.width in shape[1:] for shape in shapes):
        return tokens.width
    for axis in (-1, -2):
        lengths = Counter(length for shape in shapes if isinstance(length := shape[axis], int))
        if lengths:
            return lengths.most_common(1)[0][0]
    return None


def _unrecognised(
    flow: Dataflow, attentions: FoundAttentions, tables: tuple[EmbeddingTable, ...], opened: Collection[int]
) -> list[str]:
    graph = flow.graph
    sentences = []
    if attentions.partial:
        sentences.append(
            f"{_count(len(attentions.partial), 'softmax', 'softmaxes')} of attention in pieces (block-sparse, banded, "
            "heads mixed or each by itself): the graph has no pattern of all heads, queries and keys to show."
        )
    result = {info.name for info in graph.outputs}
    inside = [node for node in attentions.others if not result & set(node.outputs)]
    if inside:
        sentences.append(
            f"{_count(len(inside), 'softmax', 'softmaxes')} inside the model: not attention (queries, keys or values "
            "are missing, or learned numbers)."
        )
    for operator, count in Counter(node.operator for node in fused_operators(flow)).items():
        sentences.append(
            f"The operator {operator} ({count} in this model) holds an attention that cannot be opened yet."
        )
    if any(node.op == "EmbedLayerNormalization" for node in graph.nodes):
        sentences.append(
            "The operator EmbedLayerNormalization keeps the tokens' vectors inside: there is no embed point."
        )
    sentences.extend(say_what_is_inside(graph, opened))
    if not tables:
        sentences.append("No embedding table was found: nothing is looked up by ids that come from an input.")
    return sentences


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
