"""What was trained by pairs, as files that onnxruntime and this program read."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from tokenizers import Tokenizer

from embstudio.__main__ import main
from embstudio.base.errors import StudioError
from embstudio.lab.pairs.bench import PairsOrder
from embstudio.lab.pairs.ready import ready_list
from embstudio.lab.pairs.settings import BAG, LINEAR, LSTM, TABLE, Settings
from embstudio.space.files import load
from embstudio.studio.pairs_export import TrainedPairs, save_curves, save_distances, save_encoder, save_vectors

QUICK = Settings(epochs=4, dimensions=5, threshold=1.0, margin=1.5, rate=0.1)
ENCODERS = [
    pytest.param("words-by-kinds", QUICK, id="table of words"),
    pytest.param("sentences", QUICK, id="table of sentences"),
    pytest.param("sentences", replace(QUICK, encoder=BAG), id="bag"),
    pytest.param("sentences", replace(QUICK, encoder=BAG, layer=LINEAR), id="linear bag"),
    pytest.param("sentences", replace(QUICK, encoder=LSTM), id="lstm"),
]


def trained(name: str, settings: Settings) -> TrainedPairs:
    bench = PairsOrder.of(settings, ready_list(name)).bench()
    while bench.epoch < bench.epochs:
        bench.advance(1.0)
    shown = bench.snapshot()
    weights = dict(bench.encoder.weights)
    return TrainedPairs(
        bench.items, shown.arrays[0], shown.arrays[1], bench.about.held, weights, shown.facts.curve, settings, 4.0
    )


@pytest.mark.parametrize(("name", "settings"), ENCODERS)
def test_the_model_gives_the_vectors_that_were_trained(name: str, settings: Settings, tmp_path: Path) -> None:
    found = trained(name, settings)
    path = tmp_path / "encoder.onnx"
    said = save_encoder(found, path)
    assert str(path) in said
    onnx.checker.check_model(path, full_check=True)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    tokenizer = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    for text, vector in zip(found.items.names, found.V, strict=True):
        ids = tokenizer.encode(f"  {text.upper()} ").ids
        made = session.run(None, {"input_ids": np.array([ids], np.int64)})[0][0]
        made = made[0] if settings.encoder == TABLE else made
        assert np.allclose(made, vector, atol=1e-5), text
    assert tokenizer.encode("quux").ids == [0]


@pytest.mark.parametrize(("name", "settings"), ENCODERS)
def test_the_program_reads_the_model(
    name: str, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_encoder(trained(name, settings), tmp_path / "encoder.onnx")
    assert main(["inspect", str(tmp_path / "encoder.onnx")]) == 0
    said = capsys.readouterr().out
    assert "word_vectors: tokens" in said or "embeddings: tokens" in said
    assert "WordLevel" in said
    assert ("pooled" in said) == (settings.encoder != TABLE)  # a vector of a whole text
    if settings.encoder == LSTM:
        for gate in "iofgch":
            assert f"lstm.0.forward.{gate}" in said


def test_vectors_curves_and_distances(tmp_path: Path) -> None:
    found = trained("sentences", QUICK)
    save_vectors(found, tmp_path / "v.npz")
    assert np.allclose(load(tmp_path / "v.npz").vectors, found.V, atol=1e-6)
    save_curves(found, tmp_path / "loss.csv")
    lines = (tmp_path / "loss.csv").read_text(encoding="utf-8").splitlines()
    assert "# margin = 1.5" in lines
    assert lines[-6] == "epoch,loss,held_out_loss,accuracy,held_out_accuracy"
    assert [float(value) for value in lines[-1].split(",")] == found.curve[-1].tolist()
    save_distances(found, tmp_path / "pairs.csv")
    with (tmp_path / "pairs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["distance"]) for row in rows] == found.distances.tolist()
    assert [row["held_out"] == "1" for row in rows] == found.held.tolist()
    assert all((row["verdict"] == "SAME") == (float(row["distance"]) <= 1.0) for row in rows)
    one = trained("cat-and-dog", replace(QUICK, dimensions=3))
    save_curves(one, tmp_path / "one.csv")
    assert (tmp_path / "one.csv").read_text(encoding="utf-8").endswith(",,1.0,\n")  # nothing is held out


def test_where_nothing_can_be_written(tmp_path: Path) -> None:
    found = trained("words-by-kinds", QUICK)
    for save in (save_vectors, save_encoder, save_curves, save_distances):
        with pytest.raises(StudioError):
            save(found, tmp_path / "no" / "file.txt")
