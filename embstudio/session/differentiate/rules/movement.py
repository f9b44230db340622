"""Operators that give the same numbers another shape or order, or repeat them. Source: their ONNX specifications."""

from __future__ import annotations

import numpy as np

from embstudio.session.differentiate.copies import copied, entries
from embstudio.session.differentiate.refusal import refuse
from embstudio.session.differentiate.rule import Gradients, Pull, Rule, at, single
from embstudio.session.differentiate.scaling import summed_to
from embstudio.session.differentiate.step import Step


def _reshape(step: Step) -> Pull:
    shape = step.shape(0)
    return lambda dy: {0: dy.reshape(len(dy), *shape)}


def _same(step: Step) -> Pull:
    return lambda dy: {0: dy}


def _dropout(step: Step) -> Pull:
    if step.has(2) and bool(np.any(step.given(2))):
        refuse(step.node, "it is in training, so it drops at random")
    return _same(step)


def _transpose(step: Step) -> Pull:
    rank = step.rank()
    order = step.integers("perm") or list(range(rank))[::-1]
    back = [0, *(int(place) + 1 for place in np.argsort(order))]
    return lambda dy: {0: dy.transpose(back)}


def _expand(step: Step) -> Pull:
    shape = step.shape(0)
    return lambda dy: {0: summed_to(dy, shape)}


def _tile(step: Step) -> Pull:
    shape = step.shape(0)
    repeats = [int(each) for each in step.given(1)]
    split = [part for both in zip(repeats, shape, strict=True) for part in both]
    copies = tuple(range(1, 2 * len(shape), 2))
    return lambda dy: {0: dy.reshape(len(dy), *split).sum(axis=copies)}


def _concat(step: Step) -> Pull:
    axis = step.integer("axis", 0) % step.rank()
    ends = np.cumsum([step.shape(place)[axis] for place in range(len(step.node.inputs))])

    def pull(dy: np.ndarray) -> Gradients:
        parts = np.split(dy, ends[:-1], axis=axis + 1)
        return {place: parts[place] for place in step.wanted}

    return pull


def _slice(step: Step) -> Pull:
    shape = step.shape(0)
    starts, ends = step.numbers_at(1, "starts") or [], step.numbers_at(2, "ends") or []
    axes = step.numbers_at(3, "axes") or list(range(len(starts)))
    strides = step.numbers_at(4) or [1] * len(starts)
    kept = [slice(None)] * (len(shape) + 1)
    for start, end, axis, stride in zip(starts, ends, axes, strides, strict=True):
        kept[axis % len(shape) + 1] = _python_slice(start, end, stride, shape[axis % len(shape)])
    place = tuple(kept)

    def pull(dy: np.ndarray) -> Gradients:
        dx = np.zeros((len(dy), *shape))
        dx[place] = dy
        return {0: dx}

    return pull


def _python_slice(start: int, end: int, stride: int, size: int) -> slice:
    """ONNX clamps where Python would count from the end again: a reversed slice may end before the first entry."""
    start = start + size if start < 0 else start
    end = end + size if end < 0 else end
    if stride < 0:
        start, end = min(max(start, 0), size - 1), min(max(end, -1), size - 1)
        return slice(start, None if end < 0 else end, stride)
    return slice(min(max(start, 0), size), min(max(end, 0), size), stride)


def _pad(step: Step) -> Pull:
    """Constant padding is cut off; reflected, repeated or wrapped entries count for those they are copies of."""
    shape, rank = step.shape(0), step.rank()
    pads = step.numbers_at(1, "pads") or step.integers("paddings") or [0] * 2 * rank
    axes = [axis % rank for axis in step.numbers_at(3) or range(rank)]
    before_after = [(0, 0)] * rank
    for place, axis in enumerate(axes):
        before_after[axis] = (pads[place], pads[place + len(axes)])
    mode = step.text("mode", "constant")
    cut = entries(shape)[
        tuple(slice(max(0, -b), size - max(0, -a)) for (b, a), size in zip(before_after, shape, strict=True))
    ]
    grown = [(max(0, b), max(0, a)) for b, a in before_after]
    if mode == "constant":
        back = copied(np.pad(cut, grown, constant_values=-1), shape)
    else:
        back = copied(np.pad(cut, grown, mode={"reflect": "reflect", "edge": "edge", "wrap": "wrap"}[mode]), shape)  # type: ignore[call-overload]
    return lambda dy: {0: back(dy)}


def _depth_to_space(step: Step) -> Pull:
    shape, size = step.shape(0), step.integer("blocksize", 1)
    batch, channels, height, width = shape
    inner = channels // size**2
    if step.text("mode", "DCR") == "DCR":
        moved = entries(shape).reshape(batch, size, size, inner, height, width).transpose(0, 3, 4, 1, 5, 2)
    else:
        moved = entries(shape).reshape(batch, inner, size, size, height, width).transpose(0, 1, 4, 2, 5, 3)
    back = copied(moved.reshape(batch, inner, height * size, width * size), shape)
    return lambda dy: {0: back(dy)}


def _reverse_sequence(step: Step) -> Pull:
    """The first `sequence_lens` entries of each sequence, turned round: which is its own inverse."""
    shape = step.shape(0)
    batch, time = step.integer("batch_axis", 1), step.integer("time_axis", 0)
    numbers = np.moveaxis(entries(shape), (batch, time), (0, 1)).copy()
    for row, length in enumerate(np.ravel(step.given(1))):
        numbers[row, :length] = numbers[row, :length][::-1].copy()
    back = copied(np.moveaxis(numbers, (0, 1), (batch, time)), shape)
    return lambda dy: {0: back(dy)}


def _trilu(step: Step) -> Pull:
    shape, upper = step.shape(0), step.integer("upper", 1)
    diagonal = int(np.ravel(step.given(1))[0]) if step.has(1) else 0
    kept = (np.triu if upper else np.tril)(np.ones(shape[-2:]), diagonal)
    return lambda dy: {0: dy * kept}


RULES: dict[str, Rule] = {
    "Reshape": single(_reshape),
    "Squeeze": single(_reshape),
    "Unsqueeze": single(_reshape),
    "Flatten": single(_reshape),
    "Identity": single(_same),
    "Cast": single(_same),
    "CastLike": single(_same),
    "Dropout": single(_dropout, at(2), flat=(1,)),
    "Transpose": single(_transpose),
    "Expand": single(_expand),
    "Tile": single(_tile, at(1)),
    "Concat": single(_concat),
    "Slice": single(_slice, at(1, 2, 3, 4)),
    "Pad": single(_pad, at(1, 3)),
    "DepthToSpace": single(_depth_to_space),
    "ReverseSequence": single(_reverse_sequence, at(1)),
    "Trilu": single(_trilu, at(1)),
}
