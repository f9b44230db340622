"""A name, a file or a folder becomes a model to open."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.base import paths
from embstudio.base.errors import ModelFileError
from embstudio.modelfile.catalogue import ModelSource, added, bundled, find


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "mine" / "model.onnx"
    path.parent.mkdir()
    path.touch()
    return path


def test_all_model_folders_are_bundled_newcomers_first() -> None:
    sources = bundled()
    on_disk = {path.parent.name for path in paths.models_dir().glob("*/model.onnx")}
    assert {source.name for source in sources} == on_disk
    assert [source.name for source in sources] == [
        "sentiment-lstm", "sentiment-gru", "sentiment-rnn", "sentiment-transformer", "next-word", "next-word-shared",
        "masked-word", "sentences", "words", "words-counted", "toy-rnn", "toy-lstm", "toy-attention",
    ]  # fmt: skip


@pytest.mark.parametrize("source", bundled(), ids=lambda source: source.name)
def test_each_is_found_by_its_name_and_complete(source: ModelSource) -> None:
    assert find(source.name) == source
    assert source.path.is_file()
    assert source.tokenizer is not None
    assert source.tokenizer.is_file()
    assert source.card is not None
    assert source.title == source.card.title


@pytest.mark.parametrize("contents", [None, 'kind = "toy"', "title = ", "\0"])
def test_a_model_with_a_damaged_card_is_listed_and_its_fault_told(tmp_path: Path, contents: str | None) -> None:
    (tmp_path / "model.onnx").touch()
    if contents is not None:
        (tmp_path / "card.toml").write_text(contents)
    source = ModelSource(tmp_path / "model.onnx", None, "toy-rnn")
    assert source.card is None
    assert source.title == tmp_path.name
    assert source.card_fault is not None
    assert str(tmp_path / "card.toml") in str(source.card_fault)
    assert find("toy-rnn").card_fault is None


def test_a_file(model: Path) -> None:
    other = model.rename(model.with_name("tiny.onnx"))
    source = find(str(other))
    assert source == ModelSource(other)
    assert (source.title, source.card, source.tokenizer) == ("tiny", None, None)


def test_a_folder(model: Path) -> None:
    source = find(str(model.parent))
    assert source.path == model
    assert source.title == "mine"  # model.onnx says nothing


def test_a_folder_as_hubs_lay_it_out(model: Path) -> None:
    folder = model.parent
    (folder / "onnx").mkdir()
    inner = model.rename(folder / "onnx" / "model.onnx")
    assert find(str(folder)).path == inner
    model.touch()
    assert find(str(folder)).path == model


def test_a_path_from_home(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(model.parent.parent))
    monkeypatch.setenv("USERPROFILE", str(model.parent.parent))
    assert find("~/mine").path == model


def test_a_card_beside_ones_own_file_is_not_taken_for_ours(model: Path) -> None:
    (model.parent / "card.toml").write_text("title = 'A name that is not ours'")
    assert find(str(model)).card is None


@pytest.mark.parametrize("missing", ["no/such.onnx", "sentiment-lstm-2", "", ".", "~"])
def test_what_is_not_there_is_said_with_what_is(missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(ModelFileError) as caught:
        find(missing)
    assert caught.value.where == missing
    assert all(source.name in caught.value.advice for source in bundled())


@pytest.mark.parametrize("impossible", ["x" * 5000, "~nobody-of-this-name/model.onnx", "a\x00b"])
def test_a_name_that_no_file_can_have_is_said(impossible: str) -> None:
    with pytest.raises(ModelFileError) as caught:
        find(impossible)
    assert caught.value.where == impossible
    assert caught.value.advice


def test_added_models_are_found_by_name_once_they_are_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "user_models_dir", lambda: tmp_path / "models")
    assert added() == ()
    for name in ("minilm", ".minilm-half-made"):
        folder = tmp_path / "models" / name
        folder.mkdir(parents=True)
        (folder / "model.onnx").touch()
        (folder / "tokenizer.json").touch()
        before = added()
        (folder / "card.toml").touch()
        assert name not in [source.name for source in before]
    assert [source.name for source in added()] == ["minilm"]
    assert find("minilm").path == tmp_path / "models" / "minilm" / "model.onnx"


def test_a_folder_without_a_model_is_said_to_be_that(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("no model")
    with pytest.raises(ModelFileError, match=r"no \.onnx file in this folder"):
        find(str(tmp_path))
