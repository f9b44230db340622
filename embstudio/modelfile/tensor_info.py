"""What a graph says of one of its inputs or outputs. No onnx here: the window's process holds these."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TensorInfo:
    """An input or output of the graph. A dimension is a number, a symbol, or None where the file does not say.

    dtype: numpy's name ("int64", "float32"), or "sequence", "optional", … for what is not a tensor.
    """

    name: str
    dtype: str
    shape: tuple[int | str | None, ...]
