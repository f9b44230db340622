"""Writes the encoders that the lab trains by pairs as models: a bag of words, or a small LSTM, with their tokenizer.

A job for a process of its own: the window imports this file, and never loads onnx.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embstudio.session.lookup_model import OPSET, word_tokenizer
from embstudio.session.model_folder import write_model

if TYPE_CHECKING:
    import onnx

BAG, LINEAR_BAG, LSTM = "bag", "linear bag", "lstm"


@dataclass(frozen=True)
class EncoderModel:
    """kind: BAG, LINEAR_BAG or LSTM. words: of the rows of the table. weights: the others, by name. path: of the .onnx;
    tokenizer.json goes beside it. about: how they came about."""

    kind: str
    words: tuple[str, ...]
    weights: dict[str, np.ndarray]
    path: str
    about: str = ""

    @dataclass(frozen=True)
    class Written:
        """Both files are there."""

        finished: bool = True

    def results(self, vectors: np.ndarray) -> Iterator[Written]:
        """Write both files, the word vectors being [words, width]. Raises VectorFileError."""
        model = self.model(vectors).SerializeToString()
        write_model(Path(self.path), model, {"tokenizer.json": word_tokenizer(self.words)})
        yield EncoderModel.Written()

    def model(self, vectors: np.ndarray) -> onnx.ModelProto:
        """input_ids [batch, tokens] → sentence_embedding [batch, dimensions]. Row 0 is that of unknown words: 0."""
        from onnx import TensorProto, helper, numpy_helper

        table = np.vstack([np.zeros((1, vectors.shape[1])), vectors])
        nodes, weights, width = self._lstm() if self.kind == LSTM else self._bag()
        weights = {"word_vectors": table, **weights}
        graph = helper.make_graph(
            [helper.make_node("Gather", ["word_vectors", "input_ids"], ["vectors"], axis=0), *nodes],
            self.kind.replace(" ", "_"),
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
            [helper.make_tensor_value_info("sentence_embedding", TensorProto.FLOAT, ["batch", width])],
            [
                numpy_helper.from_array(value if value.dtype == np.int64 else value.astype(np.float32), name)
                for name, value in weights.items()
            ],
            doc_string=self.about,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="embstudio")
        model.ir_version = 8
        return model

    def _bag(self) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray], int]:
        """v = f(W mean(E[words]) + b), f tanh or nothing."""
        from onnx import helper

        linear = self.kind == LINEAR_BAG
        # Without tanh the layer comes first, which is the same: a product at the end would be taken for one of scores.
        layered, averaged = ("vectors", "sums") if linear else ("mean", "vectors")
        mean = helper.make_node("ReduceMean", [averaged], ["sentence_embedding" if linear else "mean"], axes=[1],
                                keepdims=0)  # fmt: skip
        layer = [
            helper.make_node("MatMul", [layered, "layer_weight"], ["product"]),
            helper.make_node("Add", ["product", "layer_bias"], ["sums"]),
        ]
        tanh = helper.make_node("Tanh", ["sums"], ["sentence_embedding"])
        nodes = [*layer, mean] if linear else [mean, *layer, tanh]
        W, b = self.weights["W"], self.weights["b"]
        return nodes, {"layer_weight": W.T, "layer_bias": b}, len(b)

    def _lstm(self) -> tuple[list[onnx.NodeProto], dict[str, np.ndarray], int]:
        """What an LSTM says after the last word; gates are in ONNX's order already, i, o, f, c."""
        from onnx import helper

        W, R, b = (self.weights[name] for name in "WRb")
        units = R.shape[1]
        nodes = [
            helper.make_node("Transpose", ["vectors"], ["by_token"], perm=[1, 0, 2]),
            # Taken from the states of all tokens: the node's own last state would be one to feed again, and no vector.
            helper.make_node("LSTM", ["by_token", "lstm_W", "lstm_R", "lstm_B"], ["states"], hidden_size=units),
            helper.make_node("Gather", ["states", "last_token"], ["last"], axis=0),
            helper.make_node("Squeeze", ["last", "direction"], ["sentence_embedding"]),
        ]
        recurrent = np.concatenate([b, np.zeros_like(b)])[None]
        return nodes, {
            "lstm_W": W[None], "lstm_R": R[None], "lstm_B": recurrent,
            "last_token": np.array(-1), "direction": np.array([0]),
        }, units  # fmt: skip
