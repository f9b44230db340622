"""What becomes of a tensor's axes on a way through shape operators.

The axes of a tensor are one entry a dimension, and an entry is the letters that the dimension holds, outermost first:
`(("0",), ("1", "m"), ("n",))` has the axes 1 and m in one dimension. An axis that is cut in two gets the letters
`0.0` and `0.1`. Where the graph does not tell, the answer is None, never a guess.
"""

from __future__ import annotations

import numpy as np

from embstudio.modelfile.graph import Graph, Node, Shape

Axes = tuple[tuple[str, ...], ...]
_KEPT = frozenset({
    "Cast", "Identity", "Dropout", "Slice", "Softmax", "Tanh", "Neg", "Clip", "QuantizeLinear", "DequantizeLinear",
    "IsNaN", "Concat", "Exp", "LogSoftmax", "GatherElements", "ScatterND", "ScatterElements", "DynamicQuantizeLinear",
    "CastLike", "Trilu", "Pad", "Erf", "Relu", "Sigmoid",
})  # fmt: skip
_BROADCAST = frozenset({"Add", "Sub", "Mul", "Div", "Where", "Max", "Min", "Sum", "Expand", "Pow"})


def single(letters: tuple[str, ...]) -> Axes:
    """One dimension for each letter."""
    return tuple((letter,) for letter in letters)


def after(graph: Graph, node: Node, entering: str, axes: Axes) -> Axes | None:
    """The axes of the node's first output, given those of one of its inputs; dimensions that it adds hold no letter."""
    if node.op in _KEPT:
        return axes
    if node.op in _BROADCAST:
        rank = graph.rank(node.outputs[0])
        if rank is None:
            others = [graph.rank(name) for name in node.inputs if name and name != entering]
            rank = len(axes) if all(other is not None and other <= len(axes) for other in others) else None
        return None if rank is None else ((),) * (rank - len(axes)) + axes
    if entering != node.inputs[0]:
        return None
    if node.op == "Transpose":
        order = permutation(node, len(axes))
        return tuple(axes[place] for place in order)
    if node.op in ("Squeeze", "Unsqueeze"):
        return _squeezed(graph, node, axes)
    if node.op in ("Reshape", "Flatten"):
        return reshaped(axes, _marked(graph.shape(entering)), _target(graph, node))
    if node.op == "Gather":
        axis, indices = node.attributes.get("axis", 0), graph.rank(node.inputs[1])
        if isinstance(axis, int) and indices in (0, 1):
            axis %= len(axes)
            return axes if indices == 1 else axes[:axis] + axes[axis + 1 :]
    return None


def permutation(node: Node, rank: int) -> tuple[int, ...]:
    """A Transpose's order of the axes; without one it turns them all round."""
    order = node.attributes.get("perm")
    return tuple(order) if isinstance(order, list) and len(order) == rank else tuple(reversed(range(rank)))


def _target(graph: Graph, node: Node) -> Shape | None:
    """The shape a Reshape makes, with what the constant that asks for it says where inference says less."""
    inferred = graph.shape(node.outputs[0])
    source = _marked(graph.shape(node.inputs[0])) or ()
    weight = graph.weight(node.input(1)) if node.op == "Reshape" else None
    if weight is None or len(weight.shape) != 1 or node.attributes.get("allowzero"):
        return inferred
    asked = np.asarray(weight.values).tolist()
    shape: list[int | str | None] = []
    for place, length in enumerate(asked):
        known = inferred[place] if inferred is not None and len(inferred) == len(asked) else None
        if length == 0:  # copied from the input
            shape.append(source[place] if place < len(source) else known)
        else:
            shape.append(length if length > 0 else known)
    return tuple(shape)


def _marked(shape: Shape | None) -> Shape | None:
    """A shape whose unknown lengths have a mark each, so that a dimension that is copied is seen to be the same."""
    if shape is None:
        return None
    return tuple(f"?{place}" if length is None else length for place, length in enumerate(shape))


def reshaped(axes: Axes, before: Shape | None, now: Shape | None) -> Axes | None:
    """Dimensions that are plainly the same are set side by side from both ends; what is left in the middle is one
    dimension cut up, or several put together."""
    if before is None or now is None or len(before) != len(axes):
        return None
    first = 0
    while first < min(len(before), len(now)) and _same(before[first], now[first]):
        first += 1
    last = 0
    while last < min(len(before), len(now)) - first and _same(before[-1 - last], now[-1 - last]):
        last += 1
    middle = axes[first : len(axes) - last]
    lengths, wanted = before[first : len(axes) - last], now[first : len(now) - last]
    made = _middle(middle, lengths, wanted)
    return None if made is None else (*axes[:first], *made, *axes[len(axes) - last :])


def _middle(middle: Axes, lengths: Shape, wanted: Shape) -> Axes | None:
    letters = tuple(letter for entry in middle for letter in entry)
    if len(wanted) == 1:
        return (letters,)
    if not wanted:
        return () if all(length in (1, None) for length in lengths) else None
    if len(middle) == len(wanted):
        unclear = any(isinstance(a, int) and isinstance(b, int) and a != b
                      for a, b in zip(lengths, wanted, strict=True))  # fmt: skip
        return None if unclear else middle
    if not middle:
        return ((),) * len(wanted) if all(length == 1 for length in wanted) else None
    if len(middle) > 1:
        return None
    big = [place for place, length in enumerate(wanted) if length != 1]
    if len(big) == len(letters):
        pieces = iter(letters)
        return tuple((next(pieces),) if place in big else () for place in range(len(wanted)))
    if len(letters) == 1:
        return tuple((f"{letters[0]}.{big.index(place)}",) if place in big else () for place in range(len(wanted)))
    return None


def _same(a: int | str | None, b: int | str | None) -> bool:
    return a is not None and a == b


def _squeezed(graph: Graph, node: Node, axes: Axes) -> Axes | None:
    """Squeeze and Unsqueeze, whose axes are an attribute before opset 13 and an input since."""
    asked = node.attributes.get("axes")
    if asked is None and node.input(1):
        weight = graph.weight(node.inputs[1])
        asked = weight.values.reshape(-1).tolist() if weight is not None else None
    if not isinstance(asked, list):
        rank = graph.rank(node.outputs[0])
        return axes if rank == len(axes) else None
    if node.op == "Squeeze":
        gone = {int(axis) % len(axes) for axis in asked}
        return tuple(entry for place, entry in enumerate(axes) if place not in gone)
    new = {int(axis) % (len(axes) + len(asked)) for axis in asked}
    rest = iter(axes)
    return tuple(() if place in new else next(rest) for place in range(len(axes) + len(asked)))
