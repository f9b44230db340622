"""Choosing and writing words, with mouse and keyboard, on a model that continues text and one that fills gaps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from embstudio.formulas.sampling import Sampling, draw
from embstudio.gui.panels.prediction_panel import PredictionPanel
from embstudio.gui.panels.word_page import WordPage
from embstudio.gui.style.theme import Theme
from tests.masked_model import make_masked_model

pytestmark = pytest.mark.usefixtures("silent")

STORY = "Once upon a time there was a"


@pytest.fixture
def page(open_model: Callable, theme: Theme, show: Callable) -> WordPage:
    panel = PredictionPanel(open_model("next-word", STORY), theme)
    show(panel, 840, 300)
    panel.studio.cursor.move(token=len(panel.studio.trace) - 1)
    return panel.words


@pytest.fixture
def masked(data: Path, tmp_path: Path, open_model: Callable, theme: Theme, show: Callable) -> WordPage:
    panel = PredictionPanel(open_model(make_masked_model(data, tmp_path), "The dog was cute"), theme)
    show(panel, 840, 300)
    panel.studio.cursor.move(token=2)
    return panel.words


def ids(page: WordPage) -> list[int]:
    return [token.id for token in page.studio.trace.tokens]


def settings(page: WordPage, **values: float) -> None:
    for name, value in values.items():
        getattr(page.controls, name).setValue(value)


def test_bars_show_the_model_s_own_and_what_is_left(page: WordPage) -> None:
    own = [bar.probability for bar in page.bars.bars]
    assert all(bar.after is None for bar in page.bars.bars)
    settings(page, temperature=0.5, top_k=4, top_p=0.9, min_p=0.05)
    logits = page.studio.trace["logits"].values[page.studio.cursor.token]
    expected = Sampling(0.5, 4, 0.9, 0.05).of(logits)
    assert [bar.probability for bar in page.bars.bars] == own
    np.testing.assert_allclose([bar.after for bar in page.bars.bars], expected[list(page.listed)], rtol=1e-12)
    assert f"of {np.count_nonzero(expected)} word" in page.verdict.text()
    assert "cut" in page.bars.describe(9)
    page.controls.plain.click()
    assert all(bar.after is None for bar in page.bars.bars)
    assert page.controls.sampling == Sampling()
    assert not page.controls.plain.isEnabled()


def test_append_writes_the_likeliest_and_goes_on(qtbot: QtBot, page: WordPage) -> None:
    for _ in range(3):
        before, best = ids(page), page.listed[0]
        assert page.controls.best.text().startswith("Append")
        qtbot.mouseClick(page.controls.best, Qt.MouseButton.LeftButton)
        assert ids(page) == [*before, best]
        assert page.studio.cursor.token == len(before)
    page.controls.undo.click()
    assert len(ids(page)) == len(before)
    assert page.studio.cursor.token == len(before) - 1


def test_a_click_on_a_bar_writes_that_word(qtbot: QtBot, page: WordPage) -> None:
    before, third = ids(page), page.listed[2]
    qtbot.mouseClick(page.bars, Qt.MouseButton.LeftButton, pos=QPoint(60, int(2.5 * page.bars.row_height)))
    assert ids(page) == [*before, third]


def test_the_word_under_the_mouse_is_inspected(qtbot: QtBot, page: WordPage) -> None:
    qtbot.mouseMove(page.bars, QPoint(60, int(1.5 * page.bars.row_height)))
    probe = page.studio.probe
    assert probe is not None
    assert (probe.point, probe.index) == ("logits", (page.studio.cursor.token, page.listed[1]))


def test_the_keyboard_chooses_a_word(qtbot: QtBot, page: WordPage) -> None:
    before, second = ids(page), page.listed[1]
    page.bars.setFocus()
    qtbot.keyClick(page.bars, Qt.Key.Key_Down)
    qtbot.keyClick(page.bars, Qt.Key.Key_Return)
    assert ids(page) == [*before, second]


def test_the_same_seed_writes_the_same_text_again(page: WordPage) -> None:
    start = page.studio.sentence
    settings(page, temperature=1.3, seed=5)

    def written() -> list[int]:
        page.studio.type(start)
        page.studio.cursor.move(token=len(page.studio.trace) - 1)
        for _ in range(6):
            expected = draw(
                page.probabilities, np.random.default_rng((page.controls.seed.value(), len(ids(page)))).random()
            )
            page.controls.drawn.click()
            assert ids(page)[-1] == expected
        return ids(page)

    first = written()
    assert written() == first
    settings(page, seed=6)
    assert written() != first


def test_before_the_end_the_button_goes_there_and_bars_write_nothing(qtbot: QtBot, page: WordPage) -> None:
    page.studio.cursor.move(token=1)
    before = ids(page)
    qtbot.mouseClick(page.bars, Qt.MouseButton.LeftButton, pos=QPoint(60, 5))
    assert ids(page) == before
    assert not page.controls.drawn.isEnabled()
    assert "end" in page.controls.best.text()
    page.controls.best.click()
    assert ids(page) == before
    assert page.studio.cursor.token == len(before) - 1
    assert page.controls.drawn.isEnabled()


def test_a_mask_is_put_over_a_token_and_filled(qtbot: QtBot, masked: WordPage) -> None:
    page, studio = masked, masked.studio
    document = studio.document
    before = ids(page)
    mask = document.opened.tokenizer.mask
    assert document.word(mask) == "[MASK]"
    assert page.controls.masking.isVisible()
    qtbot.mouseClick(page.controls.masking, Qt.MouseButton.LeftButton)
    assert studio.sentence == "The [MASK] was cute"
    assert ids(page) == [*before[:2], mask, *before[3:]]
    assert studio.cursor.token == 2
    assert not page.controls.masking.isEnabled()
    # What the mask hides is found among the words, wherever it ranks.
    logits = studio.trace["logits"].values[2]
    rank = 1 + int((logits > logits[before[2]]).sum())
    (actual,) = [bar for bar in page.bars.bars if bar.actual]
    assert (actual.word, actual.rank) == ("dog", rank)
    assert "what the mask hides, ‘dog’" in page.verdict.text()
    # A click fills the gap.
    other = page.listed[1]
    qtbot.mouseClick(page.bars, Qt.MouseButton.LeftButton, pos=QPoint(60, int(1.5 * page.bars.row_height)))
    assert ids(page) == [*before[:2], other, *before[3:]]
    page.controls.undo.click()
    page.controls.undo.click()
    assert ids(page) == before
    assert studio.sentence == "The dog was cute"


def test_at_a_token_that_is_not_masked_it_stands_in_the_list_itself(masked: WordPage) -> None:
    (actual,) = [bar for bar in masked.bars.bars if bar.actual]
    assert actual.word == "dog"
    assert "stands there" in masked.bars.describe(masked.bars.bars.index(actual))
    assert masked.verdict.text().startswith("in place of ‘dog’")


def test_a_mask_that_was_typed_hides_nothing_known(masked: WordPage) -> None:
    masked.studio.type("the [MASK] ran")
    masked.studio.cursor.move(token=2)
    assert not any(bar.actual for bar in masked.bars.bars)
    masked.controls.best.click()
    assert masked.studio.sentence.startswith("the ")
    assert "[MASK]" not in masked.studio.sentence


@pytest.mark.zoo
def test_a_decoder_is_followed_token_by_token(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = PredictionPanel(open_model(zoo / "t5-full-ts-sdpa" / "model.onnx", "5 17 3 42"), theme)
    show(panel, 840, 300)
    page = panel.words
    for count in range(2, 5):
        best = page.listed[0]
        page.controls.best.click()
        assert [token.id for token in panel.studio.trace.target][-1] == best
        assert page.at.value() == count
    page.at.setValue(2)
    logits = panel.studio.trace["logits"].values[1]
    assert page.listed[0] == int(logits.argmax())
    assert "end" in page.controls.best.text()
