"""embstudio embed: the files it leaves, what it says, and what Ctrl-C leaves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tokenizers import Tokenizer

from embstudio.modelfile import catalogue
from embstudio.space.files import load
from tests.cli.conftest import Command

SENTENCES = ("A man is slicing a tomato.", "The children are playing in the garden", "Stocks fell on Monday")


def alone(text: str) -> np.ndarray:
    """What onnxruntime makes of one text."""
    source = catalogue.find("sentences")
    session = onnxruntime.InferenceSession(str(source.path), providers=["CPUExecutionProvider"])
    ids = np.array([Tokenizer.from_file(str(source.tokenizer)).encode(text).ids], np.int64)
    return np.asarray(session.run(["sentence_vector"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0])


@pytest.mark.parametrize("ending", ["npz", "tsv", "parquet"])
def test_a_column_becomes_a_file_of_vectors(embstudio: Command, tmp_path: Path, ending: str) -> None:
    table, out = tmp_path / "t.csv", tmp_path / f"v.{ending}"
    table.write_text('id,text\n7,"{}"\n8,\n9,{}\n10,{}\n'.format(*SENTENCES))
    said = embstudio("embed", "sentences", table, "--column", "text", "--out", out, "--json")
    assert said.status == 0, said.err
    data = json.loads(said.out)
    assert (data["rows"], data["width"], data["blank"], data["cut"], data["resumed"]) == (3, 100, 1, 0, 0)
    found = load(out)
    assert found.words == SENTENCES
    assert found.metadata["id"] == ("7", "9", "10")
    for text, vector in zip(SENTENCES, found.vectors, strict=True):
        assert np.abs(vector - alone(text)).max() < 1e-5
    assert not list(tmp_path.glob("*.part"))


def test_what_was_done_is_said(embstudio: Command, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("the dog\n\n" + "the dog " * 100)
    said = embstudio("embed", "sentences", tmp_path / "t.txt", "--out", tmp_path / "v.npz", "--pooling", "mean")
    assert "2 vectors of 100 numbers" in said.out
    assert "mean of the tokens' vectors" in said.out
    assert "1 text cut: more than 128 tokens" in said.out
    assert "1 text left out: nothing but blanks" in said.out
    assert "2 of 2 texts" in said.err


@pytest.mark.parametrize(
    ("model", "out", "said"),
    [("next-word", "v.npz", "no vector of a whole text"), ("sentences", "v.docx", "cannot be saved as .docx"),
     ("sentences", "no/v.npz", "could not be kept")],
)  # fmt: skip
def test_refusals(embstudio: Command, tmp_path: Path, model: str, out: str, said: str) -> None:
    (tmp_path / "t.txt").write_text("the dog\n")
    answer = embstudio("embed", model, tmp_path / "t.txt", "--out", tmp_path / out)
    assert answer.status == 1
    assert said in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["t.txt"]


def test_a_wrong_batch_is_not_understood(embstudio: Command, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="2"):
        embstudio("embed", "sentences", tmp_path / "t.txt", "--out", tmp_path / "v.npz", "--batch", "0")


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C reaches a whole console there")
def test_ctrl_c_leaves_what_was_made_and_the_same_command_goes_on(embstudio: Command, tmp_path: Path) -> None:
    random, out = np.random.default_rng(1), tmp_path / "v.npz"
    lines = [" ".join(random.choice(["the", "dog", "runs", "in", "water"], 100)) for _ in range(16_000)]
    (tmp_path / "t.txt").write_text("\n".join(lines))
    command = [sys.executable, "-m", "embstudio", "embed", "sentences", str(tmp_path / "t.txt"), "--out", str(out)]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # where the tests run in the background it is not
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, text=True, env=dict(os.environ), preexec_fn=heard
    ) as process:
        assert process.stderr is not None
        assert "of 16,000 texts" in process.stderr.readline()  # the first tenth is there
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert "the same command goes on from there" in said
    part = tmp_path / "v.npz.part"
    assert part.exists()
    assert not out.exists()
    (tmp_path / "t.txt").write_text("\n".join([*lines[:-1], "another"]))
    assert "another input" in embstudio("embed", "sentences", tmp_path / "t.txt", "--out", out).err
    assert part.exists()
