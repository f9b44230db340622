"""`embstudio gradient`: the table, the same as JSON, and what is said of outputs and tokens that there are not."""

from __future__ import annotations

import json

import numpy as np
import pytest

from embstudio.base.paths import models_dir
from embstudio.session.messages import GradientRequest, ModelRef, TraceRequest
from embstudio.session.runner import Runner
from tests.cli.conftest import Command

TEXT = "I expected to hate it but loved it"


def test_each_token_has_a_row_and_what_comes_later_has_none(embstudio: Command) -> None:
    said = embstudio("gradient", "sentiment-lstm", "--text", TEXT, "--token", 5, "--output", "negative")
    assert (said.status, said.err) == (0, "")
    head, *rows = said.out.splitlines()
    assert "|d lstm.0.forward.c|" in head
    assert head.endswith("y = negative")
    assert [row.split()[-5] for row in rows] == TEXT.split()
    assert [row.startswith("T") for row in rows] == [at == 5 for at in range(8)]
    assert rows[7].split()[-4:] == [".", ".", "0", "+0"]


def test_the_same_as_data_is_what_the_session_answers(embstudio: Command) -> None:
    said = embstudio("gradient", "sentiment-lstm", "--text", TEXT, "--json")
    data = json.loads(said.out)
    model = ModelRef(models_dir() / "sentiment-lstm" / "model.onnx")
    found = Runner.open(model).gradients(GradientRequest(model, TraceRequest(model, text=TEXT), 7))
    assert (data["token"], data["output"]) == (7, {"id": 1, "name": "positive"})
    assert [cell["state"] for cell in data["cells"]] == ["lstm.0.forward.h", "lstm.0.forward.c"]
    np.testing.assert_allclose(data["cells"][1]["log10_norm"], found.cells[1].norms)
    np.testing.assert_allclose(data["saliency"], found.saliency)
    assert data["cells"][0]["step"][0] is None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(("--token", 8), "no token 8"), (("--output", "neutral"), "no output called 'neutral'"),
     (("--output", "2"), "no output 2")],
)  # fmt: skip
def test_what_there_is_not(embstudio: Command, arguments: tuple[object, ...], reason: str) -> None:
    said = embstudio("gradient", "sentiment-lstm", "--text", TEXT, *arguments)
    assert said.status == 1
    assert reason in said.err
