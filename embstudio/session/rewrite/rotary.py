"""Rotary positions: pairs of a head's entries turned by an angle that grows with the position (Su et al., 2021).

Source: onnxruntime's specification of com.microsoft.RotaryEmbedding and GroupQueryAttention, and its CPU kernel
(rotary_embedding.cc).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.session.graph_writer import GraphWriter


@dataclass(frozen=True)
class Rotation:
    """Tables [positions, turned / 2] and the positions [batch or 1, pos] to look up in them.

    turned: how many of a head's first entries are turned, where known; the rest stay. interleaved: entries 2i and
    2i + 1 are a pair, else i and i + turned / 2.
    """

    cosines: str
    sines: str
    positions: str
    turned: int | None
    interleaved: bool = False


def rotate(out: GraphWriter, tensor: str, how: Rotation, d_head: int | None) -> str:
    """Turn queries or keys [batch, head, pos, d_head]."""
    cos, sin = (
        out.unsqueeze(out.add("Gather", [table, how.positions], axis=0), 1) for table in (how.cosines, how.sines)
    )
    start, end = out.integers([0]), out.integers([np.iinfo(np.int64).max])
    if how.turned:
        half, whole = out.integers([how.turned // 2]), out.integers([how.turned])
    else:
        half = out.lengths(how.cosines, [1])
        whole = out.add("Add", [half, half])
    if how.interleaved:
        left, right = (out.slice(tensor, out.integers([at]), whole, 3, step=2) for at in (0, 1))
    else:
        left, right = out.slice(tensor, start, half, 3), out.slice(tensor, half, whole, 3)
    turned_left = out.add("Sub", [out.add("Mul", [left, cos]), out.add("Mul", [right, sin])])
    turned_right = out.add("Add", [out.add("Mul", [left, sin]), out.add("Mul", [right, cos])])
    if how.interleaved:
        pairs = out.add("Concat", [out.unsqueeze(turned_left, 4), out.unsqueeze(turned_right, 4)], axis=4)
        parts = [out.add("Reshape", [pairs, out.integers([0, 0, 0, how.turned or -1])])]
    else:
        parts = [turned_left, turned_right]
    if how.turned is None or how.turned != d_head:
        parts.append(out.slice(tensor, whole, end, 3))
    return parts[0] if len(parts) == 1 else out.add("Concat", parts, axis=3)
