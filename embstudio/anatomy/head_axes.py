"""Which axis of an attention's tensors is which, and how many heads there are, from the products' own axes.

In q kᵀ the axis that is summed over is d_head, what only the queries' side has is the query, what only the keys' side
has is the key, and what both have is batch and heads; in pattern v likewise. Which of those two is which follows from
their lengths: heads are as many as the file says, and a batch is as long as it comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from embstudio.anatomy.axis_trace import Axes
from embstudio.anatomy.products import Product
from embstudio.modelfile.graph import Graph, Shape

Layout = tuple[str, ...]
Length = int | str | None
# A dimension of length 1 that is no axis of the point.
ONE = "one"
# A length as a multiple of another one: what dynamo and `observed_shape` write for batch and heads in one dimension.
_MULTIPLE = re.compile(r"(?:(\d+)\*[A-Za-z_]\w*|[A-Za-z_]\w*\*(\d+))")
BATCH, LENGTH = "batch", "length"


@dataclass(frozen=True)
class Reading:
    """A tensor and its axes as the graph has them. factor: what its values are to be multiplied by."""

    tensor: str
    layout: Layout
    factor: float = 1.0

    @classmethod
    def maybe(cls, tensor: str, layout: Layout | None, factor: float = 1.0) -> Reading | None:
        return cls(tensor, layout, factor) if layout else None


@dataclass(frozen=True)
class AxisNames:
    """A word for each letter of a product. certain: False where only the usual order speaks for it."""

    words: Mapping[str, str]
    certain: bool

    def layout(self, axes: Axes | None, *, of_keys: bool = False) -> Layout | None:
        """The layout of a tensor of these axes; None if they hold a letter that has no name.

        of_keys: keys or values, whose heads are the key/value heads.
        """
        if axes is None:
            return None
        entries = []
        for letters in axes:
            words = [self._word(letter) for letter in letters]
            if None in words:
                return None
            entry = " ".join(word for word in words if word) or ONE
            if of_keys:
                entry = entry.replace("head:0", "head").replace("head:1", ONE)
                entry = " ".join("kv_head" if word == "head" else word for word in entry.split())
            entries.append(entry)
        return tuple(entries)

    def _word(self, letter: str) -> str | None:
        """The word of a letter; a letter cut in two is what its two words say."""
        if letter in self.words:
            return self.words[letter]
        whole, dot, piece = letter.rpartition(".")
        words = self.words.get(whole, "").split()
        return words[int(piece)] if dot and int(piece) < len(words) else None


def name_axes(
    graph: Graph, product: Product, asking: int, summed: str, answering: str, ids: Shape = ()
) -> AxisNames | None:
    """The axes of q kᵀ (asking: the place of q, summed: d_head, answering: key) or of pattern v (the place of the
    pattern, key, d_head). None where they are not those of an attention.

    ids: shape of the token ids, [batch, pos].
    """
    own, others = product.only(asking), product.only(1 - asking)
    if len(product.contracted) != 1 or len(others) != 1 or not 1 <= len(own) <= 2:
        return None
    lengths = {letter: _length_of(graph, product, letter) for letter in product.result_axes or ()}
    words = {next(iter(product.contracted)): summed, others[0]: answering}
    spread = [letter for letter in own if is_count(lengths[letter])]
    if len(own) == 2 and len(spread) != 1:
        return None
    query = next(letter for letter in own if len(own) == 1 or letter not in spread)
    words[query] = "query"
    only_heads = next((letter for letter in own if letter != query), None)
    answers = graph.shape(product.operand_tensor(1 - asking)) or ()
    spread_axes = product.operand_axes(1 - asking) or ()
    single = {letter for letter, length in zip(spread_axes, answers, strict=False) if length == 1}
    leading = _name_leading(product, lengths, only_heads, single, ids)
    if leading is None:
        return None
    if _is_window(lengths[query], lengths[others[0]] if answering == "key" else None, leading, lengths, ids):
        return None
    return AxisNames({**words, **leading.words}, leading.certain)


def _name_leading(
    product: Product, lengths: Mapping[str, Length], only_heads: str | None, single: AbstractSet[str], ids: Shape
) -> AxisNames | None:
    """Names for the axes that both operands have, and for the heads that only the queries have.

    single: those that have length 1 on the answering side, which is then the same for all of them.
    """
    shared = product.shared
    counts = [letter for letter in shared if is_count(lengths[letter])]
    if only_heads is not None:  # one key for several queries: shared by all heads, or by a group of them
        if len(shared) < 2:
            return AxisNames({only_heads: "head", **dict.fromkeys(shared, BATCH)}, True)
        if len(shared) == 2 and len(counts) == 1:
            batch = next(letter for letter in shared if letter not in counts)
            return AxisNames({batch: BATCH, counts[0]: "head:0", only_heads: "head:1"}, True)
        return None
    if len(shared) < 2:
        return AxisNames(dict.fromkeys(shared, "batch head"), True)
    if len(shared) == 3 and len(counts) == 2 and shared[0] not in counts and counts[1] in single:
        return AxisNames({shared[0]: BATCH, counts[0]: "head:0", counts[1]: "head:1"}, True)
    if len(shared) != 2:
        return None
    first, second = shared
    if counts == [first] and ids and lengths[first] == ids[0]:  # a batch of fixed size, before heads nobody counted
        return AxisNames({first: BATCH, second: "head"}, False)
    if len(counts) == 1:
        batch = second if counts[0] == first else first
        return AxisNames({counts[0]: "head", batch: BATCH}, True) if _may_be_batch(lengths[batch]) else None
    if len(counts) == 2:  # a batch of fixed size
        fixed = [letter for letter in shared if ids and lengths[letter] == ids[0]]
        if not fixed:
            return None
        return AxisNames({fixed[0]: BATCH, second if fixed[0] == first else first: "head"}, True)
    if not _may_be_batch(lengths[first]) or product.node.op == "Einsum":
        return None
    certain = lengths[first] in (1, BATCH) and lengths[second] == 1
    return AxisNames({first: BATCH, second: "head"}, certain)


def is_count(length: Length) -> bool:
    """A number that the file itself states, of more than one."""
    return isinstance(length, int) and length > 1


def _may_be_batch(length: Length) -> bool:
    """Not more than the batch in one dimension: windows or chunks of a text are no sentences of a batch."""
    return not isinstance(length, str) or ("*" not in length and not length.startswith(LENGTH))


def _is_window(query: Length, key: Length, leading: AxisNames, lengths: Mapping[str, Length], ids: Shape) -> bool:
    """Queries and keys of a fixed number where texts come in any length: a window of the text, of which there are
    several in the batch, unless the batch is known to be one."""
    if not (isinstance(query, int) and isinstance(key, int)) or len(ids) < 2 or isinstance(ids[1], int):
        return False
    batch = next((letter for letter, word in leading.words.items() if word.startswith(BATCH)), None)
    return batch is not None and lengths[batch] not in (1, BATCH, ids[0]) and multiple(lengths[batch]) is None


def _length_of(graph: Graph, product: Product, letter: str) -> Length:
    """The length of an axis by whichever tensor of the product states it; 1 gives way, as it does in a broadcast."""
    found: list[Length] = []
    tensors = (
        (product.left, product.left_axes), (product.right, product.right_axes), (product.result, product.result_axes),
    )  # fmt: skip
    for tensor, axes in tensors:
        shape = graph.shape(tensor)
        if axes and shape is not None and letter in axes and len(shape) == len(axes):
            found.append(shape[axes.index(letter)])
    counts = [length for length in found if is_count(length)]
    # A symbol that is stated by the file or by a run says more than an inferred one.
    symbols = sorted((x for x in found if isinstance(x, str)), key=lambda symbol: symbol.startswith("unk__"))
    return next(iter(counts or symbols or found), None)


def multiple(length: Length) -> int | None:
    """How many times the batch a dimension is: 4 for "4*batch"."""
    found = _MULTIPLE.fullmatch(length) if isinstance(length, str) else None
    return int(found[1] or found[2]) if found else None


def count_of(graph: Graph, readings: Iterable[Reading | None], axis: str, ids: Shape = ()) -> int | None:
    """The length of an axis by the first of some tensors whose shape states it; 1 where a layout has no such axis."""
    for reading in readings:
        if reading is None:
            continue
        words = [word for entry in reading.layout for word in entry.split()]
        if axis not in words and f"{axis}:0" not in words:
            return 1
        length = _count_in(graph, reading, axis, ids)
        if length is not None:
            return length
    return None


def _count_in(graph: Graph, reading: Reading, axis: str, ids: Shape) -> int | None:
    shape = graph.shape(reading.tensor)
    if shape is None or len(shape) != len(reading.layout):
        return None
    total = 1
    for entry, length in zip(reading.layout, shape, strict=True):
        if entry in (axis, f"{axis}:0", f"{axis}:1"):
            if not isinstance(length, int):
                return None
            total *= length
        elif entry == f"{BATCH} {axis}":
            together = _without_batch(length, ids)
            if together is None:
                return None
            total *= together
        elif axis in entry.split():
            return None
    return total


def _without_batch(length: Length, ids: Shape) -> int | None:
    if isinstance(length, int):
        batch = ids[0] if ids else 1
        return length // batch if isinstance(batch, int) and batch > 0 else length
    if length == BATCH or (ids and length is not None and length == ids[0]):
        return 1
    return multiple(length)
