"""The output head: which of a graph's outputs is its result, the last product with weights before it, and its meaning.

Scores count before vectors, and of vectors those for each token before one for the sentence, which is `pooled`. Caches
and states that are given out to be fed again are no results, nor are streams of single layers that a result is made of.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from embstudio.anatomy.anatomy import EmbeddingTable, OutputHead, PointSource
from embstudio.anatomy.dataflow import Dataflow
from embstudio.anatomy.head_axes import BATCH, LENGTH
from embstudio.anatomy.head_path import HeadPath, path_to_head
from embstudio.modelfile.graph import Node, Shape
from embstudio.modelfile.tensor_info import TensorInfo

NEXT_WORD = "next word"
_SCORES = (NEXT_WORD, "classes per token", "classes")
_PADDING = 16  # a head may have a sixteenth more or fewer entries than the table has rows, and a few


@dataclass(frozen=True)
class FoundHead:
    """The head, its product with weights (None where vectors come out as they are), and its points if it has some."""

    head: OutputHead
    node: Node | None
    points: tuple[PointSource, ...]


@dataclass(frozen=True)
class _Result:
    info: TensorInfo
    shape: Shape
    path: HeadPath
    kind: str
    width: int | None


def find_output_head(flow: Dataflow, tables: Sequence[EmbeddingTable], states: Collection[str]) -> FoundHead | None:
    """What the graph's result means, by its shape and by what makes it. None if no output is like that.

    states: tensors that are kept for the next call, such as keys, values and the states of recurrent layers.
    """
    results = [each for info in flow.graph.outputs if (each := _result(flow, info, tables, states))]
    if not results:
        return None
    main = _main(flow, results)
    beside = [each for each in results if each.kind == "vectors per token" and _is_made_of(flow, main, each)]
    if main.kind == "classes" and beside:
        main = beside[-1]  # what is given out beside the vectors it is made of is no class: a projection (CLIP)
    pooled = [each for each in results if each is not main and _is_pooled(flow, each, results)]
    points = [point for point in (_point(flow, main), *map(_pooled_point, pooled[-1:])) if point]
    head = OutputHead(main.kind, main.info.name, main.width, main.path.last_only, main.path.readout)
    return FoundHead(head, main.path.product, tuple(points))


def outputs_without_rank(flow: Dataflow) -> tuple[str, ...]:
    """Outputs of numbers whose number of axes the graph does not tell."""
    return tuple(info.name for info in flow.graph.outputs if _is_number(info) and not _shape(flow, info))


def _result(
    flow: Dataflow, info: TensorInfo, tables: Sequence[EmbeddingTable], states: Collection[str]
) -> _Result | None:
    shape = _shape(flow, info)
    if not _is_number(info) or len(shape) not in (2, 3) or not flow.is_feature(info.name):
        return None
    if _is_state(flow, info.name, states):
        return None
    path = path_to_head(flow, info.name)
    if path.product is not None and any(flow.is_ancestor(info.name, state) for state in states):
        path = HeadPath(None, info.name)  # what later layers are made of is no head's
    width = shape[-1] if isinstance(shape[-1], int) else None
    if path.per_token is not None:
        inner = flow.graph.shape(path.per_token) or ()
        return _Result(info, inner, path, "classes per token", inner[-1] if isinstance(inner[-1], int) else None)
    width = width or (path.width if path.product is not None else None)
    return _Result(info, shape, path, _kind(path, width, tables, per_token=len(shape) == 3), width)


def _is_state(flow: Dataflow, tensor: str, states: Collection[str]) -> bool:
    """Is it made of states alone, put together or turned round?"""
    node = flow.graph.producer(tensor)
    if tensor in states:
        return True
    put = node is not None and node.op in ("Concat", "Identity", "Cast", "Transpose", "Unsqueeze", "Squeeze", "Reshape")
    return node is not None and put and all(_is_state(flow, name, states) for name in flow.data_inputs(node))


def _shape(flow: Dataflow, info: TensorInfo) -> Shape:
    return flow.graph.shape(info.name) or info.shape


def _is_number(info: TensorInfo) -> bool:
    return info.dtype.startswith(("float", "bfloat", "unknown"))  # some files state no type


def _kind(path: HeadPath, width: int | None, tables: Sequence[EmbeddingTable], *, per_token: bool) -> str:
    words = [table.rows for table in tables if table.role == "tokens"]
    if path.product is not None and width is not None and any(_fits(width, rows) for rows in words):
        return NEXT_WORD
    if path.product is None or path.is_pooler:
        return "vectors per token" if per_token else "vector"
    return "classes per token" if per_token else "classes"


def _fits(width: int, rows: int) -> bool:
    """Tables and heads are made a little longer for alignment, not always both."""
    return abs(width - rows) <= rows // _PADDING and max(width, rows) > _PADDING


def _main(flow: Dataflow, results: list[_Result]) -> _Result:
    for kind in (*_SCORES, "vectors per token", "vector"):
        alike = [each for each in results if each.kind == kind]
        # Of the streams of several layers, the last: the one that no other is made of.
        last = [each for each in alike if not any(_is_made_of(flow, other, each) for other in alike)]
        if last:
            return last[0]
    return results[0]


def _is_made_of(flow: Dataflow, later: _Result, earlier: _Result) -> bool:
    same = later.info.name == earlier.info.name
    return not same and len(earlier.shape) == 3 and flow.is_ancestor(earlier.info.name, later.info.name)


def _is_pooled(flow: Dataflow, result: _Result, results: list[_Result]) -> bool:
    """One vector for the sentence: by its kind, or given out beside the vectors of tokens that it is made of."""
    made = any(each.kind == "vectors per token" and _is_made_of(flow, result, each) for each in results)
    return len(result.shape) == 2 and (result.kind == "vector" or (result.kind == "classes" and made))


def _pooled_point(result: _Result) -> PointSource:
    return PointSource("pooled", ("d_model",), result.info.name, ("batch", "d_model"))


def _point(flow: Dataflow, result: _Result) -> PointSource | None:
    if result.kind == "vectors per token":
        return None
    if result.kind == "vector":
        return _pooled_point(result)
    last = "vocab" if result.kind == NEXT_WORD else "class"
    tensor = result.path.per_token or result.path.scores
    if len(result.shape) == 2:
        return PointSource("logits", (last,), tensor, ("batch", last))
    if result.path.last_only:
        return PointSource("logits", (last,), tensor, ("batch", "batch", last))  # an axis of length 1
    first, second = ("pos", "batch") if _is_time_major(flow, result.shape) else ("batch", "pos")
    return PointSource("logits", ("pos", last), tensor, (first, second, last))


def _is_time_major(flow: Dataflow, shape: Shape) -> bool:
    """Are the first two axes those of the ids, turned round? Told by a run, or the symbols the exporter gave them."""
    if shape[:2] == (LENGTH, BATCH):
        return True
    ids = next((info.shape for info in flow.graph.inputs if info.dtype in ("int64", "int32")), ())
    return len(ids) == 2 and all(ids) and ids[0] != ids[1] and (shape[1], shape[0]) == ids
