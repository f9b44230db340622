"""The vectors of an embedding table as floats, whatever the file stores them in."""

from __future__ import annotations

import numpy as np

from embstudio.anatomy.anatomy import EmbeddingTable, Quantised
from embstudio.anatomy.stored_rows import matrix_values
from embstudio.modelfile.graph import Graph


def table_values(graph: Graph, table: EmbeddingTable) -> np.ndarray:
    """[rows, width], float32. Raises ModelFileError if a weight of the table cannot be read, ValueError if the parts of
    a quantised table do not fit together."""
    stored = matrix_values(graph, table.matrix or table.initializer)
    if table.quantised is None:
        return stored.astype(np.float32)
    how = table.quantised
    whole = _unpacked(stored, how, table.width)
    scale, zero = _parts(graph, how, stored.dtype)
    if how.block:
        spread = np.arange(table.width) // how.block
        scale = scale.reshape(table.rows, -1)[:, spread]
        if zero.size > 1:
            zero = _unpacked(zero.reshape(table.rows, -1), how, -(-table.width // how.block))[:, spread]
    elif scale.size > 1:
        along = (-1, 1) if scale.size == table.rows else (1, -1)
        scale, zero = scale.reshape(along), zero if zero.size == 1 else zero.reshape(along)
    values: np.ndarray = (whole.astype(np.float32) - zero.astype(np.float32)) * scale
    return values


def _parts(graph: Graph, how: Quantised, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray]:
    """Scales, and zero points as they are stored; those of packed numbers are in the middle where none are given."""
    scale = graph.weights[how.scale].values.astype(np.float32)
    if how.zero_point:
        return scale, graph.weights[how.zero_point].values
    return scale, np.array(1 << how.bits - 1 if how.block and dtype == np.uint8 else 0)


def _unpacked(stored: np.ndarray, how: Quantised, width: int) -> np.ndarray:
    """[rows, width] of a matrix in which a byte may hold several numbers, the lowest bits first."""
    if not how.block or how.bits == 8 or stored.dtype != np.uint8:
        return stored
    shifts = np.arange(0, 8, how.bits, dtype=np.uint8)
    numbers = (stored[..., None] >> shifts) & ((1 << how.bits) - 1)
    return numbers.reshape(len(stored), -1)[:, :width]
