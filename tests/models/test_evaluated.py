"""No card claims a figure that was not measured on the very files that are shipped; cheap ones are measured anew."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from models.recipes import contrasts, senses

MODELS = Path(__file__).parents[2] / "models"
NAMES = sorted(path.parent.name for path in MODELS.glob("*/model.onnx"))
MOST = 60 * 10**6  # bytes that all models may take together


def record() -> dict[str, Any]:
    known: dict[str, Any] = json.loads((MODELS / "evaluated.json").read_text(encoding="utf-8"))
    return known


def figures(name: str) -> dict[str, float]:
    card = tomllib.loads((MODELS / name / "card.toml").read_text(encoding="utf-8"))
    return {figure["name"]: figure["value"] for figure in card["quality"]}


class Model:
    def __init__(self, name: str) -> None:
        self.tokenizer = Tokenizer.from_file(str(MODELS / name / "tokenizer.json"))
        self.session = onnxruntime.InferenceSession(MODELS / name / "model.onnx", providers=["CPUExecutionProvider"])

    def run(self, output: str, ids: list[int]) -> np.ndarray:
        row = np.array([ids])
        given = {
            each.name: row if each.name == "input_ids" else np.ones_like(row) for each in self.session.get_inputs()
        }
        values: np.ndarray = self.session.run([output], given)[0][0]
        return values


def test_every_model_was_evaluated() -> None:
    assert sorted(record()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_was_measured_on_these_files(name: str) -> None:
    measured = record()[name]
    for file, digest in measured["files"].items():
        assert hashlib.sha256((MODELS / name / file).read_bytes()).hexdigest() == digest, f"evaluate {name} again"
    assert set(measured["files"]) == {"model.onnx", "tokenizer.json"}
    assert figures(name) == measured["figures"]


@pytest.mark.parametrize("name", ["sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer"])
def test_questions_about_negation_are_answered_as_the_card_says(name: str) -> None:
    model = Model(name)
    scores = [model.run("logits", model.tokenizer.encode(text).ids).reshape(-1, 2)[-1] for text, _ in contrasts.ASKED]
    right = [int(score.argmax()) == verdict for score, (_, verdict) in zip(scores, contrasts.ASKED, strict=True)]
    assert figures(name)["accuracy, negation and contrast"] == pytest.approx(100 * np.mean(right), abs=0.01)


def test_king_without_man_and_with_woman_is_queen() -> None:
    model = Model("words")
    ids = model.tokenizer.get_vocab()
    vectors = model.run("vectors", list(range(len(ids)))).astype(np.float64)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    wish = unit[ids["king"]] - unit[ids["man"]] + unit[ids["woman"]]
    cosines = unit @ wish / np.linalg.norm(wish)
    cosines[[ids["king"], ids["man"], ids["woman"]]] = -1
    assert int(cosines.argmax()) == ids["queen"]
    assert figures("words")["king - man + woman"] == pytest.approx(cosines.max(), abs=1e-3)


def test_all_models_together_are_small() -> None:
    assert sum(path.stat().st_size for path in MODELS.rglob("*") if path.is_file()) <= MOST


@pytest.mark.parametrize("word", senses.NAMED)
def test_a_word_has_one_vector_for_each_of_its_senses(word: str) -> None:
    model, unit = Model("masked-word"), []
    for sentence in (text for sense in senses.SENSES[word] for text in sense):
        encoding = model.tokenizer.encode(sentence)
        (at,) = [i for i, (a, b) in enumerate(encoding.offsets) if sentence[a:b].strip().lower() == word]
        vector = model.run("vectors", encoding.ids)[at].astype(np.float64)
        unit.append(vector / np.linalg.norm(vector))
    likeness = np.array(unit) @ np.array(unit).T
    sense = np.arange(len(unit)) * 2 // len(unit)
    same = sense[:, None] == sense[None]
    within, across = likeness[same & ~np.eye(len(unit), dtype=bool)].mean(), likeness[~same].mean()
    claimed = figures("masked-word")
    assert within > across
    assert claimed[f"{word}: cosine within a sense"] == pytest.approx(within, abs=1e-3)
    assert claimed[f"{word}: cosine across senses"] == pytest.approx(across, abs=1e-3)
