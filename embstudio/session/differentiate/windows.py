"""Windows that slide over the last axes of a tensor: of convolutions and pooling. Source: the ONNX operators Conv,
MaxPool and AveragePool, which share these attributes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from embstudio.session.differentiate.step import Shape, Step


@dataclass(frozen=True)
class Windows:
    """sizes: of the axes that windows slide over. kernel: how many places a window has. pads: before and after each
    axis; those behind what `ceil_mode` adds are counted in."""

    sizes: Shape
    kernel: Shape
    strides: tuple[int, ...]
    dilations: tuple[int, ...]
    pads: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, step: Step, kernel: Shape, counts: Shape | None = None) -> Windows:
        """Of a node whose input 0 is [batch, channel, …]. counts: windows along each axis, where they are known."""
        sizes = step.shape(0)[2:]
        strides = tuple(step.integers("strides") or [1] * len(sizes))
        dilations = tuple(step.integers("dilations") or [1] * len(sizes))
        pads = _pads(step, sizes, kernel, strides, dilations)
        if counts is not None:
            ends = [(count - 1) * stride + (width - 1) * dilation + 1 for count, stride, width, dilation in
                    zip(counts, strides, kernel, dilations, strict=True)]  # fmt: skip
            pads = [(before, max(after, end - size - before))
                    for (before, after), end, size in zip(pads, ends, sizes, strict=True)]  # fmt: skip
        return cls(sizes, kernel, strides, dilations, tuple(pads))

    @property
    def padded(self) -> Shape:
        return tuple(size + before + after for size, (before, after) in zip(self.sizes, self.pads, strict=True))

    @property
    def inner(self) -> tuple[Any, ...]:
        """Where what was padded lies within."""
        return ..., *(slice(before, before + size) for (before, _), size in zip(self.pads, self.sizes, strict=True))

    def met(self, place: tuple[int, ...], counts: Shape) -> tuple[Any, ...]:
        """The entries of the padded input that a place of the kernel meets in all windows."""
        return ..., *(
            slice(at * dilation, at * dilation + (count - 1) * stride + 1, stride)
            for at, dilation, count, stride in zip(place, self.dilations, counts, self.strides, strict=True)
        )


def _pads(
    step: Step, sizes: Shape, kernel: Shape, strides: tuple[int, ...], dilations: tuple[int, ...]
) -> list[tuple[int, int]]:
    auto, count = step.text("auto_pad", "NOTSET"), len(sizes)
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        found = []
        for size, width, stride, dilation in zip(sizes, kernel, strides, dilations, strict=True):
            total = max(0, (-(-size // stride) - 1) * stride + (width - 1) * dilation + 1 - size)
            less, more = total // 2, total - total // 2
            found.append((less, more) if auto == "SAME_UPPER" else (more, less))
        return found
    given = step.integers("pads") if auto == "NOTSET" else None
    given = given or [0] * 2 * count
    return list(zip(given[:count], given[count:], strict=True))
