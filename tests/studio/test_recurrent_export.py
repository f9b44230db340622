"""The Lab's recurrent cells as files: what onnxruntime makes of them is what the bench has."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer

from embstudio.base.errors import InputError, VectorFileError
from embstudio.lab.recurrent.bench import STRETCH, RecurrentOrder
from embstudio.lab.recurrent.held_out import AT_THE_DISTANCE
from embstudio.lab.recurrent.settings import AGREE, BATCHES, GRU, LSTM, RNN, Settings
from embstudio.lab.recurrent.tasks import Examples, drawn
from embstudio.studio.recurrent_export import TrainedCells, save_cell, save_curves
from tests.conftest import PROJECT

SETTINGS = Settings(task=AGREE, distance=6, units=8, epochs=2)


@pytest.fixture(scope="module")
def trained() -> TrainedCells:
    bench = RecurrentOrder(SETTINGS).bench()
    while bench.epoch < 2:
        bench.advance(1.0)
    shown = bench.snapshot()
    return TrainedCells(bench.about, shown.arrays, shown.facts, SETTINGS, 2.0)


@pytest.mark.parametrize("kind", [RNN, GRU, LSTM])
def test_onnxruntime_gives_the_benchs_logits(trained: TrainedCells, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "cell.onnx"
    assert str(path) in save_cell(trained, path, kind)
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node if node.op_type in (RNN, GRU, LSTM)] == [kind]
    network = trained.network(kind)
    examples = drawn(RecurrentOrder(SETTINGS).bench().task, np.random.default_rng(8), 6, 20, held_out=True)
    h = network.guess(examples).passed.h[1:]
    expected = h @ network.parts["U"].T + network.parts["v"]  # [T, B, answers]
    # The tokenizer makes the ids: of the words, as a person types them.
    tokenizer = Tokenizer.from_file(str(path.with_name("tokenizer.json")))
    texts = [" ".join(trained.about.words[word] for word in column).capitalize() for column in examples.ids.T]
    ids = np.array([tokenizer.encode(text).ids for text in texts])
    (logits,) = onnxruntime.InferenceSession(path).run(None, {"input_ids": ids})
    assert logits.shape == (20, 8, 2)
    assert np.abs(logits.transpose(1, 0, 2) - expected).max() < 1e-5


def test_the_program_reads_it_gate_by_gate(trained: TrainedCells, tmp_path: Path) -> None:
    save_cell(trained, tmp_path / "cell.onnx", LSTM)
    command = [sys.executable, "-m", "embstudio", "inspect", str(tmp_path / "cell.onnx")]
    said = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert "LSTM, forward, 8 units" in said
    assert "lstm.0.forward.f" in said
    assert "WordLevel" in said
    text = ["the", "dog", "near", "the", "cats", "often"]
    watch = [*command[:3], "watch", command[4], "--text", " ".join(text), "p('run')", "--json"]
    said = subprocess.run(watch, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    network, words = trained.network(LSTM), trained.about.words
    ids = np.array([[words.index(word)] for word in text])
    chances = network.read(network.guess(Examples(ids, np.zeros(1, int))).passed.h[1:, 0])
    (found,) = [watched["values"] for watched in json.loads(said)["watches"]]
    assert found == pytest.approx(chances[:, trained.about.answers.index("run")].tolist(), abs=1e-5)


def test_another_models_tokenizer_is_not_written_over(trained: TrainedCells, tmp_path: Path) -> None:
    save_cell(trained, tmp_path / "cell.onnx", RNN)
    save_cell(trained, tmp_path / "cell2.onnx", GRU)  # of the same words
    (tmp_path / "tokenizer.json").write_text('{"model": {}}', encoding="utf-8")
    with pytest.raises(VectorFileError, match="another model may need it"):
        save_cell(trained, tmp_path / "cell3.onnx", GRU)
    assert not (tmp_path / "cell3.onnx").exists()


def test_a_cell_that_was_not_ticked_is_not_there(trained: TrainedCells, tmp_path: Path) -> None:
    bench = RecurrentOrder(Settings(distance=3, units=4, lstm=False)).bench()
    shown = bench.snapshot()
    without = TrainedCells(bench.about, shown.arrays, shown.facts, bench.settings, 0.0)
    with pytest.raises(InputError, match="No LSTM"):
        save_cell(without, tmp_path / "cell.onnx", LSTM)


def test_curves_are_written_with_the_settings(trained: TrainedCells, tmp_path: Path) -> None:
    save_curves(trained, tmp_path / "curves.csv")
    lines = (tmp_path / "curves.csv").read_text(encoding="utf-8").splitlines()
    assert "# distance = 6" in lines
    rows = list(csv.DictReader(line for line in lines if not line.startswith("#")))
    assert len(rows) == 3 * (2 * BATCHES // STRETCH + 1)
    last = rows[-1]
    cell = trained.facts.cells[-1]
    assert (last["cell"], float(last["epoch"])) == (LSTM, 2.0)
    assert float(last["train loss"]) == cell.train[-1, 1]
    assert float(last["held-out accuracy"]) * AT_THE_DISTANCE == pytest.approx(
        round(float(cell.held[-1, 2]) * AT_THE_DISTANCE)
    )
    assert rows[0]["train loss"] == ""  # before training


def test_words_have_each_cells_own_vectors(trained: TrainedCells) -> None:
    gru, lstm = trained.vector_set(GRU), trained.vector_set(LSTM)
    assert gru.words == trained.about.words
    assert gru.vectors.shape == (len(gru.words), 16)
    assert not np.array_equal(gru.vectors, lstm.vectors)
    assert gru.source == "GRU trained in the Lab: agree with the subject, distance 6, 2.0 epochs"
