"""A set of word vectors as a model: the folder that a recipe for word vectors writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from models.recipes import card, figures, graph, wording

CHECKS = ["king queen man woman", "The quick brown fox", "a zzzyx"]


def write(
    folder: Path, data: Path, vocabulary: list[str], vectors: np.ndarray, family: str, training: dict[str, Any]
) -> None:
    """model.onnx, tokenizer.json and the measured tables of card.toml; [UNK] is id 0, the mean of all vectors.

    vocabulary [words], the most frequent first; vectors [words, width].
    """
    table = graph.half(np.concatenate([vectors.mean(0, keepdims=True), vectors]))
    width = table.shape[1]
    nodes, stored = graph.lookup(table, "word_vectors", "input_ids", "vectors")
    graph.save(folder / "model.onnx", nodes, stored, "vectors", width, folder.name.replace("-", "_"))
    wording.word_tokenizer([wording.UNKNOWN, *vocabulary], marks=False).save(
        str(folder / "tokenizer.json"), pretty=False
    )
    ids = {word: i + 1 for i, word in enumerate(vocabulary)}
    checks = [
        card.check(text, row := [ids.get(word, 0) for word in wording.words(text)], "vectors", table[row[-1]])
        for text in CHECKS
    ]
    card.update(
        folder / "card.toml",
        architecture={"family": family, "width": width, "vocabulary": len(table), "parameters": table.size,
                      "stored as": "fp16"},
        training=training,
        quality=figures.of_words(folder, data),
        check=checks,
    )  # fmt: skip
