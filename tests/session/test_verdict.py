"""One sentence on what opening found: for each kind of model, and when something does not hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from embstudio.modelfile import catalogue
from embstudio.session.messages import Finding, ModelRef, Opened
from embstudio.session.runner import Runner
from embstudio.session.verdict import law_line, scientific, verdict


def opened(path: Path) -> Opened:
    return Runner.open(ModelRef(path)).opened


@pytest.mark.parametrize(
    ("value", "written"), [(2.04e-7, "2e−7"), (0.4, "4e−1"), (0.0, "0e0"), (float("inf"), "inf"), (9.99e-7, "1e−6")]
)
def test_one_digit_and_a_power_of_ten(value: float, written: str) -> None:
    assert scientific(value) == written


def test_a_transformer_says_its_size_and_its_worst_law(data: Path) -> None:
    bert = opened(data / "bert-ts-sdpa" / "model.onnx")
    worst = max(finding.worst for finding in bert.findings)
    assert verdict(bert) == f"2 layers × 4 heads, verified to {scientific(worst)}"


def test_what_fails_is_named_with_its_place(data: Path) -> None:
    bert = opened(data / "bert-ts-sdpa" / "model.onnx")
    broken = Finding("pattern v = z", 2, 0.4, "blocks.1.attn", holds=False)
    said = verdict(replace(bert, findings=(*bert.findings, broken)))
    assert said == "2 layers × 4 heads: pattern v = z does not hold at blocks.1.attn, it is off by 4e−1"
    assert law_line(broken) == "pattern v = z: does not hold, off by 4e−1 at blocks.1.attn"


def test_what_was_not_tried_is_not_called_verified(data: Path) -> None:
    bert = opened(data / "bert-ts-sdpa" / "model.onnx")
    assert verdict(replace(bert, findings=(), verified=None)) == "2 layers × 4 heads, not verified"


def test_models_without_attention(data: Path) -> None:
    lstm = opened(catalogue.find("sentiment-lstm").path)
    assert lstm.verified is not None
    worst = max(lstm.verified, *(finding.worst for finding in lstm.findings))
    assert verdict(lstm).endswith(f"verified to {scientific(worst)}")
    assert verdict(opened(catalogue.find("words").path)) == ""


def test_what_was_not_recognised_may_hold_attention() -> None:
    words = opened(catalogue.find("words").path)
    layered = replace(words.anatomy, parameters={**words.anatomy.parameters, "total": 10**9})
    assert verdict(replace(words, anatomy=layered)) == "no softmax attention in this model"
    closed = replace(layered, unrecognised=("There is attention inside 1 Loop.",))
    assert verdict(replace(words, anatomy=closed)) == "no attention to show; see Anatomy"
