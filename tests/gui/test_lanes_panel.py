"""The Lanes panel: lanes of real models, lined up by characters, one cursor, and what each says and holds there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.qtbot import QtBot

from embstudio.gui.panels.lanes.choice import offers
from embstudio.gui.panels.lanes.lane_row import LaneRow
from embstudio.gui.panels.lanes.lane_strip import GAP, LaneStrip
from embstudio.gui.panels.lanes_panel import LanesPanel
from embstudio.gui.style.theme import Theme
from embstudio.modelfile import catalogue
from embstudio.modelfile.catalogue import ModelSource, find
from embstudio.stepper.disagreement import short_names
from tests.judging_models import make_judging_encoder

pytestmark = pytest.mark.usefixtures("silent")

SENTENCE = "I expected to hate it but loved it"
SHOWN = 1  # the page with the lanes


@pytest.fixture
def shown(open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot) -> Callable[..., LanesPanel]:
    """shown(*others, model=, text=) is the panel with other models beside the open one, drawn."""

    def start(*others: str | ModelSource, model: str = "sentiment-lstm", text: str = SENTENCE) -> LanesPanel:
        studio = open_model(model, text)
        panel = LanesPanel(studio, theme)
        show(panel, 900, 420)
        for other in others:
            studio.companions.add(other)
        if others:
            qtbot.waitUntil(lambda: len(panel.rows) == len(others) + 1 and not panel._gather.isActive())
        return panel

    return start


def row_of(panel: LanesPanel, title: str) -> LaneRow:
    return next(row for row in panel.rows if row.lane and title in row.lane.title)


def middle(row: LaneRow, place: int) -> QPoint:
    return row.strip.rect_of(place).center().toPoint()


def test_before_there_is_a_second_lane_it_says_what_lanes_are(shown: Callable, qtbot: QtBot) -> None:
    panel = shown()
    assert panel.invitation.isVisible()
    assert "side by side" in panel.invitation.about.text()
    first = panel.invitation.buttons[0]
    assert "RNN" in first.text()
    qtbot.mouseClick(first, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: panel._stack.currentIndex() == SHOWN)
    names = {member.source.name for member in panel.studio.companions.members}
    kind = find("sentiment-lstm").card.kind  # type: ignore[union-attr]
    siblings = {source.name for source in catalogue.bundled() if source.card and source.card.kind == kind}
    assert names == siblings - {"sentiment-lstm"}


def test_offers_are_bundled_models_of_one_kind() -> None:
    lstm, rnn = find("sentiment-lstm"), find("sentiment-rnn")
    first, *_ = offers(lstm, [])
    assert rnn in first.sources
    assert lstm not in first.sources
    assert all(source.card.kind == lstm.card.kind for source in first.sources)  # type: ignore[union-attr]
    left = [offer for offer in offers(lstm, first.sources) if offer.about == first.about]
    assert left == []


def test_nothing_runs_while_nobody_looks(open_model: Callable, theme: Theme, show: Callable) -> None:
    studio = open_model("sentiment-lstm", SENTENCE)
    panel = LanesPanel(studio, theme)
    panel.uncover(False)
    show(panel, 900, 420)
    member = studio.companions.add("sentiment-rnn")
    QApplication.processEvents()
    asked = len(studio.asked)
    studio.type("not good")
    assert len(studio.asked) == asked + 1
    assert member.opened is None
    panel.uncover(True)
    assert member.trace is not None
    assert member.trace.text == "not good"


def test_the_same_characters_stand_in_one_column(shown: Callable) -> None:
    panel = shown("next-word", "sentiment-rnn")
    sides: dict[tuple[int, int], set[tuple[float, float]]] = {}
    for row in panel.rows:
        assert row.lane is not None
        for place, span in enumerate(row.lane.reading.spans):
            rect = row.strip.rect_of(place)
            if span:
                sides.setdefault(span, set()).add((rect.left(), rect.right()))
    assert len(sides[0, 1]) == 1
    assert all(len(found) == 1 for found in sides.values())
    words = row_of(panel, "Next word").lane
    assert words is not None
    assert len(words.reading.tokens) > len(panel.studio.trace)  # "hate" is two tokens to it, in the one column


def test_each_says_what_its_own_run_gives(shown: Callable) -> None:
    panel = shown("sentiment-rnn")
    member = panel.studio.companions.members[0]
    row = row_of(panel, "RNN")
    for token in range(len(panel.studio.trace)):
        panel.studio.cursor.move(token=token)
        scores = member.trace["logits"].values[token].astype(np.longdouble)
        shares = np.exp(scores) / np.exp(scores).sum()
        name = ("▼ negative", "▲ positive")[int(shares.argmax())]
        assert row.verdict.text() == f"{name} {100 * float(shares.max()):.1f} %"
        h = member.trace["rnn.0.forward.h"].values.astype(np.float64)
        before = h[token - 1] if token else np.zeros_like(h[0])
        assert row.lane.states.changes[token] == pytest.approx(np.sqrt(((h[token] - before) ** 2).sum()))
        assert row.holds.text().startswith("‖Δh‖ ")


def test_a_transformer_shows_where_it_looks(shown: Callable) -> None:
    panel = shown("next-word")
    member, row = panel.studio.companions.members[0], row_of(panel, "Next word")
    panel.studio.cursor.move(token=5)
    place = row.strip._marks[-1]
    pattern = next(array.values for name, array in member.trace.arrays.items() if name.endswith("attn.pattern"))
    expected = pattern[:, place].astype(np.float64).mean(axis=0)
    np.testing.assert_allclose(row.strip._weights, expected, rtol=1e-6)
    best = member.trace.tokens[int(expected.argmax())].text
    assert row.holds.text().startswith(f"looks at ‘{best}’ {100 * expected.max():.1f} %")
    assert row.verdict.text().startswith("next: ‘")


def test_a_click_in_any_lane_moves_the_one_cursor(shown: Callable, qtbot: QtBot) -> None:
    panel = shown("next-word")
    words = row_of(panel, "Next word")
    tokens = [token.text for token in words.lane.trace.tokens]  # type: ignore[union-attr]
    place = tokens.index("h")
    qtbot.mouseClick(words.strip, Qt.MouseButton.LeftButton, pos=middle(words, place))
    assert panel.studio.trace.tokens[panel.studio.cursor.token].text == "hate"
    assert words.strip._marks == (place, place + 1)
    own = row_of(panel, "LSTM")
    qtbot.mouseClick(own.strip, Qt.MouseButton.LeftButton, pos=middle(own, 1))
    assert panel.studio.cursor.token == 1
    assert words.strip._marks == (1,)


def test_where_they_part_is_said(shown: Callable, qtbot: QtBot) -> None:
    panel = shown("sentiment-rnn")
    own, other = (row.saying for row in panel.rows)
    names = ("negative", "positive")
    apart = [place for place, (one, two) in enumerate(zip(own.verdicts, other.verdicts, strict=True)) if one != two]
    assert apart  # else another sentence is needed here
    for token in range(len(panel.studio.trace)):
        panel.studio.cursor.move(token=token)
        told = panel.header.telling.text()
        assert ("all say" in told) == (token not in apart)
        if token in apart:
            assert f"the LSTM {'turns to' if own.turned(token) else 'stays' if token else 'begins with'} " in told
            assert names[own.verdicts[token]] in told
            assert names[other.verdicts[token]] in told
        else:
            assert f"all say {names[own.verdicts[token]]}" in told
    panel.studio.cursor.move(token=len(panel.studio.trace) - 1)
    qtbot.mouseClick(panel.header.parting, Qt.MouseButton.LeftButton)
    assert panel.studio.cursor.token == apart[0]


def test_a_model_that_judges_the_whole_text_says_something_after_each_token(
    shown: Callable, data: Path, tmp_path: Path
) -> None:
    text = "the dog was playing"
    panel = shown(ModelSource(make_judging_encoder(data, tmp_path)), text=text)
    member = panel.studio.companions.members[0]
    row = next(row for row in panel.rows if row.lane and row.lane.member is member)
    assert member.prefixes.finished
    assert member.prefixes.probabilities.shape == (len(member.trace), 3)
    panel.studio.cursor.move(token=2)
    shares = member.prefixes.probabilities[row.strip._marks[-1]]
    assert row.verdict.text() == f"class {int(shares.argmax())} {100 * shares.max():.1f} %"
    assert "by itself on the part of the text up to there" in row.verdict.toolTip().replace("\n", " ")


def test_a_model_that_fails_says_why_in_its_own_lane(
    shown: Callable, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "lonely.onnx"
    path.write_bytes(find("sentiment-rnn").path.read_bytes())
    panel = shown(ModelSource(path), "sentiment-rnn")
    bad, good = row_of(panel, "lonely"), row_of(panel, "RNN")
    assert bad.message.isVisible()
    assert "tokenizer" in bad.message.text()
    assert good.verdict.isVisible()
    chosen = tmp_path / "its.json"
    chosen.write_bytes(find("sentiment-rnn").tokenizer.read_bytes())  # type: ignore[union-attr]
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args: (str(chosen), ""))
    qtbot.mouseClick(bad.again, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: row_of(panel, "lonely").verdict.isVisible())
    told = row_of(panel, "lonely").verdict.text()
    assert told == good.verdict.text().replace("negative", "class 0").replace(
        "positive", "class 1"
    )  # no card names them


def test_lanes_are_taken_away_and_made_the_open_model(shown: Callable, qtbot: QtBot) -> None:
    panel = shown("sentiment-rnn", "next-word")
    qtbot.mouseClick(row_of(panel, "RNN").shown, Qt.MouseButton.LeftButton)
    assert panel.studio.document.source.name == "sentiment-rnn"
    qtbot.waitUntil(lambda: len(panel.rows) == 3 and not panel._gather.isActive())
    titles = [row.lane.title for row in panel.rows]
    assert titles == [find(name).title for name in ("sentiment-lstm", "sentiment-rnn", "next-word")]
    assert [row.shown.isVisible() for row in panel.rows] == [True, False, True]
    for title in ("LSTM", "Next word"):
        qtbot.mouseClick(row_of(panel, title).closed, Qt.MouseButton.LeftButton)
        qtbot.waitUntil(lambda: not panel._gather.isActive())
    assert panel.invitation.isVisible()


def test_a_long_sentence_scrolls_all_lanes_together(shown: Callable) -> None:
    panel = shown("next-word", text=" ".join([SENTENCE] * 10))
    last = len(panel.studio.trace) - 1
    for token in (last, 0, 40):
        panel.studio.cursor.move(token=token)
        own = row_of(panel, "LSTM")
        rect = own.strip.rect_of(token)
        assert rect.left() >= 0
        assert rect.right() <= own.strip.width()
        assert len({row.strip._offset for row in panel.rows}) == 1


def test_names_are_as_short_as_they_can_be_told_apart() -> None:
    assert short_names(["Sentiment: LSTM", "Sentiment: RNN", "Next word: simple"]) == (
        "LSTM", "RNN", "Next word: simple",
    )  # fmt: skip
    assert short_names(["A: x", "B: x"]) == ("A: x", "B: x")
    assert short_names(["plain"]) == ("plain",)


def luminance(colour: QColor) -> float:
    """Relative luminance as WCAG 2.1 defines it."""
    srgb = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("name", ["dark", "light"])
def test_words_stay_readable_on_every_tint(theme: Theme, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    theme.apply(name)
    strip = LaneStrip(theme)
    for role in ("positive", "negative", "attention"):
        monkeypatch.setattr(strip, "_leaning", lambda _place, role=role: (role, 1.0))
        for read, written, least in ((True, "text", 4.5), (False, "muted", 3.0)):
            light, dark = sorted((luminance(theme.colour(written)), luminance(strip._fill(0, read))), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= least, (role, read)


def test_larger_text_gets_wider_columns(shown: Callable, qtbot: QtBot) -> None:
    panel = shown("next-word")
    try:
        panel.theme.apply("dark", 1.8)
        for row in panel.rows:
            assert row.lane is not None
            needs = row.strip.widths(row.lane.reading.tokens)
            for place, need in enumerate(needs):
                assert row.strip.rect_of(place).width() >= need - GAP - 1e-6
    finally:
        panel.theme.apply("dark", 1.0)
