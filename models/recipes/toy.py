"""What the toy models have in common: float32 tables, a tokenizer of a few words, and how a toy's folder is written."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper
from tokenizers import Regex, Tokenizer
from tokenizers.models import WordLevel
from tokenizers.normalizers import NFC, Lowercase, Replace, Sequence
from tokenizers.pre_tokenizers import Split

from models.recipes import card, graph, wording

WIDTH = 3  # of all the notes' vectors


def tokenizer(words: list[str]) -> Tokenizer:
    """Word-level; in whatever case a word is typed it becomes the spelling in ``words``, and marks are dropped."""
    made = Tokenizer(WordLevel({word: i for i, word in enumerate(words)}, unk_token=words[0]))
    # Letter by letter, so that a token still knows where in the text it stands.
    capitals = [word for word in words[1:] if word == word.capitalize() != word.lower()]
    respelt = [Replace(Regex(rf"\b{word[0].lower()}(?={word[1:]}\b)"), word[0]) for word in capitals]
    made.normalizer = Sequence([NFC(), Lowercase(), *respelt])
    made.pre_tokenizer = Split(Regex(wording.ONIGURUMA_WORD), behavior="removed", invert=True)
    return made


def lookup(table: np.ndarray, out: str) -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """out = table[input_ids], in float32: 0.1 in fp16 would not be the noted 0.1."""
    return [helper.make_node("Gather", ["word_vectors", "input_ids"], [out], name="look_up", axis=0)], [
        stored("word_vectors", table)
    ]


def stored(name: str, numbers: Any) -> onnx.TensorProto:
    """An initializer in float32; whole numbers stay int64."""
    array = np.asarray(numbers)
    return numpy_helper.from_array(array if array.dtype == np.int64 else array.astype(np.float32), name)


def write(
    folder: Path,
    table: dict[str, np.ndarray],
    nodes: list[onnx.NodeProto],
    weights: list[onnx.TensorProto],
    output: str,
    width: int,
    architecture: dict[str, Any],
    checks: dict[str, np.ndarray],
) -> None:
    """model.onnx, tokenizer.json and the measured tables of card.toml.

    checks: the output at the last token of each text, worked out in float64.
    """
    words = list(table)
    graph.save(folder / "model.onnx", nodes, weights, output, width, folder.name.replace("-", "_"))
    made = tokenizer(words)
    made.save(str(folder / "tokenizer.json"), pretty=False)
    parameters = sum(
        int(np.prod(weight.dims)) for weight in weights if weight.data_type == onnx.TensorProto.FLOAT and weight.dims
    )
    card.update(
        folder / "card.toml",
        architecture=architecture | {"vocabulary": len(words), "parameters": parameters, "stored as": "float32"},
        training={
            "recipe": "written by hand from the notes' numbers (models/recipes/noted.py); nothing was trained",
            "date": datetime.date.today(),
        },
        check=[
            card.check(text, made.encode(text).ids, output, last) | {"tolerance": 1e-6} for text, last in checks.items()
        ],
    )
