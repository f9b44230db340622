"""Models made here whose vectors hang on what is beside a text: padding, or other texts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, pre_tokenizers

WORDS = ["[UNK]", "the", "water", "boils", ".", "a", "man", "is", "slicing", "tomato", "with", "knife", ",", "and",
         "children", "are", "playing", "in", "garden", "Water", "A", "one", "two", "three", "four", "five"]  # fmt: skip
TABLE = np.random.default_rng(4).normal(size=(len(WORDS), 6)).astype(np.float32)


def ids_of(text: str) -> list[int]:
    """What the tokenizer of these models makes of words with blanks between."""
    return [WORDS.index(word) if word in WORDS else 0 for word in text.split()]


def save_model(folder: Path, nodes: Sequence[onnx.NodeProto], width: int | str = 6) -> Path:
    """A model of token ids whose output `vector` the nodes make of `x` [batch, pos, 6], the rows of TABLE."""
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "ids"], ["x"]), *nodes],
        "made here",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "pos"])],
        [helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", width])],
        [numpy_helper.from_array(TABLE, "table"), numpy_helper.from_array(np.array([1]), "one"),
         numpy_helper.from_array(np.array([0]), "zero")],
    )  # fmt: skip
    path = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer.save(str(folder / "tokenizer.json"))
    return path


@pytest.fixture
def plain_mean(tmp_path: Path) -> Path:
    """The mean of all places, padding among them: it has no mask."""
    return save_model(tmp_path, [helper.make_node("ReduceMean", ["x", "one"], ["vector"], keepdims=0)])


@pytest.fixture
def less_the_others(tmp_path: Path) -> Path:
    """Twice the mean, less the mean of all texts of a run."""
    return save_model(
        tmp_path,
        [
            helper.make_node("ReduceMean", ["x", "one"], ["mean"], keepdims=0),
            helper.make_node("ReduceMean", ["mean", "zero"], ["of_all"], keepdims=1),
            helper.make_node("Add", ["mean", "mean"], ["twice"]),
            helper.make_node("Sub", ["twice", "of_all"], ["vector"]),
        ],
    )
