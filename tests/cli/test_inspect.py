"""`embstudio inspect`, held against the graphs as the onnx package reads them and the cards' own figures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import onnx
import pytest

from embstudio.base.paths import models_dir
from embstudio.modelfile.catalogue import find
from embstudio.trace.points import parse
from tests.cli.conftest import Command
from tests.conftest import PROJECT

BUNDLED = ("sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer", "next-word",
           "next-word-shared", "masked-word", "sentences", "words", "words-counted", "toy-rnn", "toy-lstm",
           "toy-attention")  # fmt: skip


def anatomy(embstudio: Command, model: object) -> dict[str, Any]:
    said = embstudio("inspect", model, "--json")
    assert (said.status, said.err) == (0, "")
    data: dict[str, Any] = json.loads(said.out)
    return data


@pytest.mark.parametrize("name", BUNDLED)
def test_inputs_and_outputs_are_the_graphs_own(embstudio: Command, name: str) -> None:
    data = anatomy(embstudio, name)
    graph = onnx.load(models_dir() / name / "model.onnx").graph
    assert [tensor["name"] for tensor in data["inputs"]] == [tensor.name for tensor in graph.input]
    assert [tensor["name"] for tensor in data["outputs"]] == [tensor.name for tensor in graph.output]
    assert (data["name"], data["ids_input"]) == (name, "input_ids")
    assert data["tokenizer"]["vocabulary"] == data["embeddings"][0]["rows"]


@pytest.mark.parametrize("name", BUNDLED)
def test_it_finds_what_the_card_says_was_built(embstudio: Command, name: str) -> None:
    data, card = anatomy(embstudio, name), find(name).card
    assert card is not None
    built = card.architecture
    assert data["embeddings"][0]["rows"] == built["vocabulary"]
    assert data["parameters"]["total"] == built["parameters"]
    if "heads" in built:
        vectors = "vectors per token"
        written = "next word"
        head = {
            "next-word": written,
            "next-word-shared": written,
            "masked-word": written,
            "sentences": vectors,
            "toy-attention": vectors,
        }.get(name, "classes")
        assert (data["kind"], data["head"]["kind"]) == ("transformer", head)
        assert len(data["blocks"]) == built["layers"]
        attention = [attention for block in data["blocks"] for attention in block["attention"]]
        assert {a["heads"] for a in attention} == {built["heads"]} == {a["kv_heads"] for a in attention}
        assert {a["d_head"] for a in attention} == {data["embeddings"][0]["width"] // int(built["heads"])}
        assert data["max_positions"] == built.get("context")
    elif "units" in built:
        (layer,) = data["recurrent"]
        assert (layer["kind"], layer["units"], layer["directions"]) == (
            name.rpartition("-")[2],
            built["units"],
            ["forward"],
        )
        assert data["head"]["width"] == len(card.labels)
    else:
        assert (data["kind"], data["embeddings"][0]["width"]) == ("embedding table", built["width"])


@pytest.mark.parametrize("name", BUNDLED)
def test_every_point_has_the_axes_of_its_kind_and_stands_in_the_readable_form(embstudio: Command, name: str) -> None:
    data, lines = anatomy(embstudio, name), embstudio("inspect", name).out.splitlines()
    assert data["points"]
    for point in data["points"]:
        if point["name"] != "logits":  # whose last axis is the vocabulary or the classes
            assert tuple(point["axes"]) == parse(point["name"]).kind.axes
        assert any(line.split()[:1] == [point["name"]] and f"[{', '.join(point['axes'])}]" in line for line in lines)


def test_a_file_of_ones_own(embstudio: Command, data: Path) -> None:
    found = anatomy(embstudio, data / "rnn-GRU-1-ts" / "model.onnx")
    assert (found["kind"], found["name"], found["tokenizer"]) == ("gru", None, None)
    assert [layer["units"] for layer in found["recurrent"]] == [16]
    assert found["embeddings"][0]["rows"] == 50


def test_each_key_is_documented(embstudio: Command) -> None:
    page = (PROJECT / "docs" / "command-line.md").read_text(encoding="utf-8")
    for key in anatomy(embstudio, "sentiment-lstm"):
        assert f"`{key}`" in page


def test_what_is_no_model_is_said_in_words(embstudio: Command, tmp_path: Path) -> None:
    file = tmp_path / "poem.onnx"
    file.write_text("Tyger Tyger, burning bright", encoding="utf-8")
    for model in (file, tmp_path / "nothing.onnx"):
        said = embstudio("inspect", model)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith("embstudio: ")
        assert str(model) in said.err
        assert "Traceback" not in said.err
