"""`embstudio parity`, and what is said where a model does not run on the provider that was asked for."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from embstudio.base.paths import models_dir
from tests.cli.conftest import Command
from tests.conftest import PROJECT

TEXT = "The dog that I adopted was cute"


def test_float16_is_near_and_not_the_same(embstudio: Command) -> None:
    said = embstudio("parity", "sentiment-transformer", "--text", TEXT, "--b", "cpu-fp16", "--json")
    data = json.loads(said.out)
    assert (said.status, said.err, data["parting"], data["tolerance"]) == (0, "", None, 0.01)
    shares = {point["name"]: point["share"] for point in data["points"]}
    assert 1e-5 < shares["blocks.1.resid_post"] < 1e-2
    assert [point["layer"] for point in data["points"] if point["layer"] is not None] == sorted(
        point["layer"] for point in data["points"] if point["layer"] is not None
    )


def test_a_stricter_tolerance_tells_where_they_part(embstudio: Command) -> None:
    arguments = ("parity", "sentiment-lstm", "--text", TEXT, "--b", "cpu-fp16", "--tolerance", "1e-6")
    data = json.loads(embstudio(*arguments, "--json").out)
    first = next(point["name"] for point in data["points"] if point["share"] > 1e-6)
    assert data["parting"] == first != data["points"][0]["name"]  # the file's own table is in float16
    assert f"They part at {first}" in embstudio(*arguments).out


def test_another_file_of_the_same_model(embstudio: Command, tmp_path: Path) -> None:
    copy = tmp_path / "copy.onnx"
    shutil.copy(models_dir() / "sentiment-lstm" / "model.onnx", copy)
    said = embstudio("parity", "sentiment-lstm", "--text", TEXT, "--b", copy)
    assert said.status == 0
    assert "the same to the last bit at all 8 points" in said.out


def test_the_cpu_is_not_compared_with_itself_where_another_was_asked_for(embstudio: Command) -> None:
    said = embstudio("parity", "sentiment-lstm", "--text", TEXT, "--b", "qnn")
    assert (said.status, said.out) == (1, "")
    assert "QNN does not run this model" in said.err
    assert "was built without it" in said.err


def test_what_is_neither_a_way_nor_a_file(embstudio: Command) -> None:
    said = embstudio("parity", "sentiment-lstm", "--text", TEXT, "--b", "teapot")
    assert said.status == 1
    assert "This provider is not installed. (teapot)" in said.err


@pytest.mark.parametrize("key", ["share", "largest", "parting", "tolerance", "missing", "same_first"])
def test_each_key_is_documented(key: str) -> None:
    page = (PROJECT / "docs" / "command-line.md").read_text(encoding="utf-8")
    assert f"`{key}`" in page[page.index("## `embstudio parity") :] or key in page


def test_inspect_says_where_each_part_runs_and_why_not_where_it_was_asked_to(embstudio: Command) -> None:
    data = json.loads(embstudio("inspect", "sentiment-transformer", "--provider", "qnn", "--json").out)
    assert data["provider"] == "CPUExecutionProvider"
    assert (data["fallback"]["wanted"], data["fallback"]["ran"]) == ("QNNExecutionProvider", "CPUExecutionProvider")
    parts = data["placement"]["parts"]
    assert [part["name"] for part in parts] == ["embedding", "layer 0", "layer 1", "output"]
    total = sum(data["placement"]["operations"].values())
    assert 0 < sum(count for part in parts for count in part["operations"].values()) <= total
    text = embstudio("inspect", "sentiment-transformer", "--provider", "qnn").out
    assert f"runs on CPU: all {total} operations" in text
    assert text.count("QNN was asked for") == 1


def test_a_trace_on_a_provider_that_is_not_there_says_so_and_is_made(embstudio: Command, tmp_path: Path) -> None:
    out = tmp_path / "t.npz"
    said = embstudio("trace", "toy-lstm", "--text", "a b", "--provider", "qnn", "--out", out)
    assert said.status == 0
    assert said.err.startswith("note: QNN was asked for, and the model runs on CPU.")
    assert out.is_file()
