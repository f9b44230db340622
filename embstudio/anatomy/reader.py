"""Runs the finders over a graph and puts together what they found, and what none of them recognised."""

from __future__ import annotations

from collections import Counter

from embstudio.anatomy.anatomy import Anatomy, EmbeddingTable, PointSource
from embstudio.anatomy.attention import find_attention, fused_operators
from embstudio.anatomy.block_points import sums_of_points
from embstudio.anatomy.blocks import FoundBlock, arrange, block_of, points_of, span_of
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.embedding import find_embeddings, token_table
from embstudio.anatomy.missing import missing_sentences
from embstudio.anatomy.output_head import find_output_head
from embstudio.anatomy.parameters import count_parameters
from embstudio.anatomy.positions import find_positions
from embstudio.anatomy.recurrent import find_recurrent, recurrent_points, unopened
from embstudio.anatomy.stream_axes import stream_layout
from embstudio.modelfile.graph import Graph, Node


def read(graph: Graph) -> Anatomy:
    """Everything that is recognised in a graph. Never fails: what is not recognised is said in `unrecognised`."""
    flow = Dataflow(graph)
    tables = find_embeddings(flow)
    tokens = token_table(tables)
    attentions, other_softmaxes = find_attention(flow)
    blocks = arrange(flow, attentions)
    recurrent = find_recurrent(flow)
    positions = find_positions(flow, tokens)
    head = find_output_head(flow, tokens)
    width = _width(blocks, flow)
    filled = [points_of(flow, block, width) for block in blocks]
    points = [
        *_embed_points(flow, tables, tokens, blocks),
        *(point for block in filled for point in block.points),
        *recurrent_points(recurrent),
        *([head.point] if head and head.point else []),
    ]
    return Anatomy(
        inputs=graph.inputs,
        outputs=graph.outputs,
        ids_input=tokens.ids_input if tokens else _only_integer_input(graph),
        embeddings=tuple(sorted(tables, key=lambda table: table is not tokens)),
        blocks=tuple(block_of(flow, block) for block in blocks),
        recurrent=recurrent,
        head=head.head if head else None,
        max_positions=positions.rows if positions else None,
        parameters=count_parameters(
            flow,
            embeddings=(table.initializer for table in tables),
            positions=positions.initializers if positions else (),
            head=head.node if head else None,
            blocks=(span for block in blocks if (span := span_of(block))),
        ),
        points=tuple(points),
        opset=graph.opset,
        unrecognised=tuple(_unrecognised(flow, blocks, other_softmaxes, tables) + unopened(flow, recurrent)),
        sums=tuple(sums_of_points([each for block in filled for each in block.sums], {point.name for point in points})),
        missing=missing_sentences(
            ((block.name, kind, cause) for block in filled for kind, cause in block.lacking), [b.name for b in blocks]
        ),
        unranked=tuple(dict.fromkeys(name for block in filled for name in block.unranked)),
    )


def _only_integer_input(graph: Graph) -> str | None:
    """Without a table there is one thing to feed with ids only if a single integer input takes [batch, pos]."""
    integers = [info.name for info in graph.inputs if info.dtype in ("int64", "int32") and len(info.shape) == 2]
    return integers[0] if len(integers) == 1 else None


def _width(blocks: list[FoundBlock], flow: Dataflow) -> int | None:
    """d_model, by the last axis of whatever stream tensor states it: most exports do so somewhere."""
    lengths: Counter[int] = Counter()
    for block in blocks:
        for tensor in (block.residual.pre, block.residual.mid, block.residual.post):
            shape = flow.graph.shape(tensor) if tensor else None
            lengths.update(length for length in (shape or ())[1:] if isinstance(length, int))
    return lengths.most_common(1)[0][0] if lengths else None


def _embed_points(
    flow: Dataflow, tables: tuple[EmbeddingTable, ...], tokens: EmbeddingTable | None, blocks: list[FoundBlock]
) -> list[PointSource]:
    """`embed`, or one for each stack of an encoder-decoder."""
    named: dict[str, PointSource] = {}
    for table in tables:
        if tokens is None or table.rows != tokens.rows or not table.output:
            continue
        layout = stream_layout(flow.graph, table.output, table.width)
        stack = next((b.stack for b in blocks if b.residual.pre and flow.is_ancestor(table.output, b.residual.pre)), "")
        name = f"{stack}.embed" if stack else "embed"
        if layout:
            named.setdefault(name, PointSource(name, ("pos", "d_model"), table.output, layout))
    return list(named.values())


def _unrecognised(
    flow: Dataflow, blocks: list[FoundBlock], softmaxes: list[Node], tables: tuple[EmbeddingTable, ...]
) -> list[str]:
    graph = flow.graph
    sentences = []
    result = {info.name for info in graph.outputs}
    inside = [node for node in softmaxes if not result & set(node.outputs)]
    if inside:
        sentences.append(
            f"{_count(len(inside), 'softmax', 'softmaxes')} inside the model: not attention (no keys or no values)."
        )
    for operator, count in Counter(node.operator for node in fused_operators(flow)).items():
        sentences.append(
            f"The operator {operator} ({count} in this model) holds an attention that cannot be opened yet."
        )
    if any(node.op == "EmbedLayerNormalization" for node in graph.nodes):
        sentences.append(
            "The operator EmbedLayerNormalization keeps the tokens' vectors inside: there is no embed point."
        )
    for operator, count in Counter(node.operator for node in graph.nodes if node.subgraphs).items():
        sentences.append(
            f"{_count(count, operator, operator)} with a graph of its own: what happens inside has no points."
        )
    for block in blocks:
        unread = [kind for kind, each in block.attentions if each.pattern is None]
        if unread:
            sentences.append(f"{block.name}: the axes of its {unread[0]}-attention are not known, so it has no points.")
        if block.residual.pre is None:
            sentences.append(f"{block.name}: where its attention joins the residual stream was not found.")
        elif block.residual.mlp_out is None:
            sentences.append(f"{block.name}: no MLP was found beside its attention.")
    unused = [info.name for info in graph.inputs if not graph.consumers(info.name)]
    if unused:
        sentences.append(f"Inputs that nothing in the model reads: {', '.join(unused)}.")
    if not tables:
        sentences.append("No embedding table was found: nothing is looked up by ids that come from an input.")
    return sentences


def _count(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
