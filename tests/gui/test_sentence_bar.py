"""The second field of the sentence bar: there for models that read two texts, and what is typed there is run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from embstudio.gui.sentence_bar import SentenceBar
from embstudio.session.messages import TraceRequest
from tests.gui.conftest import OpenStudio

pytestmark = pytest.mark.usefixtures("silent")


def bar(studio: OpenStudio, show: Callable) -> SentenceBar:
    widget = SentenceBar(studio, ())
    show(widget, 900, 40)
    return widget


def typed(qtbot: QtBot, studio: OpenStudio, widget: SentenceBar, words: str) -> TraceRequest:
    """The request that comes of typing into the second field."""
    before = len(studio.asked)
    qtbot.keyClicks(widget.second, words)
    qtbot.waitUntil(lambda: len(studio.asked) > before and studio.second == words)
    request = studio.asked[-1]
    assert isinstance(request, TraceRequest)
    return request


def test_a_model_of_one_text_has_no_second_field(open_model: Callable, show: Callable) -> None:
    widget = bar(open_model("sentiment-lstm", "fine"), show)
    assert not widget.second.isVisible()
    assert not widget.second_name.isVisible()


def test_the_second_sentence_of_a_pair(open_model: Callable, show: Callable, qtbot: QtBot, data: Path) -> None:
    studio = open_model(data / "bert-ts-sdpa" / "model.onnx", "5 17 8")
    widget = bar(studio, show)
    assert widget.second.isVisible()
    assert widget.second.accessibleName() == widget.second_name.text() == "Second sentence"
    request = typed(qtbot, studio, widget, "9 4")
    assert (request.ids, request.second_ids) == ((5, 17, 8), (9, 4))
    assert [token.segment for token in studio.trace.tokens] == [0, 0, 0, 1, 1]
    studio.type("6 6")  # the second text stays when the first changes
    assert [token.id for token in studio.trace.tokens] == [6, 6, 9, 4]


def test_another_sort_of_model_starts_without_it(open_model: Callable, show: Callable, data: Path) -> None:
    studio = open_model(data / "bert-ts-sdpa" / "model.onnx", "5 17 8")
    widget = bar(studio, show)
    studio.type_second("9 4")
    assert widget.second.text() == "9 4"
    studio.open("sentiment-lstm")
    assert studio.second == ""
    assert not widget.second.isVisible()


@pytest.mark.zoo
def test_what_a_decoder_has_written(open_model: Callable, show: Callable, qtbot: QtBot, zoo: Path) -> None:
    studio = open_model(zoo / "t5-full-ts-sdpa" / "model.onnx", "5 17 8")
    widget = bar(studio, show)
    assert widget.second_name.text() == "Decoder"
    assert [token.id for token in studio.trace.target] == [0]
    typed(qtbot, studio, widget, "0 9")
    assert [token.id for token in studio.trace.target] == [0, 9]
    assert studio.trace["decoder.blocks.1.cross_attn.pattern"].shape[1:] == (2, 3)


@pytest.mark.zoo
def test_a_note_is_said_once_and_not_at_each_keystroke(open_model: Callable, zoo: Path) -> None:
    studio = open_model(zoo / "t5-full-ts-sdpa" / "model.onnx", "5 17 8")
    said: list[str] = []
    studio.noticed.connect(lambda notice: said.append(notice.text))
    studio.type("5 17 8 9")
    assert studio.trace.notes
    assert said == []
    studio.type_second("0 4")
    studio.type_second("")
    assert len(said) == 1
    assert "start token" in said[0]
