"""The Attention panel's pages and choices: stages, heads, rollout, tokens set aside, layers that are not captured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QCheckBox, QDockWidget, QMainWindow, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from embstudio.formulas.block_maximum import fit_weights
from embstudio.gui.panels.attention import map_page
from embstudio.gui.panels.attention_panel import HEADS, MAP, STAGES, AttentionPanel
from embstudio.gui.plots.heads_table import COLUMNS
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.session.messages import OverviewRequest, Request
from embstudio.stepper import attention_rollout
from embstudio.stepper.probe import Probe
from embstudio.trace.axes import NamedArray
from embstudio.trace.head_measures import head_measures
from embstudio.trace.rollout import rollout
from embstudio.trace.trace import Trace

pytestmark = pytest.mark.usefixtures("silent")

LAYER, HEAD, TOKEN = 2, 1, 3
LAYERS = 12  # of the model
TEXT = "The big dog ran to the old house"
COUNT = 8


@pytest.fixture
def panel(open_model: Callable, theme: Theme, show: Callable) -> AttentionPanel:
    """The panel on the bundled next-word model, at LAYER, HEAD and TOKEN."""
    studio = open_model("next-word", TEXT)
    studio.cursor.move(layer=LAYER, head=HEAD, token=TOKEN)
    panel = AttentionPanel(studio, theme)
    show(panel, 1000, 600)
    return panel


def pattern(panel: AttentionPanel, layer: int = LAYER) -> np.ndarray:
    return panel.studio.trace[f"blocks.{layer}.attn.pattern"].values.astype(np.float64)  # type: ignore[index]


def told(panel: AttentionPanel) -> dict[str, str]:
    """The table of the current row: token number → what it says."""
    model = panel.table.weights
    return {model.data(model.index(row, 0)): model.data(model.index(row, 2)) for row in range(model.rowCount())}  # type: ignore[misc]


def change(panel: AttentionPanel, trace: Trace) -> None:
    """Show another trace, as when a part of it comes later."""
    panel.studio.trace = trace
    panel.studio.trace_changed.emit()


# Stages ---------------------------------------------------------------------------------------------------------


def test_the_stages_are_those_of_the_current_token_and_follow_the_cursor(panel: AttentionPanel) -> None:
    panel.header.pages.setCurrentIndex(STAGES)
    page = panel.stages_page
    strongest = int(pattern(panel)[HEAD, TOKEN].argmax())
    softmax = page.stages[3]
    assert softmax.probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, TOKEN, strongest))
    assert softmax.rows[-1].value == pytest.approx(pattern(panel)[HEAD, TOKEN, strongest])
    assert page.key_box.value() == strongest + 1
    panel.studio.cursor.step(2)
    strongest = int(pattern(panel)[HEAD, TOKEN + 2].argmax())
    assert page.stages[3].probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, TOKEN + 2, strongest))
    assert f"‘{panel.scene.queries[TOKEN + 2]}’" in panel.telling.text()  # type: ignore[union-attr]


def test_pressing_a_stage_shows_its_value_in_the_inspector_and_keeps_to_it(qtbot: QtBot, panel: AttentionPanel) -> None:
    panel.header.pages.setCurrentIndex(STAGES)
    cards = panel.stages_page.chain.cards
    assert [card.stage.title for card in cards][6] == "+ residual"
    qtbot.mouseClick(cards[6], Qt.MouseButton.LeftButton)
    assert panel.studio.probe is not None
    assert panel.studio.probe.point.startswith(f"blocks.{LAYER}.")
    assert panel.studio.probe.point.endswith(("resid_mid", "attn.sum"))
    assert [card.current for card in cards].index(True) == 6
    panel.studio.cursor.step(1)
    assert panel.studio.probe.index[0] == TOKEN + 1
    cards[4].setFocus()
    qtbot.keyClick(cards[4], Qt.Key.Key_Space)
    assert panel.studio.probe.point == f"blocks.{LAYER}.attn.z"


def test_another_key_can_be_chosen_in_the_box_and_in_the_table(qtbot: QtBot, panel: AttentionPanel) -> None:
    panel.header.pages.setCurrentIndex(STAGES)
    page = panel.stages_page
    page.key_box.setValue(2)
    assert page.stages[3].rows[-1].value == pytest.approx(pattern(panel)[HEAD, TOKEN, 1])
    table = page.table
    row = int(np.flatnonzero(table.keys.order == 0)[0])
    at = table.visualRect(table.keys.index(row, 1)).center()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert page.key_box.value() == 1
    assert page.stages[3].rows[-1].value == pytest.approx(pattern(panel)[HEAD, TOKEN, 0])
    assert panel.studio.probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, TOKEN, 0))


def test_each_card_says_all_it_shows(panel: AttentionPanel) -> None:
    panel.header.pages.setCurrentIndex(STAGES)
    for card in panel.stages_page.chain.cards:
        assert card.accessibleName() == card.stage.title
        assert all(row.label in card.accessibleDescription() for row in card.stage.rows)
        assert card.stage.check is None or "✓" in card.accessibleDescription()


@pytest.mark.parametrize("width", [420, 700, 1500])
def test_cards_lie_side_by_side_in_order_at_any_width(panel: AttentionPanel, width: int) -> None:
    panel.header.pages.setCurrentIndex(STAGES)
    panel.resize(width, 600)
    panel.grab()
    chain = panel.stages_page.chain
    places = [card.geometry() for card in chain.cards]
    assert [(rect.top(), rect.left()) for rect in places] == sorted((rect.top(), rect.left()) for rect in places)
    assert not any(one.intersects(other) for place, one in enumerate(places) for other in places[:place])
    assert max(rect.bottom() for rect in places) <= chain.height()
    assert max(rect.right() for rect in places) <= chain.width()


# Heads ----------------------------------------------------------------------------------------------------------


def test_the_table_of_heads_holds_their_measures_and_goes_there(qtbot: QtBot, panel: AttentionPanel) -> None:
    panel.header.pages.setCurrentIndex(HEADS)
    page = panel.heads_page
    qtbot.waitUntil(lambda: page.complete)
    model = page.table.measures
    hidden = np.triu(np.ones((COUNT, COUNT), bool), 1)
    for row in range(model.rowCount()):
        layer, head = model.at(row)
        assert model.data(model.index(row, 0)) == f"{layer}.{head}"
        measured = head_measures(pattern(panel, layer)[head], hidden)
        assert model.data(model.index(row, 1)) == f"{measured.entropy:.2f}"
        assert model.data(model.index(row, 7)) == f"{measured.previous:.3f}"
    previous = 1 + [column.name for column in COLUMNS].index("previous")
    page.table.sortByColumn(previous, Qt.SortOrder.DescendingOrder)
    best = max(
        ((layer, head) for layer in range(LAYERS) for head in range(4)),
        key=lambda at: head_measures(pattern(panel, at[0])[at[1]], hidden).previous,
    )
    assert model.at(0) == best
    qtbot.mouseClick(
        page.table.viewport(), Qt.MouseButton.LeftButton, pos=page.table.visualRect(model.index(0, 0)).center()
    )
    assert (panel.studio.cursor.layer, panel.studio.cursor.head) == best
    assert page.table.currentIndex().row() == 0


def test_measures_that_mean_nothing_here_have_no_column(qtbot: QtBot, panel: AttentionPanel) -> None:
    panel.header.pages.setCurrentIndex(HEADS)
    qtbot.waitUntil(lambda: panel.heads_page.complete)
    shown = {column.name for place, column in enumerate(COLUMNS, 1) if not panel.heads_page.table.isColumnHidden(place)}
    assert shown == {"entropy", "sharpness", "distance", "first", "itself", "previous"}


# Rollout and tokens set aside -----------------------------------------------------------------------------------


def choose_rollout(panel: AttentionPanel) -> None:
    panel.map_page.tools.map_choice.setCurrentIndex(1)
    panel.map_page.tools.map_choice.activated.emit(1)


def wait_for_rollout(panel: AttentionPanel, qtbot: QtBot) -> None:
    """Until it is worked out, a piece at a time."""
    qtbot.waitUntil(lambda: not panel.map_page._roll_on.isActive())


def test_rollout_is_shown_on_request_and_said(panel: AttentionPanel, qtbot: QtBot) -> None:
    choose_rollout(panel)
    wait_for_rollout(panel, qtbot)
    wanted = rollout([pattern(panel, layer) for layer in range(LAYER + 1)])
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), wanted, atol=1e-6)
    assert "rollout" in panel.map._heading
    key = int(wanted[TOKEN].argmax())
    assert panel.telling.text().endswith(percent(wanted[TOKEN, key]))
    assert told(panel)[str(key + 1)] == f"{wanted[TOKEN, key]:.4f}"
    panel.studio.cursor.move(layer=0)
    wait_for_rollout(panel, qtbot)
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), rollout([pattern(panel, 0)]), atol=1e-6)
    assert not panel.map_page.tools.aside.isEnabled()


def test_the_first_token_set_aside_changes_the_pictures_and_not_the_numbers(
    qtbot: QtBot, panel: AttentionPanel
) -> None:
    box = panel.findChild(QCheckBox, "AttentionAside")
    assert "first token" in box.text()
    box.setChecked(True)
    row = pattern(panel)[HEAD, TOKEN].copy()
    row[0] = 0
    row /= row.sum()
    np.testing.assert_allclose(np.nan_to_num(panel.map.values[TOKEN]), row, atol=1e-6)
    np.testing.assert_allclose(panel.lines.weights, row, atol=1e-6)
    assert np.isnan(panel.map.values[:, 0]).all()
    assert "set aside" in panel.map._heading
    assert "of what is left" in panel.telling.text()
    key = int(row.argmax())
    assert panel.studio.probe == Probe(f"blocks.{LAYER}.attn.pattern", (HEAD, TOKEN, key))
    said = panel.map.describe(TOKEN, key)
    assert percent(pattern(panel)[HEAD, TOKEN, key]) in said
    assert f"{percent(row[key])} of what is left" in said
    assert panel.map.describe(TOKEN, 0).endswith("set aside")
    box.setChecked(False)
    np.testing.assert_allclose(np.nan_to_num(panel.map.values[TOKEN]), pattern(panel)[HEAD, TOKEN], atol=1e-7)
    assert "set aside" not in panel.map._heading


# Layers that are not captured -----------------------------------------------------------------------------------


def held(trace: Trace, *layers: int) -> Trace:
    """The trace without the scores and patterns of the other layers."""
    arrays = {
        name: array for name, array in trace.arrays.items()
        if not name.endswith(("pattern", "scores")) or int(name.split(".")[1]) in layers
    }  # fmt: skip
    return replace(trace, arrays=arrays)


def test_a_layer_that_is_not_captured_is_fetched_when_one_goes_there(qtbot: QtBot, panel: AttentionPanel) -> None:
    whole = panel.studio.trace
    assert whole is not None
    change(panel, held(whole, LAYER))
    assert panel.overview.values.shape == (LAYERS, 4)
    assert "overview only" in panel.overview.describe(4, 1)
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), pattern(panel)[HEAD], atol=1e-7)
    qtbot.mouseClick(panel.overview, Qt.MouseButton.LeftButton, pos=panel.overview.cell_rect(4, 1).center().toPoint())
    assert (panel.studio.cursor.layer, panel.studio.cursor.head) == (4, 1)
    point = "blocks.4.attn.pattern"
    assert point in panel.studio.trace  # type: ignore[operator]
    np.testing.assert_array_equal(panel.studio.trace[point].values, whole[point].values)  # type: ignore[index]
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), whole[point].values[1], atol=1e-7)
    assert "blocks.5.attn.pattern" not in panel.studio.trace  # type: ignore[operator]


def test_while_a_layer_is_on_its_way_the_panel_says_so(panel: AttentionPanel) -> None:
    whole = panel.studio.trace
    assert whole is not None
    asked: list[object] = []
    panel.studio.lacking._submit = lambda request, lane: asked.append(request) if lane == "layer" else None
    change(panel, held(whole, LAYER))
    panel.studio.cursor.move(layer=0)
    button = panel.findChild(QPushButton, "MapFetchLayer")
    assert button.isVisible()
    assert button.text().startswith("Fetching layer 0")
    assert not button.isEnabled()
    assert len(asked) == 1
    assert not panel.map.isVisible()
    assert set(told(panel).values()) == {"—"}
    panel.studio.stop()
    assert button.isEnabled()
    button.click()
    assert len(asked) == 2
    for page in (STAGES, HEADS, MAP):
        panel.header.pages.setCurrentIndex(page)
        panel.studio.cursor.step(1)


def test_a_layer_that_cannot_be_had_is_not_asked_for_again_and_again(panel: AttentionPanel) -> None:
    whole = panel.studio.trace
    assert whole is not None
    asked: list[object] = []
    panel.studio.lacking._submit = lambda request, lane: asked.append(request) if lane == "layer" else None
    change(panel, held(whole, LAYER))
    panel.studio.cursor.move(layer=0)
    panel.studio.stop()
    for _ in range(5):
        panel.studio.cursor.step(1)
    assert len(asked) == 1


def test_what_was_seen_of_a_layer_stays_when_it_has_to_make_room(qtbot: QtBot, panel: AttentionPanel) -> None:
    whole = panel.studio.trace
    assert whole is not None
    panel.studio.lacking._submit = lambda request, lane: None
    panel.header.pages.setCurrentIndex(HEADS)
    change(panel, held(whole, LAYER))
    qtbot.waitUntil(lambda: panel.heads_page.complete)
    panel.header.pages.setCurrentIndex(MAP)
    qtbot.waitUntil(lambda: panel.overview.complete)
    panel.overview.grab()
    before = panel.overview.grab(panel.overview._picture_rect(LAYER, HEAD)).toImage()
    change(panel, held(whole, 4))
    assert "no longer held" in panel.overview.describe(LAYER, HEAD)
    assert "not captured" in panel.overview.describe(0, HEAD)
    panel.studio.cursor.move(layer=4)
    after = panel.overview.grab(panel.overview._picture_rect(LAYER, HEAD)).toImage()
    assert before.size() == after.size()
    same = sum(before.pixel(x, y) == after.pixel(x, y) for x in range(after.width()) for y in range(after.height()))
    assert same > 0.5 * after.width() * after.height()
    panel.header.pages.setCurrentIndex(HEADS)
    qtbot.waitUntil(lambda: panel.heads_page.complete)
    model = panel.heads_page.table.measures
    said = {model.data(model.index(row, 0)): model.data(model.index(row, 1)) for row in range(model.rowCount())}
    hidden = np.triu(np.ones((COUNT, COUNT), bool), 1)
    measured = head_measures(whole[f"blocks.{LAYER}.attn.pattern"].values[HEAD], hidden)
    assert said[f"{LAYER}.{HEAD}"] == f"{measured.entropy:.2f}"
    assert said["0.1 not captured"] == "—"


def test_a_rollout_says_what_it_covers(panel: AttentionPanel, qtbot: QtBot) -> None:
    whole = panel.studio.trace
    assert whole is not None
    panel.studio.lacking._submit = lambda request, lane: None
    change(panel, held(whole, 1, LAYER))
    choose_rollout(panel)
    wait_for_rollout(panel, qtbot)
    wanted = rollout([pattern(panel, 1), pattern(panel, LAYER)])
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), wanted, atol=1e-6)
    assert f"rollout of layers 1 to {LAYER} only" in panel.map._heading
    assert "from layer 1 on" in panel.telling.text()


def test_why_there_is_no_rollout_is_said_in_its_place(panel: AttentionPanel, qtbot: QtBot) -> None:
    whole = panel.studio.trace
    assert whole is not None
    panel.studio.lacking._submit = lambda request, lane: None
    change(panel, held(whole, 1))
    choose_rollout(panel)
    wait_for_rollout(panel, qtbot)
    assert not panel.map.isVisible()
    assert f"up to layer {LAYER} needs the weights of that layer" in panel.map_page.missing.text.text()
    assert set(told(panel).values()) == {"—"}
    panel.studio.cursor.move(layer=1)
    assert panel.map.isVisible()


def test_a_long_rollout_lets_the_window_answer_meanwhile(
    panel: AttentionPanel, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention_rollout, "ROWS", 1)
    monkeypatch.setattr(map_page, "AT_ONCE", 0.0)
    choose_rollout(panel)
    assert "Working the rollout out" in panel.map_page.missing.text.text()
    assert not panel.map.isVisible()
    qtbot.waitUntil(panel.map.isVisible)
    wanted = rollout([pattern(panel, layer) for layer in range(LAYER + 1)])
    np.testing.assert_allclose(np.nan_to_num(panel.map.values), wanted, atol=1e-6)


# The overview of layers that are not captured -------------------------------------------------------------------


class Worker:
    """Answers a studio's overview requests when it is told to, with the real session; of other requests, none."""

    def __init__(self, panel: AttentionPanel) -> None:
        self._studio = panel.studio
        self._asked: list[Request] = []
        self._studio.lacking._submit = lambda request, lane: self._asked.append(request)

    def answer(self) -> None:
        """Answer the next, as if one layer fitted at a time."""
        request = self._asked.pop(0)
        assert isinstance(request, OverviewRequest)
        self._studio.receive(self._studio.runner.overview(replace(request, points=request.points[:1])))  # type: ignore[attr-defined]


def test_the_overview_fills_in_layer_by_layer(panel: AttentionPanel, qtbot: QtBot) -> None:
    whole = panel.studio.trace
    assert whole is not None
    worker = Worker(panel)
    change(panel, held(whole, LAYER))
    state = panel.map_page.overview_state
    for count in range(1, LAYERS):
        assert state.text() == f"overview: {count} of {LAYERS} layers"
        worker.answer()
    assert "click to fetch" in state.text()
    assert "overview only: click to fetch" in panel.overview.describe(4, 1)
    qtbot.waitUntil(lambda: panel.overview.complete)
    for layer in range(LAYERS):  # a short text loses nothing, so it is the picture of the pattern itself
        hidden = np.triu(np.ones((COUNT, COUNT), bool), 1)
        wanted = fit_weights(whole[f"blocks.{layer}.attn.pattern"].values, hidden, *panel.overview._size)
        np.testing.assert_array_equal(panel.overview._reduced[layer], wanted)
    assert panel.map.isVisible()  # the layer that is looked at was there all along
    panel.studio.cursor.move(layer=4)
    assert not panel.map.isVisible()


def test_pictures_of_the_text_before_stay_pale_until_there_are_new_ones(panel: AttentionPanel, qtbot: QtBot) -> None:
    whole = panel.studio.trace
    assert whole is not None
    worker = Worker(panel)
    change(panel, held(whole, LAYER))
    for _ in range(LAYERS - 1):
        worker.answer()
    qtbot.waitUntil(lambda: panel.overview.complete)

    def looks(layer: int) -> np.ndarray:
        inside = panel.overview._picture_rect(layer, HEAD).adjusted(1, 1, -1, -1)
        image = panel.overview.grab(inside).toImage()
        return np.array([[image.pixelColor(x, y).lightness() for x in range(image.width())]
                         for y in range(image.height())])  # fmt: skip

    before = looks(4)
    other = replace(whole, tokens=tuple(replace(token, id=token.id + 1) for token in whole.tokens))
    panel.studio.lacking.overview.begin()
    change(panel, held(other, LAYER))
    after = looks(4)
    assert after.shape == before.shape
    assert 0.2 < np.ptp(after) / np.ptp(before) < 0.5
    assert np.corrcoef(before.ravel(), after.ravel())[0, 1] > 0.95
    panel.studio.stop()  # nothing new will come
    hatched = looks(4)
    assert len(np.unique(hatched)) == 2


def test_the_table_of_heads_fills_in_too_and_stays_where_it_is(panel: AttentionPanel, qtbot: QtBot) -> None:
    whole = panel.studio.trace
    assert whole is not None
    worker = Worker(panel)
    change(panel, held(whole, LAYER))
    panel.header.pages.setCurrentIndex(HEADS)
    page = panel.heads_page
    resets: list[None] = []
    page.table.measures.modelReset.connect(lambda: resets.append(None))
    qtbot.waitUntil(lambda: page.complete)
    assert f"{4 * (LAYERS - 1)} heads to go" in panel.telling.text()
    for _ in range(LAYERS - 1):
        worker.answer()
    assert "heads to go" not in panel.telling.text()
    assert not resets
    hidden = np.triu(np.ones((COUNT, COUNT), bool), 1)
    model = page.table.measures
    for row in range(model.rowCount()):
        layer, head = model.at(row)
        measured = head_measures(whole[f"blocks.{layer}.attn.pattern"].values[head], hidden)
        assert model.data(model.index(row, 0)) == f"{layer}.{head}"
        assert model.data(model.index(row, 1)) == f"{measured.entropy:.2f}"


def test_shares_without_resting_tokens_need_the_layer_itself(panel: AttentionPanel) -> None:
    whole = panel.studio.trace
    assert whole is not None
    worker = Worker(panel)
    change(panel, held(whole, LAYER))
    for _ in range(LAYERS - 1):
        worker.answer()
    panel.findChild(QCheckBox, "AttentionAside").setChecked(True)
    panel.overview.grab()
    assert panel.overview.complete
    assert sorted(panel.overview._reduced) == [LAYER]


def test_an_overview_that_comes_while_nobody_looks_is_there_afterwards(panel: AttentionPanel) -> None:
    whole = panel.studio.trace
    assert whole is not None
    worker = Worker(panel)
    change(panel, held(whole, LAYER))
    panel.uncover(False)
    worker.answer()
    panel.uncover(True)
    assert panel.map_page.overview_state.text() == f"overview: 2 of {LAYERS} layers"


def test_missing_layers_are_hatched(panel: AttentionPanel, theme: Theme) -> None:
    whole = panel.studio.trace
    assert whole is not None
    panel.studio.lacking._submit = lambda request, lane: None
    change(panel, held(whole, LAYER))
    image = panel.overview.grab().toImage()

    def colours(layer: int) -> set[str]:
        rect = panel.overview._picture_rect(layer, 2)
        return {image.pixelColor(x, y).name() for x in range(rect.left(), rect.right())
                for y in range(rect.top(), rect.bottom())}  # fmt: skip

    assert theme.colour("border").name() in colours(5)
    assert len(colours(5)) == 2
    assert len(colours(LAYER)) > 2


# Other models ---------------------------------------------------------------------------------------------------


@pytest.mark.zoo
def test_what_goes_to_a_sink_is_said(zoo: Path, open_model: Callable, theme: Theme, show: Callable) -> None:
    studio = open_model(zoo / "gpt-oss-ts-eager" / "model.onnx", "3 7 1 2 9 4 8 5")
    panel = AttentionPanel(studio, theme)
    show(panel, 900, 500)
    studio.cursor.move(layer=1, head=2, token=6)
    rest = percent(1 - studio.trace["blocks.1.attn.pattern"].values[2, 6].sum(dtype=np.float64))
    assert f"{rest} goes to no token" in panel.telling.text()
    assert rest in panel.lines.note
    assert "reads key/value head 1 of 0–1" in panel.map._heading


def test_layers_of_several_tokens_together_have_axes_of_their_own(panel: AttentionPanel, qtbot: QtBot) -> None:
    trace = panel.studio.trace
    assert trace is not None
    arrays = dict(trace.arrays)
    for layer, (queries, keys) in {3: (4, COUNT), 4: (4, 4), 5: (COUNT, 3)}.items():
        for part in ("raw_scores", "scores", "pattern"):
            weights = np.full((4, queries, keys), 1 / keys, np.float32)
            arrays[f"blocks.{layer}.attn.{part}"] = NamedArray(weights, ("head", "query", "key"))
    change(panel, replace(trace, arrays=arrays, provenance=dict.fromkeys(arrays, trace.provenance["embed"])))
    panel.studio.cursor.move(token=COUNT - 1)
    for page in (MAP, STAGES, HEADS):
        panel.header.pages.setCurrentIndex(page)
        for layer in (2, 3, 4, 5, 0):
            panel.studio.cursor.move(layer=layer)
            panel.grab()
            shape = arrays[f"blocks.{layer}.attn.pattern"].shape[1:]
            if page == MAP:
                assert panel.map.values.shape == shape
                assert (len(panel.map.row_labels), len(panel.map.column_labels)) == shape
                assert panel.map.row == min(COUNT, shape[0]) - 1
                for other in range(LAYERS):
                    assert panel.overview.describe(other, 1)
    qtbot.waitUntil(lambda: panel.heads_page.complete)
    panel.header.pages.setCurrentIndex(MAP)
    choose_rollout(panel)
    wait_for_rollout(panel, qtbot)
    for layer in range(LAYERS):
        panel.studio.cursor.move(layer=layer)
        assert panel.telling.text()


def test_a_decoder_whose_text_is_longer_than_the_cursor_reaches(panel: AttentionPanel, qtbot: QtBot) -> None:
    trace = panel.studio.trace
    assert trace is not None
    more = COUNT + 4
    weights = np.full((4, more, COUNT), 1 / COUNT, np.float32)
    arrays = {"decoder.blocks.0.cross_attn.pattern": NamedArray(weights, ("head", "query", "key"))}
    tokens = (*trace.tokens, *trace.tokens)[:more]
    panel.studio.document = None
    change(panel, replace(trace, arrays=arrays, target=tokens,
                          provenance=dict.fromkeys(arrays, trace.provenance["embed"])))  # fmt: skip
    assert (len(panel.map.row_labels), len(panel.map.column_labels)) == (more, COUNT)
    at = panel.map.cell_rect(COUNT + 2, 3).center().toPoint()
    qtbot.mouseClick(panel.map, Qt.MouseButton.LeftButton, pos=at)
    assert (panel.map.row, panel.map.column) == (COUNT + 2, 3)
    assert panel.studio.probe == Probe("decoder.blocks.0.cross_attn.pattern", (1, COUNT + 2, 3))
    panel.studio.cursor.move(token=1)
    assert panel.map.row == 1


def test_everything_has_a_name_for_screen_readers(panel: AttentionPanel) -> None:
    for kind in ("QSpinBox", "QComboBox", "QTabBar", "QTableView", "HeadMap", "AttentionMap", "AttentionLines"):
        for widget in panel.findChildren(QWidget):
            if widget.inherits(kind) or type(widget).__name__ == kind:
                assert widget.accessibleName(), (kind, widget.objectName())


def test_small_print_is_small_in_a_window_too(open_model: Callable, theme: Theme, show: Callable) -> None:
    window, dock = QMainWindow(), QDockWidget()
    panel = AttentionPanel(open_model("next-word", TEXT), theme)
    show(window, 900, 500)
    dock.setWidget(panel)
    window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, dock)
    dock.show()
    panel.grab()
    for label in (panel.caution, panel.map_page.overview_state):
        assert label.font().pointSizeF() == theme.font("small").pointSizeF()


def test_the_panel_fits_a_small_place_and_large_text(panel: AttentionPanel, theme: Theme) -> None:
    theme.apply("light", 2.0)
    panel.resize(560, 300)
    for page in (MAP, STAGES, HEADS):
        panel.header.pages.setCurrentIndex(page)
        panel.studio.cursor.step(1)
        panel.grab()
    panel.header.pages.setCurrentIndex(MAP)
    assert panel.map.cells_rect().width() > 20
    assert panel.map.cell_at(QPointF(panel.map.cells_rect().center())) is not None


def test_the_lines_show_the_tokens_that_the_zoomed_map_shows(panel: AttentionPanel, qtbot: QtBot) -> None:
    lines = panel.lines
    top, bottom = lines.key_rows.start(0), lines.key_rows.start(COUNT)
    panel.studio.cursor.move(token=7)
    panel.map.zoom(0.4)
    rows, columns = panel.map.in_sight()
    assert columns.stop - columns.start < COUNT
    assert lines.key_rows.start(columns.start) == pytest.approx(top)
    assert lines.key_rows.start(columns.stop) <= bottom + 1
    assert lines.query_rows.start(rows.start) == pytest.approx(top)
    away = [key for key in lines.strongest() if not columns.start <= key < columns.stop]
    assert away
    assert f"{len(away)} of {len(lines.strongest())} lines lead out of sight" in lines.note
    at = QPointF(lines.width() - 8, lines.key_rows.centre(columns.start))
    assert lines.about(at).startswith(f"token {columns.start + 1}: ")
    qtbot.mouseClick(lines, Qt.MouseButton.LeftButton, pos=at.toPoint())
    assert panel.studio.probe is not None
    assert panel.studio.probe.index == (HEAD, 7, columns.start)
    panel.map.zoom(0)
    assert lines.key_rows.start(COUNT) == pytest.approx(bottom)
