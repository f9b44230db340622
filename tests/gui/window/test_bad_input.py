"""Whatever is opened or typed: a clear message, the window alive, the model and sentence of before kept."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper
from PySide6.QtWidgets import QMessageBox
from pytestqt.qtbot import QtBot

from embstudio.gui.program import Program
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource
from embstudio.studio import Notice, Severity
from tests.gui.window.conftest import OpenProgram


def write_pdf(folder: Path) -> Path:
    path = folder / "report.onnx"
    path.write_bytes(b"%PDF-1.7\n" + bytes(range(256)) * 20)
    return path


def write_truncated(folder: Path) -> Path:
    whole = catalogue.bundled()[0].path.read_bytes()
    path = folder / "truncated.onnx"
    path.write_bytes(whole[: len(whole) // 2])
    return path


def write_empty(folder: Path) -> Path:
    path = folder / "empty.onnx"
    path.touch()
    return path


def write_unfeedable(folder: Path) -> Path:
    """A sound model whose input no text can fill: a picture of 3 × 8 × 8."""
    graph = helper.make_graph(
        [helper.make_node("Relu", ["pixels"], ["out"])], "picture",
        [helper.make_tensor_value_info("pixels", TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, [1, 3, 8, 8])],
    )  # fmt: skip
    path = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), path)
    (folder / "tokenizer.json").write_bytes(catalogue.bundled()[0].tokenizer.read_bytes())  # type: ignore[union-attr]
    return path


def write_broken_tokenizer(folder: Path) -> Path:
    path = folder / "model.onnx"
    path.write_bytes(catalogue.bundled()[0].path.read_bytes())
    (folder / "tokenizer.json").write_text('{"hello": 1}')
    return path


@pytest.mark.parametrize("write", [write_pdf, write_truncated, write_empty, write_unfeedable, write_broken_tokenizer])
def test_a_model_that_cannot_be_opened_leaves_everything_in_place(
    program: Program, qtbot: QtBot, notices: list[Notice], tmp_path: Path, write: Callable[[Path], Path]
) -> None:
    studio = program.studio
    document, trace, sentence = studio.document, studio.trace, studio.sentence
    studio.open(str(write(tmp_path)))
    qtbot.waitUntil(lambda: any(n.severity is Severity.ERROR for n in notices))
    error = next(n for n in notices if n.severity is Severity.ERROR)
    assert error.text
    assert error.advice
    assert "Traceback" not in error.text
    assert program.window.notice.isVisible()
    assert (studio.document, studio.trace, studio.sentence) == (document, trace, sentence)
    assert not studio.busy
    studio.type("still alive")
    qtbot.waitUntil(lambda: studio.trace.text == "still alive")  # type: ignore[union-attr]
    assert not program.window.notice.isVisible()


def test_a_missing_file_is_said_and_nothing_changes(program: Program, notices: list[Notice]) -> None:
    document = program.studio.document
    program.studio.open("no/such/model.onnx")
    assert notices[-1].severity is Severity.ERROR
    assert "no/such/model.onnx" in notices[-1].text
    assert program.studio.document is document


def test_a_start_on_a_file_that_is_gone_opens_another_model_and_says_why(open_program: OpenProgram) -> None:
    program = open_program("no/such/model.onnx")
    assert program.studio.document is not None
    assert program.studio.document.source == catalogue.bundled()[0]
    assert program.window.notice.isVisible()
    assert "no/such/model.onnx" in program.window.notice.accessibleDescription()


def test_a_model_without_a_tokenizer_asks_and_takes_numbers(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    lonely = tmp_path / "lonely.onnx"
    lonely.write_bytes(catalogue.find("sentiment-lstm").path.read_bytes())
    studio = program.studio
    studio.open(str(lonely))
    qtbot.waitUntil(lambda: program.window.findChild(QMessageBox, "askTokenizer") is not None)
    question = program.window.findChild(QMessageBox, "askTokenizer")
    next(button for button in question.buttons() if button.text() == "Use token numbers").click()
    qtbot.waitUntil(lambda: studio.document.source.path == lonely and not studio.busy)  # type: ignore[union-attr]
    studio.type("5 12 7")
    qtbot.waitUntil(lambda: [t.id for t in studio.trace.tokens] == [5, 12, 7])  # type: ignore[union-attr]


def test_who_starts_with_numbers_is_not_asked_for_a_tokenizer(open_program: OpenProgram, tmp_path: Path) -> None:
    lonely = tmp_path / "lonely.onnx"
    lonely.write_bytes(catalogue.find("sentiment-lstm").path.read_bytes())
    program = open_program(str(lonely), "5 12 7")
    assert [token.id for token in program.studio.trace.tokens] == [5, 12, 7]  # type: ignore[union-attr]
    assert program.window.findChild(QMessageBox, "askTokenizer") is None


def test_a_model_without_a_tokenizer_takes_the_one_it_is_given(program: Program, qtbot: QtBot, tmp_path: Path) -> None:
    own = catalogue.find("sentiment-lstm")
    lonely = tmp_path / "lonely.onnx"
    lonely.write_bytes(own.path.read_bytes())
    program.studio.open_with_tokenizer(ModelSource(lonely), own.tokenizer)
    studio = program.studio
    qtbot.waitUntil(lambda: studio.document.source.path == lonely)  # type: ignore[union-attr]
    assert studio.document.opened.tokenizer.path == own.tokenizer  # type: ignore[union-attr]


def test_the_tokenizer_of_another_model_is_noticed_or_harmless(
    program: Program, qtbot: QtBot, notices: list[Notice], tmp_path: Path
) -> None:
    """Its ids can lie outside the table: then it is said, and nothing is lost."""
    own = tmp_path / "small.onnx"
    table = onnx.numpy_helper.from_array(np.ones((4, 3), np.float32), "table")
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "input_ids"], ["out"])], "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "pos"])],
        [helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", "pos", 3])], [table],
    )  # fmt: skip
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), own)
    studio = program.studio
    document = studio.document
    studio.open_with_tokenizer(ModelSource(own), catalogue.find("next-word").tokenizer)
    qtbot.waitUntil(lambda: any(n.severity is Severity.ERROR for n in notices))
    assert studio.document is document


def test_the_tokenizer_of_another_model_that_happens_to_run_is_doubted_aloud(
    program: Program, qtbot: QtBot, notices: list[Notice]
) -> None:
    own, other = catalogue.find("sentiment-rnn"), catalogue.find("next-word")
    program.studio.open_with_tokenizer(ModelSource(own.path), other.tokenizer)
    qtbot.waitUntil(lambda: any("may belong to another model" in n.text for n in notices))
    assert program.window.notice.isVisible()
    assert "another model" in program.window.notice.accessibleDescription()


TEXTS = {
    "unknown characters": "qzxv ꙮ ᚠᛇᚻ ☃",
    "emoji": "I 💛 it 👩‍👩‍👧‍👦 🇫🇷",
    "right to left": "הכלב היה חמוד والكلب لطيف",
    "control characters": "tab\there\x00null",
    "one letter": "x",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
@pytest.mark.parametrize("model", ["sentiment-lstm", "next-word"])
def test_any_text_is_stepped_through(program: Program, qtbot: QtBot, model: str, text: str) -> None:
    studio = program.studio
    studio.open(model)
    qtbot.waitUntil(lambda: studio.document.source.name == model and not studio.busy)  # type: ignore[union-attr]
    studio.type(text)
    qtbot.waitUntil(lambda: studio.trace.text == text)  # type: ignore[union-attr]
    for array in studio.trace.arrays.values():  # type: ignore[union-attr]
        assert not np.isnan(array.values).any()


def test_empty_text_keeps_the_last_trace_and_says_what_to_do(
    program: Program, qtbot: QtBot, notices: list[Notice]
) -> None:
    trace = program.studio.trace
    program.window.sentence.field.clear()
    qtbot.keyClicks(program.window.sentence.field, "  ")
    qtbot.waitUntil(lambda: bool(notices))
    assert "Type a sentence" in notices[-1].text
    assert program.studio.trace is trace


@pytest.mark.parametrize("model", ["sentiment-lstm", "next-word"])
def test_ten_thousand_words_are_read_or_cut_with_a_word_about_it(
    program: Program, qtbot: QtBot, notices: list[Notice], model: str
) -> None:
    studio = program.studio
    studio.open(model)
    qtbot.waitUntil(lambda: studio.document.source.name == model and not studio.busy)  # type: ignore[union-attr]
    text = "the dog was cute " * 2500
    studio.type(text)
    qtbot.waitUntil(lambda: studio.trace.text == text)  # type: ignore[union-attr]
    if len(studio.trace) < 10_000:  # type: ignore[arg-type]
        assert any(n.severity is Severity.WARNING and str(len(studio.trace)) in n.text for n in notices)  # type: ignore[arg-type]
    program.window.transport.last.trigger()
    assert studio.cursor.token == len(studio.trace) - 1  # type: ignore[arg-type]


def test_a_worker_that_is_killed_is_replaced_and_the_request_repeated(
    program: Program, qtbot: QtBot, notices: list[Notice]
) -> None:
    pid = program.background.worker_pid
    assert pid
    os.kill(pid, signal.SIGKILL)
    program.studio.type("back again")
    qtbot.waitUntil(lambda: program.studio.trace.text == "back again")  # type: ignore[union-attr]
    assert any("worker" in n.text or "process" in n.text for n in notices)
