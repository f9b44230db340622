"""The card of a model says what is in its file and what its card.toml says, counted here from the files themselves."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnx
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QWidget
from pytestqt.qtbot import QtBot
from tokenizers import Tokenizer

from embstudio.gui.model_card import ModelCard
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import bundled, find
from embstudio.studio import Studio
from tests.gui.conftest import OpenModel

NAMES = [source.name for source in bundled()]


def trained_numbers(path: Path) -> int:
    """Floating-point numbers in the file's initializers, single ones left out."""
    floats = (onnx.TensorProto.FLOAT, onnx.TensorProto.FLOAT16, onnx.TensorProto.DOUBLE)
    weights = [each for each in onnx.load(path).graph.initializer if each.data_type in floats and each.dims]
    return sum(int(np.prod(each.dims)) for each in weights)


def size(path: Path) -> str:
    """952 B, 1.3 kB, 12.3 MB: of the file."""
    written = path.stat().st_size
    for unit, name in ((1e6, "MB"), (1e3, "kB")):
        if written >= unit:
            return f"{written / unit:.1f} {name}"
    return f"{written} B"


@pytest.fixture
def card(qtbot: QtBot, theme: Theme) -> object:
    """card(studio) is the dialog for the open model."""

    def make(studio: Studio, parent: QWidget | None = None) -> ModelCard:
        dialog = ModelCard(studio, theme, parent)
        qtbot.addWidget(dialog)
        return dialog

    return make


def said(dialog: ModelCard) -> str:
    """All it says, white space made even."""
    return re.sub(r"\s+", " ", dialog.text.toPlainText())


@pytest.mark.usefixtures("silent")
@pytest.mark.parametrize("name", NAMES)
def test_what_is_said_of_the_file_is_counted_from_the_file(open_model: OpenModel, card: object, name: str) -> None:
    source = find(name)
    text = said(card(open_model(name)))  # type: ignore[operator]
    model = onnx.load(source.path)
    assert f"Parameters {trained_numbers(source.path):,} " in text
    tokenizer = Tokenizer.from_file(str(source.tokenizer))
    assert f"{tokenizer.get_vocab_size():,} entries" in text
    assert str(source.path) in text
    assert f" Size {size(source.path)} " in text
    version = next(each.version for each in model.opset_import if each.domain in ("", "ai.onnx"))
    assert f"ai.onnx {version}" in text
    assert "Not recognised" not in text
    assert ("Points not found" in text) == (name == "toy-attention")  # which has no MLP


@pytest.mark.parametrize("name", NAMES)
def test_everything_on_the_card_is_shown(open_model: OpenModel, card: object, name: str) -> None:
    text = said(card(open_model(name)))  # type: ignore[operator]
    known = find(name).card
    assert known is not None
    assert known.failures
    assert known.quality
    told = [known.title, known.summary, known.licence]
    told += [part for failure in known.failures for part in failure]
    told += [part for figure in known.quality for part in (figure.name, f"{figure.value:g}", figure.split, figure.note)]
    told += [entry[field] for entry in known.data for field in ("name", "licence")]
    told += [str(value) for value in known.training.values()]
    for part in told:
        assert re.sub(r"\s+", " ", part).strip() in text


def test_the_shape_of_each_kind_of_model(open_model: OpenModel, card: object) -> None:
    lstm = said(card(open_model("sentiment-lstm")))  # type: ignore[operator]
    node = next(node for node in onnx.load(find("sentiment-lstm").path).graph.node if node.op_type == "LSTM")
    units = next(each.i for each in node.attribute if each.name == "hidden_size")
    assert f"LSTM, forward, {units} units" in lstm
    assert "agrees with the plain model to" in lstm
    softmaxes = [n for n in onnx.load(find("next-word").path).graph.node if n.op_type == "Softmax"]
    decoder = said(card(open_model("next-word")))  # type: ignore[operator]
    assert f"Layers {len(softmaxes)} Heads 4 a layer" in decoder
    assert "Longest input 128 tokens" in decoder


def test_a_model_that_nobody_wrote_a_card_for(open_model: OpenModel, card: object, data: Path) -> None:
    path = data / "bert-ts-sdpa" / "model.onnx"
    text = said(card(open_model(path, "1 2 3")))  # type: ignore[operator]
    layers = sum(node.op_type == "Softmax" for node in onnx.load(path).graph.node)
    assert text.startswith("bert-ts-sdpa What is inside Kind transformer")
    assert f"Layers {layers} " in text
    assert f"Parameters {trained_numbers(path):,} " in text
    assert "none: the model takes token numbers" in text
    assert "Where it fails" not in text


def test_names_of_files_are_text_and_not_markup(open_model: OpenModel, card: object, tmp_path: Path) -> None:
    folder = tmp_path / "a <b>bold<b> & nasty"
    folder.mkdir()
    path = folder / "model.onnx"
    path.write_bytes(find("sentiment-rnn").path.read_bytes())
    text = said(card(open_model(path, "1 2 3")))  # type: ignore[operator]
    assert text.startswith("a <b>bold<b> & nasty What is inside")
    assert str(path) in text


def test_it_closes_by_its_button_and_by_escape(open_model: OpenModel, card: object, qtbot: QtBot) -> None:
    studio = open_model("sentiment-rnn")
    for close in ("button", "escape"):
        dialog = card(studio)  # type: ignore[operator]
        dialog.open()
        qtbot.waitUntil(dialog.isVisible)
        if close == "button":
            box = dialog.findChild(QDialogButtonBox)
            qtbot.mouseClick(box.button(QDialogButtonBox.StandardButton.Close), Qt.MouseButton.LeftButton)
        else:
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()


def test_it_grows_with_the_text(open_model: OpenModel, qapp: QApplication, theme: Theme, card: object) -> None:
    studio = open_model("sentiment-rnn")
    small = card(studio).size()  # type: ignore[operator]
    theme.apply("light", 1.5)
    assert card(studio).size() == small * 1.5  # type: ignore[operator]
