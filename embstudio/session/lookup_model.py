"""Writes the smallest model there is: a table of vectors, and the tokenizer that turns words into its rows.

A job for a process of its own: the window imports this file, and never loads onnx.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embstudio.session.model_folder import write_model

if TYPE_CHECKING:
    import onnx

UNKNOWN = "[UNK]"
OPSET = 17


@dataclass(frozen=True)
class LookupModel:
    """words: of the rows. path: of the .onnx; tokenizer.json goes beside it. about: how the vectors came about.
    whole: a text is looked up as it is, and not word by word."""

    words: tuple[str, ...]
    path: str
    about: str = ""
    whole: bool = False

    @dataclass(frozen=True)
    class Written:
        """Both files are there."""

        finished: bool = True

    def results(self, vectors: np.ndarray) -> Iterator[Written]:
        """Write both files for vectors [words, width]. Raises VectorFileError."""
        model = self.model(vectors).SerializeToString()
        write_model(Path(self.path), model, {"tokenizer.json": self.tokenizer()})
        yield LookupModel.Written()

    def model(self, vectors: np.ndarray) -> onnx.ModelProto:
        """vectors = table[input_ids]: [batch, tokens] → [batch, tokens, width]. Row 0 is that of unknown words: 0."""
        from onnx import TensorProto, helper, numpy_helper

        table = np.vstack([np.zeros((1, vectors.shape[1]), np.float32), vectors.astype(np.float32)])
        graph = helper.make_graph(
            [helper.make_node("Gather", ["embeddings", "input_ids"], ["vectors"], axis=0)],
            "lookup",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", "tokens", table.shape[1]])],
            [numpy_helper.from_array(table, "embeddings")],
            doc_string=self.about,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="embstudio")
        model.ir_version = 8
        return model

    def tokenizer(self) -> dict[str, object]:
        """What turns a text into rows."""
        return text_tokenizer(self.words) if self.whole else word_tokenizer(self.words)


def word_tokenizer(words: Sequence[str]) -> dict[str, object]:
    """As the lab reads words: lower case, letters and digits with hyphens and apostrophes inside."""
    pattern = r"[\p{L}\p{N}]+(?:['’-][\p{L}\p{N}]+)*"
    splitter = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Removed", "invert": True}
    return _tokenizer(words, {"type": "Lowercase"}, splitter)


def text_tokenizer(texts: Sequence[str]) -> dict[str, object]:
    """A whole text is one token: in lower case, with single blanks."""
    blanks = {"type": "Replace", "pattern": {"Regex": r"\s+"}, "content": " "}
    ends = {"type": "Strip", "strip_left": True, "strip_right": True}
    normal = {"type": "Sequence", "normalizers": [{"type": "Lowercase"}, blanks, ends]}
    return _tokenizer(texts, normal, None)


def _tokenizer(words: Sequence[str], normalizer: object, pre_tokenizer: object) -> dict[str, object]:
    vocabulary = {UNKNOWN: 0, **{word: row for row, word in enumerate(words, 1)}}
    return {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
        "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "post_processor": None, "decoder": None,
        "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": UNKNOWN},
    }  # fmt: skip
