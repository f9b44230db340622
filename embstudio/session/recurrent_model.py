"""Writes an RNN, a GRU or an LSTM as a model of its own, with the tokenizer and the names of its answers beside it.

A job for a process of its own: the window imports this file, and never loads onnx.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from embstudio.session.model_folder import write_model

if TYPE_CHECKING:
    import onnx

UNKNOWN = "[UNK]"
_OPSET = 17
_ATTRIBUTES: Mapping[str, Mapping[str, Any]] = {
    "RNN": {"activations": ["Tanh"]}, "GRU": {"linear_before_reset": 1}, "LSTM": {},
}  # fmt: skip


@dataclass(frozen=True)
class RecurrentModel:
    """kind: RNN, GRU or LSTM. words: by their ids. answers: what the read-out gives scores to.

    parts: W [G·H, width], R [G·H, H], b [G·H], of a GRU bR [H] (the bias inside the reset), U [answers, H] and
    v [answers]; gates in ONNX's order. path: of the .onnx. about: how it came about.
    """

    kind: str
    words: tuple[str, ...]
    answers: tuple[str, ...]
    parts: Mapping[str, np.ndarray]
    path: str
    about: str = ""

    @dataclass(frozen=True)
    class Written:
        """All files are there."""

        finished: bool = True

    def results(self, vectors: np.ndarray) -> Iterator[Written]:
        """Write the files for the words' vectors [words, width]. Raises VectorFileError; writes over no other
        model's tokenizer."""
        model = self.model(vectors).SerializeToString()
        write_model(Path(self.path), model, {"tokenizer.json": self.tokenizer(), "config.json": self.config()})
        yield RecurrentModel.Written()

    def model(self, vectors: np.ndarray) -> onnx.ModelProto:
        """logits = read-out(cell(vectors[input_ids])) after each token: [batch, tokens] → [batch, tokens, answers].

        Row 0 of the table is that of unknown words: 0.
        """
        from onnx import TensorProto, helper, numpy_helper

        units = self.parts["R"].shape[1]
        inner = np.zeros(len(self.parts["b"]), np.float32)
        if "bR" in self.parts:
            inner[-units:] = self.parts["bR"]
        stored = {
            "embeddings": np.vstack([np.zeros((1, vectors.shape[1]), np.float32), vectors]),
            "W": self.parts["W"][None], "R": self.parts["R"][None],
            "B": np.concatenate([self.parts["b"], inner])[None],
            "head_weight": self.parts["U"].T, "head_bias": self.parts["v"],
        }  # fmt: skip
        nodes = [
            helper.make_node("Gather", ["embeddings", "input_ids"], ["embedded"], name="vectors", axis=0),
            helper.make_node("Transpose", ["embedded"], ["x"], name="time_first", perm=[1, 0, 2]),
            helper.make_node(self.kind, ["x", "W", "R", "B"], ["y"], name=self.kind.lower(), hidden_size=units,
                             **_ATTRIBUTES[self.kind]),
            helper.make_node("Squeeze", ["y", "direction_axis"], ["h_time_first"], name="one_direction"),
            helper.make_node("Transpose", ["h_time_first"], ["h"], name="batch_first", perm=[1, 0, 2]),
            helper.make_node("MatMul", ["h", "head_weight"], ["scores"], name="head"),
            helper.make_node("Add", ["scores", "head_bias"], ["logits"], name="head_add_bias"),
        ]  # fmt: skip
        numbers = [
            numpy_helper.from_array(np.ascontiguousarray(array, dtype=np.float32), name)
            for name, array in stored.items()
        ]
        numbers.append(numpy_helper.from_array(np.array([1]), "direction_axis"))
        shape: list[str | int] = ["batch", "tokens"]
        graph = helper.make_graph(
            nodes,
            f"recurrent_{self.kind.lower()}",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, shape)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [*shape, len(self.answers)])],
            numbers,
            doc_string=self.about,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", _OPSET)], producer_name="embstudio")
        model.ir_version = 8
        return model

    def tokenizer(self) -> dict[str, object]:
        """Whole words, in lower case, between anything that is no letter."""
        vocabulary = {UNKNOWN: 0, **{word: row for row, word in enumerate(self.words, 1)}}
        return {
            "version": "1.0", "truncation": None, "padding": None, "added_tokens": [],
            "normalizer": {"type": "Lowercase"},
            "pre_tokenizer": {"type": "Split", "pattern": {"Regex": r"\p{L}+"}, "behavior": "Removed", "invert": True},
            "post_processor": None, "decoder": None,
            "model": {"type": "WordLevel", "vocab": vocabulary, "unk_token": UNKNOWN},
        }  # fmt: skip

    def config(self) -> dict[str, object]:
        """What the answers are called, as transformers' config.json has it."""
        return {"id2label": {str(place): answer for place, answer in enumerate(self.answers)}}
