"""The Gradient panel: its numbers against products of Jacobians worked out here and PyTorch's autograd, and its use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QLabel, QSlider, QWidget
from pytestqt.qtbot import QtBot

from embstudio.base.paths import models_dir
from embstudio.gui.panels import gradient_panel
from embstudio.gui.panels.gradient.page import GradientPage
from embstudio.gui.panels.gradient.steps_page import NO_STEPS
from embstudio.gui.panels.gradient.words_page import NO_SCORE
from embstudio.gui.panels.gradient_panel import NOTHING, GradientPanel
from embstudio.gui.plots.value_table import ValueTable
from embstudio.gui.style.numbers import four
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import ModelSource
from embstudio.session.messages import GradientRequest, Gradients, Request
from embstudio.session.runner import Runner
from embstudio.studio import Studio
from tests.gui.conftest import OpenStudio

pytestmark = pytest.mark.usefixtures("silent")

NOTED = "The dog that I adopted from the pound five years ago won the pet competition."
DOG, WON = 1, 11
BACK, STEPS, WORDS = range(3)


@pytest.fixture
def rnn(open_model: Callable, theme: Theme, show: Callable) -> GradientPanel:
    return opened(open_model, theme, show, "sentiment-rnn")


@pytest.fixture
def lstm(open_model: Callable, theme: Theme, show: Callable) -> GradientPanel:
    return opened(open_model, theme, show, "sentiment-lstm")


def opened(
    open_model: Callable, theme: Theme, show: Callable, model: str | Path, text: str = NOTED, token: int = WON
) -> GradientPanel:
    panel = GradientPanel(open_model(model, text), theme)
    show(panel, 1100, 600)
    panel.studio.cursor.move(token=token)
    panel._pause.timeout.emit()  # two steps in the same moment are asked for after a pause
    return panel


def choose(box: QComboBox, text: str) -> None:
    """Choose an item as a person does."""
    place = box.findText(text)
    assert place >= 0, [box.itemText(at) for at in range(box.count())]
    box.setCurrentIndex(place)
    box.activated.emit(place)


def page(panel: GradientPanel, place: int) -> GradientPage:
    panel.header.pages.setCurrentIndex(place)
    return panel.page


def column(table: ValueTable, title: str) -> list[str]:
    """A column of a table of numbers, as it is written."""
    model = table.lines
    titles = [model.headerData(at, Qt.Orientation.Horizontal) for at in range(model.columnCount())]
    place = titles.index(title)
    return [str(model.index(row, place).data()) for row in range(model.rowCount())]


class PlainRnn:
    """The bundled RNN by its stored weights, in float64: h = tanh(W x + R h₋₁ + b), scores = V h + d."""

    def __init__(self, panel: GradientPanel) -> None:
        graph = onnx.load(models_dir() / "sentiment-rnn" / "model.onnx").graph
        stored = {each.name: numpy_helper.to_array(each).astype(np.float64) for each in graph.initializer}
        (node,) = [node for node in graph.node if node.op_type == "RNN"]
        self.W, self.R = stored[node.input[1]][0], stored[node.input[2]][0]
        (self.V,) = (each for each in stored.values() if each.shape in ((2, 64), (64, 2)))
        self.V = self.V if self.V.shape == (2, 64) else self.V.T
        trace = panel.studio.trace
        self.h = trace["rnn.0.forward.h"].values.astype(np.float64)
        self.x = trace["embed"].values.astype(np.float64)

    def slope(self, at: int) -> np.ndarray:
        return 1 - self.h[at] ** 2

    def step(self, at: int) -> np.ndarray:
        """∂h_t / ∂h_t₋₁"""
        return self.slope(at)[:, None] * self.R

    def jacobian(self, last: int, at: int) -> np.ndarray:
        """∂h_T / ∂h_t"""
        product = np.eye(len(self.R))
        for step in range(at + 1, last + 1):
            product = self.step(step) @ product
        return product

    def saliency(self, output: int, last: int, at: int) -> np.ndarray:
        """∂y / ∂x_t"""
        return self.V[output] @ self.jacobian(last, at) @ (self.slope(at)[:, None] * self.W)


# How far back ------------------------------------------------------------------------------------------------------


def test_the_curves_are_the_norms_of_the_product_of_jacobians(rnn: GradientPanel) -> None:
    model, back = PlainRnn(rnn), rnn.back_page
    rnn.header.numbers.click()
    choose(back.scale.box, "absolute")
    norms = [four(float(np.linalg.norm(model.jacobian(WON, at)))) for at in range(WON + 1)]
    assert column(back.table, "h") == norms + [""] * 4  # what is read after T has no share in it
    choose(back.how.box, "most")
    most = [four(float(np.linalg.norm(model.jacobian(WON, at), 2))) for at in range(WON + 1)]
    assert column(back.table, "h")[: WON + 1] == most
    choose(back.scale.box, "share of T−1")
    shares = [four(np.linalg.norm(model.jacobian(WON, at), 2) / np.linalg.norm(model.jacobian(WON, WON - 1), 2))
              for at in range(WON + 1)]  # fmt: skip
    assert column(back.table, "h")[: WON + 1] == shares


def test_a_share_is_the_mean_over_all_directions(rnn: GradientPanel) -> None:
    jacobian = PlainRnn(rnn).jacobian(WON, DOG)
    random = np.random.default_rng(0).normal(size=(len(jacobian), 200_000))
    left = np.linalg.norm(jacobian @ random, axis=0) ** 2 / np.linalg.norm(random, axis=0) ** 2
    told = rnn.header.telling.text()
    assert told.startswith("of a change at ‘dog’, 10 steps before, arrives at ‘won’: h ")
    assert float(told.split(": h ")[1].split(" %")[0]) == pytest.approx(100 * np.sqrt(left.mean()), rel=0.01)
    each = (np.linalg.norm(jacobian) / 8) ** 0.1  # of 64 units, over 10 steps
    assert f"as if each step kept {each:.3g}" in told


def test_the_noted_powers(rnn: GradientPanel) -> None:
    strip = rnn.back_page.strip
    assert strip.readout.text() == "0.8 over 10 steps: 0.1074"
    assert "plain 0.8ᵏ 10.7 %" in rnn.header.telling.text()
    strip.steps_box.setValue(13)
    assert strip.readout.text() == "0.8 over 13 steps: 0.05498"
    assert "13 steps from ‘won’ go beyond the text" in rnn.header.telling.text()
    rnn.studio.cursor.move(token=14)  # where the notes have ‘won’
    rnn._pause.timeout.emit()
    assert "at ‘dog’, 13 steps before, arrives at ‘competition’" in rnn.header.telling.text()
    assert "plain 0.8ᵏ 5.5 %" in rnn.header.telling.text()
    strip.w_slider.setValue(1200)
    assert strip.w_box.value() == 1.2
    assert strip.readout.text() == f"1.2 over 13 steps: {four(1.2**13)}"
    assert f"plain 1.2ᵏ {1.2**13:.3g} times" in rnn.header.telling.text()
    (line,) = [each.curve for each in rnn.back_page.drawn if each.curve.role == "power"]
    assert 10 ** line.value_at(4) == pytest.approx(1.2**10)
    strip.shown.click()
    assert not [each for each in rnn.back_page.drawn if each.curve.role == "power"]


def test_a_click_chooses_the_token_that_is_looked_back_from(rnn: GradientPanel, qtbot: QtBot) -> None:
    plot = rnn.back_page.plot
    at = QPoint(round(plot.centre(5)), plot.height() // 2)
    rnn._since.invalidate()
    qtbot.mouseClick(plot, Qt.MouseButton.LeftButton, pos=at)
    assert rnn.studio.cursor.token == 5
    assert rnn.scene.last == 5
    axis = rnn.back_page.axis.axis
    rnn._since.invalidate()
    qtbot.mouseClick(axis, Qt.MouseButton.LeftButton, pos=QPoint(round(axis.columns.centre(8)), 6))
    assert rnn.scene.last == 8


def test_a_kept_token_stays_while_the_cursor_tells_of_others(rnn: GradientPanel) -> None:
    asked = len(rnn.studio.asked)
    rnn.header.keep.click()
    assert "Kept: T = ‘won’" in rnn.header.keep.text()
    for token, word in ((3, "I"), (9, "years"), (10, "ago")):
        rnn.studio.cursor.move(token=token)
        steps = WON - token
        words = "step" if steps == 1 else "steps"
        assert rnn.header.telling.text().startswith(f"of a change at ‘{word}’, {steps} {words} before")
        assert rnn.back_page.strip.steps == steps
    assert rnn.scene.last == WON
    assert len(rnn.studio.asked) == asked  # nothing has to be worked out for it
    rnn.studio.cursor.move(token=13)
    assert rnn.header.telling.text() == "‘pet’ is read after ‘won’: nothing of it can arrive there"
    rnn._since.invalidate()
    rnn.header.keep.click()
    assert rnn.scene.last == 13


def test_pointing_tells_of_a_token_and_each_curve(lstm: GradientPanel, qtbot: QtBot) -> None:
    plot = lstm.back_page.plot
    before = lstm.header.telling.text()
    qtbot.mouseMove(plot, QPoint(round(plot.centre(7)), plot.height() // 2))
    qtbot.waitUntil(lambda: lstm.header.telling.text() != before)
    assert lstm.header.telling.text().startswith("of a change at ‘pound’, 4 steps before, arrives at ‘won’: h ")
    tip = plot.tooltip_of((7,)).splitlines()
    assert tip[0] == "‘pound’ (token 8) → ‘won’ (token 12)"
    assert [line.partition(":")[0] for line in tip[1:]] == [
        "h, ∂lstm.0.forward.h", "c, ∂lstm.0.forward.c", "plain curve 0.8ᵏ",
    ]  # fmt: skip


def test_the_memory_of_an_lstm_keeps_more_than_its_state(lstm: GradientPanel) -> None:
    curves = {each.curve.label: each.curve for each in lstm.back_page.drawn}
    assert set(curves) == {"h", "c", "0.8ᵏ"}
    assert curves["c"].value_at(DOG) > curves["h"].value_at(DOG) + 0.5


def test_the_whole_model_by_its_words_and_what_is_nothing(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = opened(open_model, theme, show, "next-word", token=8)
    back = panel.back_page
    panel.header.numbers.click()
    assert back.what.box.count() == 1  # a transformer has no states
    values = column(back.table, "transformer")
    assert values[9:] == ["nothing"] * (len(values) - 9)  # it cannot look ahead
    assert values[8] == "1.000"
    assert all(float(value) > 0 for value in values[:8])
    assert "v = blocks.11.resid_post" in panel.note.text()
    assert "float64" in panel.note.text()
    assert "nothing" in back.plot.tooltip_of((10,))
    told, label = panel.header.telling.text(), panel.scene.labels[8]
    assert told.startswith(
        f"beside a change at ‘{label}’ itself, one at ‘{panel.scene.labels[0]}’, 8 steps before, counts: "
    )


def test_other_models_stand_beside_it_where_their_tokens_do(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = opened(open_model, theme, show, "sentiment-lstm")
    panel.studio.companions.add("sentiment-rnn")
    panel.studio.companions.add("next-word")
    choose(panel.back_page.what.box, "words")
    curves = {each.curve.label: each.curve for each in panel.back_page.drawn}
    assert list(curves) == ["LSTM", "RNN", "transformer", "0.8ᵏ"]
    (member,) = [each for each in panel.studio.companions.members if each.source.name == "next-word"]
    pieces = [token.text.strip() for token in member.trace.tokens]
    assert pieces[4:7] == ["ad", "op", "ted"]  # one token of the LSTM
    request = GradientRequest(member.opened.model, member.ran, pieces.index("won"))
    reached = Runner.open(member.opened.model).gradients(request).reached
    theirs = curves["transformer"]
    assert theirs.value_at(DOG) == pytest.approx(reached[1] - reached[request.token])
    assert theirs.value_at(4) == pytest.approx(max(reached[4:7]) - reached[request.token])
    assert theirs.value_at(WON) == 0
    for member in panel.studio.companions.members:
        panel.studio.companions.remove(member)
    assert [each.curve.label for each in panel.back_page.drawn] == ["LSTM", "0.8ᵏ"]


# Steps -------------------------------------------------------------------------------------------------------------


def test_the_steps_and_their_product_above_the_whole(rnn: GradientPanel) -> None:
    model = PlainRnn(rnn)
    steps = page(rnn, STEPS)
    rnn.header.numbers.click()
    sizes = [float(np.linalg.norm(model.step(at), 2)) for at in range(1, WON + 1)]
    assert column(steps.table, "h step") == ["", *map(four, sizes), *[""] * 4]
    products = [float(np.prod(sizes[at:])) for at in range(WON + 1)]
    assert column(steps.table, "h product")[: WON + 1] == [four(each) for each in products]
    whole = [float(np.linalg.norm(model.jacobian(WON, at), 2)) for at in range(WON + 1)]
    assert column(steps.table, "h")[: WON + 1] == [four(each) for each in whole]
    assert all(product >= one for product, one in zip(products, whole, strict=True))
    assert rnn.header.telling.text() == f"the step to ‘won’: h {four(sizes[-1])} (stretches)"
    assert "upper bound" in rnn.note.text()


def test_of_an_lstm_no_bound_is_claimed(lstm: GradientPanel) -> None:
    page(lstm, STEPS)
    assert "not even a bound" in lstm.note.text()
    assert "h " in lstm.header.telling.text()
    assert "c " in lstm.header.telling.text()


# Which words -------------------------------------------------------------------------------------------------------


def test_the_saliency_of_each_class(rnn: GradientPanel) -> None:
    model, words = PlainRnn(rnn), page(rnn, WORDS)
    logits = rnn.studio.trace["logits"].values[WON]
    names = rnn.studio.document.labels
    assert words.choice.box.currentText() == f"highest: {names[int(logits.argmax())]}"
    rnn.header.numbers.click()
    for name in names:
        choose(words.choice.box, name)
        output = names.index(name)
        rows = [model.saliency(output, WON, at) for at in range(WON + 1)]
        assert column(words.table, "‖∂y/∂x‖") == [*(four(float(np.linalg.norm(row))) for row in rows), *["0"] * 4]
        pushes = [float(row @ model.x[at]) for at, row in enumerate(rows)]
        for told, push in zip(column(words.table, "gradient × input"), pushes, strict=False):
            assert float(told.replace("−", "-")) == pytest.approx(push, rel=1e-3)
        most = max(range(WON + 1), key=lambda at: pushes[at])
        word = rnn.scene.labels[most]
        assert rnn.header.telling.text().startswith(
            f"score of ‘{name}’ at ‘won’ {four(float(rnn.scene.own.answer.score))}: for it ‘{word}’ +"
        )
        assert rnn.scene.own.answer.score == pytest.approx(float(logits[output]), abs=1e-5)


def test_a_word_is_chosen_or_typed(open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot) -> None:
    panel = opened(open_model, theme, show, "next-word", "Once upon a time there was a little girl", token=7)
    words = page(panel, WORDS)
    document, scores = panel.studio.document, panel.studio.trace["logits"].values[7]
    best = int(scores.argmax())
    assert panel.scene.own.answer.output == best
    assert words.choice.box.currentText() == f"highest: {document.word(best).strip()}"
    assert words.choice.box.itemData(1) == best
    line = words.choice.box.lineEdit()
    for typed in ("dragon", "#77"):
        panel._since.invalidate()
        line.setText(typed)
        qtbot.keyClick(line, Qt.Key.Key_Return)
        entry = 77 if typed == "#77" else document.vocabulary.index(" " + typed)
        assert panel.scene.own.answer.output == entry
        assert panel.scene.own.answer.score == pytest.approx(float(scores[entry]), abs=1e-4)
        assert f"score of ‘{document.word(entry).strip()}’" in panel.header.telling.text()
    line.setText("zzgrmpf")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert "‘zzgrmpf’ is not one entry of the vocabulary" in panel.header.telling.text()
    choose(words.choice.box, "highest")
    assert panel.scene.own.answer.output == best
    assert "nothing; the score does not hang on it" in words.describe(8)


def test_the_text_is_tinted_and_a_click_goes_there(rnn: GradientPanel, qtbot: QtBot, pixel: Callable) -> None:
    words = page(rnn, WORDS)
    pushed = words.pushed
    most = int(np.argmax(np.abs(pushed)))
    patch = words.text.rect_of(most)
    at = QPointF(patch.left() + 3, patch.center().y())
    red, _green, blue = pixel(words.text, at)
    assert (red > blue) == (pushed[most] > 0)  # red pushes up, blue down
    qtbot.mouseClick(words.text.viewport(), Qt.MouseButton.LeftButton, pos=words.text.rect_of(4).center().toPoint())
    assert rnn.studio.cursor.token == 4


# Against autograd --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn"])
def test_as_pytorch_has_it(name: str, data: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    stored = np.load(data / "exact-gradients" / f"{name}.npz")
    ids, last = stored["input_ids"].ravel().tolist(), int(stored["token"])
    text = " ".join(map(str, ids))
    panel = opened(open_model, theme, show, data / "exact-gradients" / f"{name}.onnx", text, last)
    choose(panel.back_page.what.box, "words")
    choose(panel.back_page.scale.box, "absolute")
    (curve,) = [each.curve for each in panel.back_page.drawn if each.curve.role == "reached"]
    np.testing.assert_allclose(10**curve.values, stored["norms"], rtol=1e-5, atol=1e-12)
    words = page(panel, WORDS)
    np.testing.assert_allclose(words.norms, np.linalg.norm(stored["saliency"], axis=-1), rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_layers_and_both_directions(name: str, data: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = opened(open_model, theme, show, data / "exact-gradients" / f"{name}.onnx", "3 14 15 9 2 6", 3)
    back = panel.back_page
    states = 2 if name == "lstm" else 1
    assert back.layer.box.currentText() == f"{name} 0"  # both directions: all at once are too many
    assert len(back.drawn) == 2 * states + 1
    choose(back.layer.box, "all")
    assert len(back.drawn) == 4 * states + 1
    choose(back.layer.box, f"{name} 0 reverse ←")
    panel.studio.cursor.move(layer=1)
    assert back.layer.box.currentText() == f"{name} 1 reverse ←"
    assert len(back.drawn) == states + 1
    (curve, *_) = [each.curve for each in back.drawn]
    assert curve.label == "h layer 1 ←"
    assert np.isnan(curve.values[:3]).all()
    assert np.isfinite(curve.values[3:]).all()
    assert back.told == 5  # it looks ahead: the distance goes the other way
    steps = page(panel, STEPS)
    choose(steps.layer.box, f"{name} 0 reverse ←")
    assert panel.studio.cursor.layer == 0
    assert np.isnan(steps.drawn[0].curve.values[5])  # read first
    assert np.isfinite(steps.drawn[0].curve.values[3:5]).all()


# When it asks ------------------------------------------------------------------------------------------------------


def questions(studio: OpenStudio) -> list[tuple[int, int | None]]:
    return [(each.token, each.output) for each in studio.asked if isinstance(each, GradientRequest)]


def test_nothing_is_asked_while_nobody_looks(open_model: Callable, theme: Theme, show: Callable) -> None:
    studio = open_model("sentiment-rnn", NOTED)
    panel = GradientPanel(studio, theme)
    panel.uncover(False)  # behind another panel's tab
    show(panel, 900, 500)
    studio.cursor.move(token=3)
    studio.type("The dog was cute")
    assert questions(studio) == []
    studio.cursor.move(token=2)
    panel.uncover(True)
    assert questions(studio) == [(2, None)]
    panel.uncover(False)
    panel.uncover(True)
    assert questions(studio) == [(2, None)]


def test_in_stepping_fast_only_where_one_stops_is_asked(
    open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = opened(open_model, theme, show, "sentiment-rnn", token=0)
    monkeypatch.setattr(gradient_panel, "FAST_MS", 60_000)  # however slow the computer is, this is fast
    before = len(questions(panel.studio))
    panel._since.start()
    for token in range(1, 9):
        panel.studio.cursor.move(token=token)
    assert len(questions(panel.studio)) == before
    qtbot.waitUntil(lambda: panel.scene.last == 8)
    assert questions(panel.studio)[before:] == [(8, None)]


class HeldStudio(OpenStudio):
    """Gradients are answered when told to, by the real session."""

    def __init__(self) -> None:
        super().__init__()
        self.held: list[GradientRequest] = []

    def _keep(self, request: Request, lane: str) -> None:
        if isinstance(request, GradientRequest):
            self.held.append(request)
        else:
            super()._keep(request, lane)

    def answer(self) -> Gradients:
        reply = self.runner.gradients(self.held[-1])
        self.receive(reply)
        return reply


@pytest.fixture
def held(theme: Theme, show: Callable) -> tuple[HeldStudio, GradientPanel]:
    studio = HeldStudio()
    studio.sentence = NOTED
    studio.open("sentiment-rnn")
    panel = GradientPanel(studio, theme)
    show(panel, 900, 500)
    return studio, panel


def test_the_old_picture_stays_dimmed_until_the_new_one_is_there(
    held: tuple[HeldStudio, GradientPanel], qtbot: QtBot
) -> None:
    studio, panel = held
    qtbot.waitUntil(lambda: "Working out" in panel.empty.text())
    first = studio.answer()
    assert panel.scene.own.answer is first
    assert not panel._veil.isVisible()
    panel._since.invalidate()
    studio.cursor.move(token=2)
    assert panel.scene.own.answer is first
    qtbot.waitUntil(panel._veil.isVisible)
    second = studio.answer()
    assert panel.scene.own.answer is second
    assert not panel._veil.isVisible()


def test_stopping_leaves_the_old_picture_and_says_so(held: tuple[HeldStudio, GradientPanel], qtbot: QtBot) -> None:
    studio, panel = held
    studio.answer()
    panel._since.invalidate()
    studio.cursor.move(token=2)
    qtbot.waitUntil(panel._veil.isVisible)
    studio.stop()
    assert not panel._veil.isVisible()
    assert "Stopped" in panel.header.telling.text()
    panel._since.invalidate()
    studio.cursor.move(token=3)
    assert studio.answer().token == 3
    assert panel.scene.last == 3


def test_what_is_refused_is_shown_where_it_was_asked(held: tuple[HeldStudio, GradientPanel]) -> None:
    from embstudio.base.errors import InputError
    from embstudio.session.messages import Failed

    studio, panel = held
    studio.receive(Failed(studio.held[-1], InputError("It cannot be.", advice="Try another token.")))
    assert panel.empty.text() == "It cannot be.\nTry another token."
    assert panel.empty.isVisible()
    panel._since.invalidate()
    studio.cursor.move(token=2)
    studio.answer()
    assert not panel.empty.isVisible()


# At the edges ------------------------------------------------------------------------------------------------------


def test_before_there_is_anything(theme: Theme, show: Callable) -> None:
    panel = GradientPanel(Studio(lambda request, lane: None, lambda lane: None), theme)
    show(panel, 500, 300)
    assert panel.empty.text() == NOTHING
    assert panel.empty.isVisible()


def test_models_without_some_or_all_of_it(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = opened(open_model, theme, show, "next-word", "Once upon a time", token=2)
    page(panel, STEPS)
    assert panel.page_empty.isVisible()
    assert panel.page_empty.text() == NO_STEPS
    assert panel.header.telling.text() == ""
    words = opened(open_model, theme, show, "words", "king queen man", token=1)
    page(words, WORDS)
    assert words.page_empty.isVisible()
    assert words.page_empty.text().startswith(NO_SCORE)
    page(words, STEPS)
    assert words.page_empty.isVisible()


def test_an_encoder_decoder_looks_back_on_the_words_it_reads(
    data: Path, open_model: Callable, theme: Theme, show: Callable
) -> None:
    panel = opened(open_model, theme, show, data / "exact-gradients" / "t5.onnx", "5 7 3 9", 2)
    assert panel.studio.trace.target
    page(panel, WORDS)
    assert not panel.page_empty.isVisible()
    assert "after the decoder's last token ‘#0’" in panel.header.telling.text()
    assert panel.scene.own.saliency.shape[0] == 4
    page(panel, BACK)
    assert not panel.page_empty.isVisible()
    assert np.isfinite(panel.scene.own.reached).all()


def test_one_token(open_model: Callable, theme: Theme, show: Callable) -> None:
    panel = opened(open_model, theme, show, "sentiment-lstm", "good", token=0)
    assert panel.header.telling.text()
    for place in (STEPS, WORDS, BACK):
        page(panel, place)
    choose(panel.back_page.scale.box, "share of T−1")  # there is none
    assert panel.back_page.drawn == []
    assert panel.header.telling.text()


def test_a_long_text_zooms_and_scrolls(open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot) -> None:
    panel = opened(open_model, theme, show, "sentiment-rnn", NOTED * 8, token=100)
    assert panel.zoom.isVisible()
    assert panel.sight.count == len(panel.studio.trace)
    plot = panel.back_page.plot
    plot.setFocus()
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    qtbot.keyClick(plot, Qt.Key.Key_Plus)
    seen = panel.sight.count
    assert seen < len(panel.studio.trace)
    page(panel, WORDS)
    assert panel.sight.count == seen  # the pages show the same tokens
    assert panel.sight.start <= 100 < panel.sight.start + seen
    bars = panel.words_page.sizes
    assert bars.place_at(QPointF(bars.centre(100), 5)) == (100,)
    qtbot.keyClick(bars, Qt.Key.Key_0)
    assert panel.sight.count == len(panel.studio.trace)


def test_everything_has_a_name_and_is_reached_by_the_keyboard(lstm: GradientPanel) -> None:
    kinds = (QAbstractButton, QComboBox, QAbstractSpinBox, QSlider)
    controls = [each for kind in kinds for each in lstm.findChildren(kind)]
    own = [each for each in controls if not isinstance(each.parent(), QComboBox | QAbstractSpinBox)]
    named = [each for each in own if each.objectName() and not each.objectName().startswith("qt_")]
    assert {"GradientKeep", "GradientNumbers", "GradientWSlider", "GradientSteps", "GradientScale"} <= {
        each.objectName() for each in named
    }
    for each in named:
        if each.objectName() in ("ScrollLeftButton", "ScrollRightButton"):  # of the bar of pages, by Qt
            continue
        assert each.accessibleName() or each.text(), each.objectName()
        assert each.toolTip(), each.objectName()
        assert each.focusPolicy() & Qt.FocusPolicy.TabFocus, each.objectName()
    for place in range(3):
        for plot in page(lstm, place).findChildren(QWidget):
            if plot.objectName().startswith("Gradient"):
                text = plot.text() if isinstance(plot, QAbstractButton | QLabel) else ""
                assert plot.accessibleName() or text, plot.objectName()


def test_arrow_keys_move_a_slider_and_not_the_text(rnn: GradientPanel, qtbot: QtBot) -> None:
    strip = rnn.back_page.strip
    strip.w_slider.setFocus()
    qtbot.keyClick(strip.w_slider, Qt.Key.Key_Right)
    assert strip.w == 0.81
    assert strip.readout.text() == f"0.81 over 10 steps: {four(0.81**10)}"
    assert rnn.studio.cursor.token == WON


def test_colours_and_text_size_change(rnn: GradientPanel, theme: Theme) -> None:
    plot = rnn.back_page.plot
    gutter = plot.gutter
    theme.apply("light", 2.0)
    assert plot.gutter > gutter
    for place in (STEPS, WORDS, BACK):
        assert page(rnn, place).scene is rnn.scene
    theme.apply("dark", 1.0)
    assert plot.gutter == gutter


def test_another_model_has_other_scores(lstm: GradientPanel) -> None:
    words = page(lstm, WORDS)
    choose(words.choice.box, lstm.studio.document.labels[0])
    assert words.choice.output == 0
    lstm._since.invalidate()
    lstm.studio.open(ModelSource(models_dir() / "sentiment-rnn" / "model.onnx",
                                 models_dir() / "sentiment-rnn" / "tokenizer.json", "sentiment-rnn"))  # fmt: skip
    assert words.choice.output is None
    lstm._pause.timeout.emit()
    assert lstm.scene.own.document is lstm.studio.document
