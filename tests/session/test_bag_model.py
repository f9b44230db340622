"""LSA as a model: what the graph gives, and that the program opens it with its own vector of a text."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx.reference import ReferenceEvaluator

from embstudio.session.bag_model import BagModel
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

WORDS = ("sun", "planet", "butter")
TABLE = np.array([[1.0, -2.0], [0.5, 4.0], [-3.0, 0.25]])


@pytest.mark.parametrize("shares", [False, True], ids=["counts", "shares"])
def test_the_text_is_the_sum_or_the_mean_of_its_known_words(shares: bool, tmp_path: Path) -> None:
    model = BagModel(WORDS, str(tmp_path / "lsa.onnx"), shares).model(TABLE)
    onnx.checker.check_model(model, full_check=True)
    ids = np.array([[1, 2, 2, 0], [0, 0, 0, 0]])
    vectors, document = ReferenceEvaluator(model).run(None, {"input_ids": ids})
    assert np.array_equal(vectors[0], np.vstack([TABLE[[0, 1, 1]], np.zeros((1, 2))]))
    expected = TABLE[0] + 2 * TABLE[1]
    assert np.allclose(document, [expected / 3 if shares else expected, [0, 0]])


def test_the_program_opens_it_and_takes_its_vector_for_the_text(tmp_path: Path) -> None:
    list(BagModel(WORDS, str(tmp_path / "lsa.onnx"), shares=True).results(TABLE))
    model = ModelRef(tmp_path / "lsa.onnx")
    runner = Runner.open(model)
    trace = runner.trace(TraceRequest(model, "The Sun, a planet and no Butter"))
    assert np.allclose(trace["pooled"].values, TABLE.mean(axis=0), atol=1e-6)
    assert np.allclose(trace["embed"].values[1], TABLE[0])
