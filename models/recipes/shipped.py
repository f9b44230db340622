"""A bundled model as it ships: model.onnx under onnxruntime, tokenizer.json under tokenizers."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


class Shipped:
    """One folder of ``models/``: ``encode`` a text, ``run`` ids through the graph."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])

    def encode(self, text: str) -> list[int]:
        return self.tokenizer.encode(text).ids

    def run(self, ids: np.ndarray | list[int]) -> np.ndarray:
        """ids [pos] or [batch, pos] -> the graph's output [pos or batch, pos, width]."""
        ids = np.asarray(ids, np.int64)
        out = self.session.run(None, {"input_ids": np.atleast_2d(ids)})[0]
        return out if ids.ndim == 2 else out[0]

    @cached_property
    def vocabulary(self) -> list[str]:
        """Tokens by id."""
        ids = self.tokenizer.get_vocab()
        return sorted(ids, key=ids.__getitem__)
