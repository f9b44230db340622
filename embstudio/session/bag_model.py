"""Writes LSA as a model: a bag of words goes in, the latent vector of the text comes out.

A job for a process of its own: the window imports this file, and never loads onnx.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from embstudio.session.lookup_model import OPSET, LookupModel, word_tokenizer
from embstudio.session.model_folder import write_model

if TYPE_CHECKING:
    import onnx


@dataclass(frozen=True)
class BagModel:
    """words: of the rows. path: of the .onnx; tokenizer.json goes beside it. shares: whether a word counts as a share
    of all known words of the text, or else as often as it stands there. about: how the table came about."""

    words: tuple[str, ...]
    path: str
    shares: bool
    about: str = ""

    def results(self, table: np.ndarray) -> Iterator[LookupModel.Written]:
        """Write both files for a table [words, width]. Raises VectorFileError."""
        model = self.model(table).SerializeToString()
        write_model(Path(self.path), model, {"tokenizer.json": word_tokenizer(self.words)})
        yield LookupModel.Written()

    def model(self, table: np.ndarray) -> onnx.ModelProto:
        """vectors = table[input_ids]: [batch, tokens, width]; document = their sum [batch, width], divided by the
        number of known words where these count as shares. Row 0 is that of unknown words: 0."""
        from onnx import TensorProto, helper, numpy_helper

        width = table.shape[1]
        rows = np.vstack([np.zeros((1, width), np.float32), table.astype(np.float32)])
        given = [
            numpy_helper.from_array(rows, "embeddings"),
            numpy_helper.from_array(np.array([1], np.int64), "over_tokens"),
        ]
        nodes = [helper.make_node("Gather", ["embeddings", "input_ids"], ["vectors"], axis=0)]
        if self.shares:
            given += [
                numpy_helper.from_array(np.array(0, np.int64), "unknown"),
                numpy_helper.from_array(np.array(1, np.float32), "one"),
            ]
            nodes += [
                helper.make_node("ReduceSum", ["vectors", "over_tokens"], ["summed"], keepdims=0),
                helper.make_node("Greater", ["input_ids", "unknown"], ["is_known"]),
                helper.make_node("Cast", ["is_known"], ["known"], to=TensorProto.FLOAT),
                helper.make_node("ReduceSum", ["known", "over_tokens"], ["length"], keepdims=1),
                helper.make_node("Max", ["length", "one"], ["divisor"]),
                helper.make_node("Div", ["summed", "divisor"], ["document"]),
            ]
        else:
            nodes.append(helper.make_node("ReduceSum", ["vectors", "over_tokens"], ["document"], keepdims=0))
        graph = helper.make_graph(
            nodes,
            "bag_of_words",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])],
            [
                helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", "tokens", width]),
                helper.make_tensor_value_info("document", TensorProto.FLOAT, ["batch", width]),
            ],
            given,
            doc_string=self.about,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="embstudio")
        model.ir_version = 8
        return model
