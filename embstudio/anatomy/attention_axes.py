"""The names of an attention's axes: those of q kᵀ, and by way of the softmax those of pattern v."""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.anatomy.axis_trace import Axes, after, single
from embstudio.anatomy.found_attention import Core, Steps
from embstudio.anatomy.head_axes import AxisNames, is_count, name_axes
from embstudio.modelfile.graph import Graph, Shape


@dataclass(frozen=True)
class AttentionAxes:
    """first, second: names for the letters of q kᵀ and of pattern v, both or none; scores: axes in letters of q kᵀ.

    keys_place: which operand of q kᵀ is k. certain: False where only the usual order of axes speaks for the names.
    """

    first: AxisNames | None
    second: AxisNames | None
    scores: Axes | None
    keys_place: int
    certain: bool

    @property
    def scores_layout(self) -> tuple[str, ...] | None:
        return self.first.layout(self.scores) if self.first else None


def name_attention(graph: Graph, core: Core, ids: Shape) -> AttentionAxes:
    """ids: shape of the token ids, [batch, pos]."""
    product, values = core.way.product, core.onward.product
    start = single(product.result_axes or ())
    entering = _along(graph, core.way.steps, start)
    scores = _along(graph, _before(core.way.steps, core.way.scores), start)
    keys_place = _keys_place(graph, core, entering)
    if keys_place is None or not product.known or not values.known:
        return AttentionAxes(None, None, scores, 1 if keys_place is None else keys_place, certain=False)
    straight = scores is not None
    scores = scores if straight else _taken_apart(graph, core)
    first = name_axes(graph, product, 1 - keys_place, "d_head", "key", ids)
    if first is not None:
        first = _cut_queries(graph, core, first, scores)
    if scores is None:
        return AttentionAxes(None, None, None, keys_place, certain=False)
    second = name_axes(graph, values, core.onward.place, "key", "d_head", ids)
    pattern = _along(graph, core.onward.steps, entering) if entering is not None else None
    if first is not None and pattern is not None:
        second = _by_pattern(core, first, pattern)
    if first is None or second is None:
        return AttentionAxes(None, None, scores, keys_place, certain=False)
    return AttentionAxes(first, second, scores, keys_place, certain=straight and first.certain and second.certain)


def _along(graph: Graph, steps: Steps, axes: Axes | None) -> Axes | None:
    for node, entering in steps:
        axes = after(graph, node, entering, axes) if axes is not None else None
    return axes


def _before(steps: Steps, tensor: str) -> Steps:
    """The steps up to where a tensor is made."""
    places = [place for place, (_, entering) in enumerate(steps) if entering == tensor]
    return steps[: places[0]] if places else steps


def _keys_place(graph: Graph, core: Core, entering: Axes | None) -> int | None:
    """Which operand of q kᵀ is k: the one whose axis the softmax normalises over. None where that cannot be told."""
    product, axis = core.way.product, core.softmax.axis
    if axis is None or not product.result_axes:
        return None
    if entering is not None:
        if not -len(entering) <= axis < len(entering) or len(entering[axis]) != 1:
            return None
        (letter,) = entering[axis]
    elif axis == -1 and all(_keeps_last(node.op, node.attributes.get("perm")) for node, _ in core.way.steps):
        letter = product.result_axes[-1]
    else:
        return None
    return next((place for place in (0, 1) if letter in product.only(place)), None)


def _keeps_last(op: str, order: object) -> bool:
    return op != "Transpose" or (isinstance(order, list) and order[-1] == len(order) - 1)


def _taken_apart(graph: Graph, core: Core) -> Axes | None:
    """Three axes that become four on the way, where no shape says how: the one that is counted in the file is the
    heads, which were in one dimension with the batch, or with the queries."""
    letters = core.way.product.result_axes or ()
    counted = [is_count(length) for length in graph.shape(core.way.scores) or ()]
    turned = any(node.op == "Transpose" for node, _ in core.way.steps)
    if len(letters) != 3 or len(counted) != 4 or counted.count(True) != 1 or turned:
        return None
    front, query, key = letters
    if counted[1]:
        return ((f"{front}.0",), (f"{front}.1",), (query,), (key,))
    return ((front,), (f"{query}.0",), (f"{query}.1",), (key,)) if counted[2] else None


def _cut_queries(graph: Graph, core: Core, first: AxisNames, scores: Axes | None) -> AxisNames | None:
    """The same, where one dimension holds queries and heads, which a later Reshape takes apart: several queries share
    the one key then (GPT-BigCode). None where the pieces cannot be told apart."""
    query = next(letter for letter, word in first.words.items() if word == "query")
    places = [(f"{query}.{piece}",) for piece in (0, 1)]
    if scores is None or not all(place in scores for place in places):
        return first
    shape = graph.shape(core.way.scores) or ()
    if len(shape) != len(scores):
        return None
    # In a graph for texts of one length the queries are counted too: as many as keys.
    keys = [shape[scores.index((letter,))] for letter, word in first.words.items() if word == "key"]
    lengths = [shape[scores.index(place)] for place in places]
    counted = [is_count(length) and length not in keys for length in lengths]
    if counted.count(True) != 1:
        return None
    words = {letter: word.replace("batch head", "batch") for letter, word in first.words.items()}
    return AxisNames({**words, query: "head query" if counted[0] else "query head"}, first.certain)


def _by_pattern(core: Core, first: AxisNames, pattern: Axes) -> AxisNames | None:
    """Names for pattern v: the pattern's are known from q kᵀ, and what only v has is d_head."""
    values, place = core.onward.product, core.onward.place
    layout, letters, own = first.layout(pattern), values.operand_axes(place), values.only(1 - place)
    if layout is None or letters is None or len(layout) != len(letters) or len(own) != 1:
        return None
    words = dict(zip(letters, layout, strict=True))
    if [words[letter] for letter in values.contracted] != ["key"]:
        return None
    return AxisNames({**words, own[0]: "d_head"}, first.certain)
