"""The scaling calculator as one uses it: real widgets, real models."""

from __future__ import annotations

import csv
import html
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSpinBox
from pytestqt.qtbot import QtBot

from embstudio.formulas.scaling.laws import HOFFMANN, LAWS
from embstudio.formulas.scaling.transformer_shape import DECODER, ENCODER, TransformerShape
from embstudio.gui.panels.lab.law_curves import SIZE, TEXT, WORK, curves
from embstudio.gui.panels.lab.scaling_page import OPEN, ScalingPage
from embstudio.gui.panels.lab_panel import LabPanel
from embstudio.gui.style.large_numbers import bytes_of, duration, operations_of, short
from embstudio.gui.style.theme import Theme
from embstudio.studio import Notice, Studio
from tests.gui.conftest import OpenModel

pytestmark = pytest.mark.usefixtures("silent")

PATIENCE = 60_000  # milliseconds
Opener = Callable[[Studio], ScalingPage]


@pytest.fixture
def open_page(theme: Theme, show: Callable) -> Opener:
    """The page of a studio."""

    def start(studio: Studio) -> ScalingPage:
        panel = LabPanel(studio, theme)
        show(panel, 1000, 620)
        page = panel.show_bench("Scaling")
        assert isinstance(page, ScalingPage)
        return page

    return start


@pytest.fixture
def page(open_page: Opener) -> ScalingPage:
    """Without a model."""
    return open_page(Studio(lambda *_: None, lambda _: None))


def numbers(page: ScalingPage) -> dict[str, list[float]]:
    """What is drawn, by component: one number for each column."""
    return dict(zip(page.parameters.bars.names, page.parameters.bars.values.T.tolist(), strict=True))


def costs(page: ScalingPage) -> dict[str, str]:
    return {fact.cells[0].strip(): fact.cells[2] for fact in page.costs.facts.rows}


def turn(page: ScalingPage, name: str, value: int) -> None:
    field = page.transformer.fields[name]
    assert isinstance(field, QSpinBox)
    field.setValue(value)


def test_without_a_model_a_known_shape_is_shown(page: ScalingPage) -> None:
    assert "No model is open. This is GPT-2 small." in page.fault.text()
    assert "124 M parameters (124,439,808)" in page.answer.text()
    assert page.parameters.bars.headings == ("parameters",)


def test_the_open_model_is_counted_beside_its_file(open_page: Opener, open_model: OpenModel) -> None:
    studio = open_model("next-word")
    page = open_page(studio)
    assert page.presets.currentText() == OPEN
    assert page.answer.text().startswith("Next word: simple stories: 2.92 M parameters (2,920,192)")
    assert page.parameters.bars.headings == ("by formula", "in the file")
    assert studio.document is not None
    total = studio.document.opened.anatomy.parameters["total"]
    assert numbers(page)["total"] == [total, total]
    assert "in every component as many as the formula says" in page.parameters.differs.text()
    shape = page.shape
    assert isinstance(shape, TransformerShape)
    assert (shape.stacks, shape.layers, shape.d_model) == (DECODER, 12, 128)


def test_a_model_for_words_left_out_is_an_encoder(open_page: Opener, open_model: OpenModel) -> None:
    shape = open_page(open_model("masked-word")).shape
    assert isinstance(shape, TransformerShape)
    assert shape.stacks == ENCODER


def test_what_the_formula_lacks_is_said(open_page: Opener, open_model: OpenModel) -> None:
    page = open_page(open_model("sentences"))
    assert numbers(page)["head"] == [0, 30_786]
    assert "+30,786 beside the formula's" in page.parameters.differs.text()
    assert "one number for each word" in page.parameters.differs.text()


def test_it_follows_the_open_model_until_another_shape_is_chosen(open_page: Opener, open_model: OpenModel) -> None:
    studio = open_model("sentiment-lstm")
    page = open_page(studio)
    assert page.recurrent.isVisibleTo(page)
    assert numbers(page)["recurrent"] == [42_496, 42_496]
    studio.open("sentiment-gru")
    assert page.answer.text().startswith("Sentiment: GRU")
    page.take("BERT base")
    assert "109,482,240" in page.answer.text()
    assert "as published" in page.answer.text()
    assert page.transformer.isVisibleTo(page)
    assert not page.parameters.differs.text()
    studio.open("next-word")
    assert "109,482,240" in page.answer.text()


def test_a_table_of_words_has_no_layers(open_page: Opener, open_model: OpenModel) -> None:
    page = open_page(open_model("words"))
    assert "has no layers that the formulas know" in page.fault.text()
    assert page.parameters.bars.headings == ("parameters",)


def test_knobs_change_everything_at_once(page: ScalingPage) -> None:
    page.take("GPT-2 small")
    before = costs(page)
    assert before["weights, fp32"] == "498 MB"
    assert before["keys and values kept, fp16"] == bytes_of(2 * 12 * 768 * 1024 * 2)
    turn(page, "layers", 24)
    assert numbers(page)["mlp"] == [2 * 12 * (8 * 768**2 + 5 * 768)]
    assert costs(page)["weights, fp32"] != before["weights, fp32"]
    assert "as published" not in page.answer.text()
    turn(page, "heads", 7)
    assert "7 heads do not divide d_model = 768" in page.fault.text()
    assert not page.parameters.bars.isEnabled()
    turn(page, "heads", 8)
    assert not page.fault.text()
    assert page.parameters.bars.isEnabled()


def test_knobs_that_do_nothing_are_grey(page: ScalingPage) -> None:
    page.take("GPT-2 small")
    fields = page.transformer.fields
    assert not fields["active"].isEnabled()
    assert not fields["encoder_layers"].isEnabled()
    turn(page, "experts", 4)
    assert fields["active"].isEnabled()
    kv_heads = fields["kv_heads"]
    assert isinstance(kv_heads, QSpinBox)
    assert kv_heads.text() == "as heads"


def test_training_takes_as_long_as_machines_need(page: ScalingPage) -> None:
    page.take("GPT-2 small")
    work = 6 * 124_439_808 * 10e9
    assert costs(page)["training, 6 N D"] == operations_of(work)
    assert costs(page)["time to train"] == duration(work / (312e12 * 0.4))
    machines = page.use.fields["machines"]
    assert isinstance(machines, QSpinBox)
    machines.setValue(8)
    assert costs(page)["time to train"] == duration(work / (8 * 312e12 * 0.4))


def test_the_laws_are_those_of_the_formulas(page: ScalingPage) -> None:
    page.take("GPT-2 small")
    rows = {fact.cells[0]: fact for fact in page.laws.table.facts.rows}
    assert rows["Hoffmann et al. 2022"].cells[1] == f"{float(HOFFMANN.loss(124_439_808, 1e10)):.3f}"
    assert rows["Kaplan et al. 2020"].cells[3] == "yes"
    assert "here N 85.1 M" in rows["Kaplan et al. 2020"].tip  # without embeddings
    assert not page.laws.warned.text()
    page.take("Llama 3 8B")
    assert "Outside what it was fitted on, and so a guess: Kaplan et al. 2020." in page.laws.warned.text()
    page.take("Mixtral 8x7B")
    assert "a mixture of experts is none" in page.laws.warned.text()
    page.take("LSTM")
    assert "they say nothing" in page.laws.warned.text()


@pytest.mark.parametrize("axis", [SIZE, TEXT, WORK])
def test_the_plot_tells_what_is_under_the_mouse(page: ScalingPage, axis: str) -> None:
    page.take("GPT-2 small")
    page.sides.choose("Laws")
    page.laws.axis.setCurrentText(axis)
    place = page.laws.plot.place_at(QPointF(page.laws.plot.width() / 2, 60))
    assert place is not None
    said = page.laws.plot.tooltip_of(place)
    assert all(law.name in said for law in LAWS)
    assert page.laws.plot.accessibleDescription().startswith(f"loss over {axis}")
    page.laws.plot.grab()
    found = curves(page.shape, 1e10, axis)
    for curve, law in zip(found, LAWS, strict=True):
        assert curve.fitted.any()
        assert not curve.fitted.all()
        x = float(curve.x[100])
        if axis == TEXT:
            N = 124_439_808 if law.embeddings_count else 124_439_808 - (50_257 + 1024) * 768
            assert curve.loss[100] == pytest.approx(float(law.loss(N, x)))


def test_the_notes_are_held_against_what_is_counted(page: ScalingPage) -> None:
    text = html.unescape(re.sub("<[^>]+>", " ", page.notes.text()))
    for said in ("38,400,000. Right.", "7,077,888. Right.", "589,824 each, if the layers share them", "110,396,928",
                 "124,439,808", "Quadratic", "N^−0.060", "No accuracy is above 100 %"):  # fmt: skip
        assert said in text


def test_everything_is_copied_and_saved(page: ScalingPage, qtbot: QtBot, tmp_path: Path) -> None:
    page.take("GPT-2 small")
    button = page.findChild(QAbstractButton, "scalingCopy")
    assert button is not None
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    copied = [line.split("\t") for line in QGuiApplication.clipboard().text().splitlines()]
    assert ["parameters", "total", "124439808"] in copied
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    page.exporter.save(tmp_path / "scaling.csv", page.save)
    qtbot.waitUntil(lambda: bool(said), timeout=PATIENCE)
    with (tmp_path / "scaling.csv").open(encoding="utf-8", newline="") as file:
        saved = list(csv.reader(file))
    assert saved[0] == ["what", "how", "number"]
    assert saved[1:] == copied
    page.exporter.save(tmp_path / "no" / "scaling.csv", page.save)
    qtbot.waitUntil(lambda: len(said) == 2, timeout=PATIENCE)
    assert "could not be saved" in said[1].text


def test_every_shape_can_be_chosen(page: ScalingPage, theme: Theme) -> None:
    page.window().resize(420, 500)
    theme.apply("light", 2.0)
    page.restyle()
    presets = page.findChild(QComboBox, "scalingPresets")
    assert presets is not None
    for place in range(1, presets.count()):
        page.take(presets.itemText(place))
        assert not page.fault.text()
        assert page.answer.text().startswith(presets.itemText(place))
    for name in ("Parameters", "Shape", "Costs", "Laws", "Notes"):
        page.sides.choose(name)
        page.window().grab()


def test_large_numbers_in_three_digits() -> None:
    assert [short(count) for count in (0, 999, 1000, 124_439_808, 999_999, 1.4e12, 5.76e23)] == [
        "0", "999", "1 k", "124 M", "1 M", "1.4 T", "5.76e23",
    ]  # fmt: skip
    assert [bytes_of(count) for count in (12, 1.2e9, 9e17)] == ["12 B", "1.2 GB", "900 PB"]
    assert [operations_of(count) for count in (1.53e10, 3.14e23)] == ["15.3 GFLOP", "3.14e23 FLOP"]
    assert [duration(seconds) for seconds in (0, 0.002, 70, 1e5, 1e13)] == [
        "0 s", "2 ms", "1.17 min", "1.16 days", "316,881 years",
    ]  # fmt: skip
