"""The page of contexts on real models: every number that is seen against the model's own, and every way to use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QModelIndex, QPointF, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from embstudio.base.errors import WorkerError
from embstudio.gui.panels.space.context_groups import MORE, STATIC, UNGROUPED
from embstudio.gui.panels.space.context_page import BETTER_MODEL, ContextPage
from embstudio.gui.panels.space.context_rows import FOUND, GROUP, SENTENCE
from embstudio.gui.panels.space_panel import SpacePanel
from embstudio.gui.plots.scatter.colouring import Categories
from embstudio.gui.style.theme import Theme
from embstudio.session import contexts
from embstudio.session.messages import ContextsRequest, Failed, LensRequest, TraceRequest
from embstudio.space.files import LoadOptions
from embstudio.space.vector_set import VectorSet
from embstudio.studio import Notice

pytestmark = pytest.mark.usefixtures("silent")

RIVER = "They sat on the bank of the river."
MONEY = "She put her money in the bank."
TWICE = "The Bank is not the bank of a river."
ROWS = (("river", RIVER), ("money", MONEY), ("", TWICE))

OpenPage = Callable[..., ContextPage]


@pytest.fixture
def open_page(
    open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenPage]:
    """open_page(model, rows, word): shown with these sentences; without rows, as it begins by itself."""
    # Each slice is answered while the one before is taken in here: of 200 sentences there may not be too many.
    monkeypatch.setattr(contexts, "SLICE_SECONDS", 600.0)
    pages: list[ContextPage] = []

    def start(
        model: str | Path = "masked-word", rows: tuple[tuple[str, str], ...] | None = ROWS, word: str = "bank"
    ) -> ContextPage:
        page = ContextPage(open_model(model), theme)
        if rows is not None:
            page.bar.word.setText(word)
            page.list.model.fill(rows)
        show(page, 900, 560)
        page.show_set()
        page.show_place()
        pages.append(page)
        settle(page, qtbot)
        return page

    yield start
    for page in pages:
        page.close()


def settle(page: ContextPage, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: not page.busy and not page.map.gliding)


def stage_vectors(page: ContextPage, sentence: str, tokens: list[int], point: str) -> np.ndarray:
    """The mean of some tokens' vectors at a point, from a trace of its own."""
    studio = page.studio
    trace = studio.runner.trace(TraceRequest(studio.document.opened.model, text=sentence))  # type: ignore[union-attr,attr-defined]
    return np.asarray(trace[point].values[tokens].astype(np.float64).mean(axis=0))


def cosine(a: np.ndarray, b: np.ndarray) -> float:
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_it_begins_with_an_example_at_the_last_block(open_page: OpenPage) -> None:
    page = open_page(rows=None)
    assert page.bar.word.text() == "bank"
    assert len(page.list.rows) == 6
    assert page.reading is not None
    assert len(page.map.figure.points) == 7  # six occurrences, and the static one
    assert page.layers.title.text() == "block 5"
    assert page.telling.text().startswith("6 × ‘bank’ at block 5 · any two tokens here: cosine")
    colouring = page.map.figure.colouring
    assert isinstance(colouring, Categories)
    assert colouring.names == ("river", "money", STATIC)
    assert colouring.codes.tolist() == [0, 0, 0, 1, 1, 1, 2]


def test_the_cosines_are_those_of_the_traces(open_page: OpenPage) -> None:
    page = open_page()
    vectors = [
        stage_vectors(page, RIVER, [4], "blocks.5.resid_post"), stage_vectors(page, MONEY, [6], "blocks.5.resid_post"),
        stage_vectors(page, TWICE, [1, 2], "blocks.5.resid_post"),
        stage_vectors(page, TWICE, [6], "blocks.5.resid_post"),
    ]  # fmt: skip
    cells = page.side.cosines.cells
    assert cells.labels == ("1", "2", "3a", "3b")
    expected = [[cosine(a, b) for b in vectors] for a in vectors]
    np.testing.assert_allclose(cells.cosines, expected, atol=1e-6)
    about = cells.data(cells.index(0, 1), Qt.ItemDataRole.ToolTipRole)
    assert f"{expected[0][1]:.6f}" in str(about)


def test_curves_tell_groups_static_and_any_two_tokens(open_page: OpenPage) -> None:
    page = open_page()
    curves = {curve.name: curve.values for curve in page.side.curves.curves}
    assert set(curves) == {"within groups", "across", "to static", "any two tokens"}
    points = ["embed", "blocks.0.resid_pre", *(f"blocks.{layer}.resid_post" for layer in range(6)), "final_norm"]
    across = [
        cosine(stage_vectors(page, RIVER, [4], point), stage_vectors(page, MONEY, [6], point)) for point in points
    ]
    np.testing.assert_allclose(curves["across"], across, atol=1e-6)
    assert np.isnan(curves["within groups"]).all()  # one sentence a group
    assert curves["to static"][0] == pytest.approx(1)
    assert curves["to static"][4] < 0.9
    assert page.side.curves.layers == ("emb", "in", "0", "1", "2", "3", "4", "5", "norm")


def test_layers_glide_in_one_view_and_start_at_the_static_point(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=ROWS[:2])
    view = page.map.view
    before = (view.x, view.y, view.zoom)
    for place in range(page.layers.slider.maximum() + 1):
        page.layers.slider.setValue(place)
        settle(page, qtbot)
        assert (view.x, view.y, view.zoom) == before
        assert page.reading is not None
        np.testing.assert_allclose(page.map.figure.points.points[:2], page.reading.layers[place].places, atol=1e-9)
        assert page.side.curves.current == place
        for point in range(3):
            assert page.map.rect().contains(page.map.on_screen(point).toPoint())
        if not place:
            points = page.map.figure.points.points
            np.testing.assert_allclose(points, np.repeat(points[:1], 3, axis=0), atol=1e-9)


def test_further_points_may_come_while_others_glide(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=ROWS[:2])
    page.layers.slider.setValue(2)
    assert page.map.gliding
    page.list.model.insert(2, [("", TWICE)])
    qtbot.waitUntil(lambda: len(page.map.figure.points) == 6)  # two static ones among them
    page.map.grab()
    settle(page, qtbot)
    assert page.reading is not None
    places = page.reading.layers[2]
    np.testing.assert_allclose(page.map.figure.points.points[:4], places.places, atol=1e-9)


def test_labels_have_as_many_words_around_as_have_room(open_page: OpenPage) -> None:
    page = open_page(rows=(("", "Down to the bank."), ("", "An extraordinarily beautiful bank, there."), ("", "Bank")))
    assert page.map.figure.names[:3] == ["1  to the bank.", "2  beautiful bank,", "3  Bank"]


def test_static_points_that_differ_in_a_space_only_show_it(open_page: OpenPage) -> None:
    page = open_page(rows=(("", "The great king came."), ("", "king")), word="king")
    assert list(page.map.figure.names[2:]) == ["static ‘␣king’", "static ‘king’"]
    assert "with capitals or spaces" in page.note.text()


def test_nothing_is_worked_out_again_while_one_types_elsewhere(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    reading = page.reading
    page.studio.type("Another sentence")
    page.show_set()
    page.show_place()
    assert not page.busy
    assert page.reading is reading
    page.hide()
    page.studio.contexts.changed.emit()  # something came while it was not seen
    page.show()
    page.show_set()
    settle(page, qtbot)
    assert page.reading is not reading


def test_the_layer_is_the_programs_own(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    page.layers.slider.setValue(4)
    assert page.layers.title.text() == "block 2"
    assert page.studio.cursor.layer == 2
    page.show_place()
    assert page.layers.place == 4
    page.studio.cursor.move(layer=3)
    page.show_place()
    assert page.layers.title.text() == "block 3"
    settle(page, qtbot)


def test_it_plays_through_the_layers(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    page.layers._timer.setInterval(1)
    page.layers.slider.setValue(page.layers.slider.maximum())
    places: list[int] = []
    page.layers.moved.connect(places.append)
    page.layers.play.click()
    qtbot.waitUntil(lambda: not page.layers.play.isChecked())
    assert places == list(range(page.layers.slider.maximum() + 1))
    settle(page, qtbot)


def test_centring_is_in_plain_sight(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    raw = page.side.cosines.cells.cosines.copy()
    assert "centred" not in page.telling.text()
    page.bar.centre.click()
    settle(page, qtbot)
    traces = [
        page.studio.runner.trace(TraceRequest(page.studio.document.opened.model, text=text))
        for _group, text in ROWS  # type: ignore[union-attr,attr-defined]
    ]
    tokens = np.concatenate([trace["blocks.5.resid_post"].values.astype(np.float64) for trace in traces])
    assert f"centred: less the mean of all {len(tokens)} tokens" in page.telling.text()
    mean = tokens.mean(axis=0)
    a = stage_vectors(page, RIVER, [4], "blocks.5.resid_post") - mean
    b = stage_vectors(page, MONEY, [6], "blocks.5.resid_post") - mean
    assert page.side.cosines.cells.cosines[0, 1] == pytest.approx(cosine(a, b), abs=1e-6)
    assert page.side.cosines.cells.cosines[0, 1] < raw[0, 1]
    assert "any two tokens" not in {curve.name for curve in page.side.curves.curves}


def test_hover_shows_the_sentence_with_the_word_marked(open_page: OpenPage) -> None:
    page = open_page(rows=(("a<b", "1 < 2 & the bank"), ("", MONEY)))
    about = page.map.describe(0)
    assert "1 &lt; 2 &amp; the <b" in about
    assert "<u>bank</u></b>" in about
    assert "a&lt;b" in about
    assert "static ‘bank’" in page.map.describe(2)
    assert "mean of their vectors" in open_page().map.describe(2)


def test_a_point_that_is_clicked_tells_its_sentence_and_nearest_words(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    qtbot.mouseClick(page.map, Qt.MouseButton.LeftButton, pos=page.map.on_screen(1).toPoint())
    assert page.detail.point is not None
    assert page.detail.point.sentence == MONEY
    assert "<u>bank</u>" in page.detail.sentence.text()
    assert page.list.table.currentIndex().row() == 1
    assert page.map.figure.emphasis.current == 1
    table = page.studio.runner.table.vectors.astype(np.float64)  # type: ignore[attr-defined]
    x = stage_vectors(page, MONEY, [6], "blocks.5.resid_post")
    best = np.argmax(table @ x / np.linalg.norm(table, axis=1))
    word = page.studio.document.word(int(best)).strip()  # type: ignore[union-attr]
    shown = page.detail.near.text().partition(": ")[2].split(" ")[0]
    assert shown.strip("␣") == word
    page.layers.slider.setValue(0)
    assert page.detail.near.text().partition(": ")[2].replace("␣", "").startswith("bank 1.000")
    settle(page, qtbot)


def test_without_nearest_words_it_says_why(open_page: OpenPage) -> None:
    page = open_page()
    studio = page.studio
    wanted: list[LensRequest] = []
    studio.contexts._submit = lambda request, _lane: wanted.append(request)  # type: ignore[assignment]
    page.choose(0)
    assert page.detail.near.text() == "nearest words at block 5: …"
    studio.receive(Failed(wanted[-1], WorkerError("The memory is full.", advice="Close something.")))
    assert page.detail.near.text() == "No nearest words. The memory is full. Close something."
    page.layers.slider.setValue(0)
    assert page.detail.near.text() == "No nearest words. The memory is full. Close something."
    page.choose(1)
    assert page.detail.near.text() == "nearest words at embedding: …"


def test_the_way_through_the_layers_is_drawn(open_page: OpenPage) -> None:
    page = open_page(rows=ROWS[:2])
    page.choose(0)
    path = page.map.figure.path
    assert page.reading is not None
    assert len(path) == len(page.reading.layers)
    np.testing.assert_allclose(path.points[0], page.reading.layers[0].static_places[0], atol=1e-9)
    page.bar.way.click()
    assert not len(page.map.figure.path)


def test_a_sentence_is_opened_in_the_program_and_left_again(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    page.choose(0)
    assert not page.detail.back.isVisible()
    qtbot.mouseClick(page.detail.open, Qt.MouseButton.LeftButton)
    studio = page.studio
    assert studio.sentence == RIVER
    assert studio.trace is not None
    assert studio.trace.tokens[studio.cursor.token].text == "bank"
    assert page.detail.back.isVisible()
    assert "The dog was cute" in page.detail.back.text()
    qtbot.mouseClick(page.detail.back, Qt.MouseButton.LeftButton)
    assert studio.sentence == "The dog was cute"
    assert not page.detail.back.isVisible()


def test_sentences_without_the_word_and_too_long_ones_say_so(open_page: OpenPage) -> None:
    long = "very " * 80 + "near the bank."
    page = open_page(rows=(("", "No such thing."), ("", long), ("", TWICE)))
    model = page.list.model
    assert [model.index(row, 0).data() for row in range(3)] == ["none", "cut", "2"]
    assert "not in this sentence" in model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "Shorten" in model.index(1, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert "2 times" in model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert page.note.isVisible()
    assert page.note.text().startswith("2 static points")


def test_nowhere_and_nothing_say_what_to_do(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=(("", "No such thing."),))
    assert page.reading is None
    assert page.board.empty.text() == "‘bank’ stands in none of these sentences. Change the word or the sentences."
    page.list.model.remove([0])
    assert "Write sentences with ‘bank’" in page.board.empty.text()
    page.bar.word.clear()
    qtbot.keyClick(page.bar.word, Qt.Key.Key_Return)
    assert "Type a word" in page.board.empty.text()
    assert not page.layers.isEnabled()


def test_what_fails_is_told_once_and_what_is_there_stays(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=ROWS[:2])
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    error = WorkerError("The worker ended.", advice="Try it again.")
    answers = page.studio.contexts._submit
    page.studio.contexts._submit = lambda request, _lane: page.studio.receive(Failed(request, error))
    page.list.model.insert(2, [("", TWICE)])
    settle(page, qtbot)
    page.show_set()
    assert [notice.text for notice in said] == [Notice.of(error).text]
    assert page.reading is not None
    assert len(page.reading.table.points) == 2
    page.studio.contexts._submit = answers
    page.list.model.insert(3, [("", "Another bank.")])
    settle(page, qtbot)
    assert len(page.reading.table.points) == 5


def test_a_table_of_words_names_a_model_that_has_layers(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page("words", rows=None)
    assert "one vector for each word, whatever the sentence" in page.board.empty.text()
    assert page.board.better.isVisible()
    qtbot.mouseClick(page.board.better, Qt.MouseButton.LeftButton)
    assert page.studio.document is not None
    assert page.studio.document.source.name == BETTER_MODEL
    page.show_set()
    settle(page, qtbot)
    assert page.reading is not None


def test_editing_the_list_by_keyboard(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=ROWS[:2])
    model, table = page.list.model, page.list.table
    assert model.setData(model.index(2, SENTENCE), "A bank   by the sea.", Qt.ItemDataRole.EditRole)
    settle(page, qtbot)
    assert page.list.rows[2] == ("money", "A bank by the sea.")  # of the group of the one before
    assert page.reading is not None
    assert len(page.reading.table.points) == 3
    asked = [each for each in page.studio.asked if isinstance(each, ContextsRequest)]  # type: ignore[attr-defined]
    assert asked[-1].sentences == ("A bank by the sea.",)
    model.setData(model.index(2, GROUP), "sea", Qt.ItemDataRole.EditRole)
    settle(page, qtbot)
    assert page.reading.table.groups != page.list.rows  # the reading is another by now
    colouring = page.map.figure.colouring
    assert isinstance(colouring, Categories)
    assert colouring.names == ("river", "money", "sea", STATIC)
    table.setCurrentIndex(model.index(0, SENTENCE))
    qtbot.keyClick(table, Qt.Key.Key_Delete)
    assert len(page.list.rows) == 2
    qtbot.keyClick(table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.list.rows[0] == ROWS[0]
    settle(page, qtbot)


def test_a_sentence_is_written_with_the_keyboard_alone(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=ROWS[:1])
    table = page.list.table
    qtbot.mouseClick(page.list.add, Qt.MouseButton.LeftButton)
    field = table.findChild(QLineEdit)
    assert field is not None
    qtbot.keyClicks(field, "We went to the bank.")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(page.list.rows) == 2)
    settle(page, qtbot)
    assert page.list.rows[1] == ("river", "We went to the bank.")
    for column in (FOUND, SENTENCE):
        table.setCurrentIndex(page.list.model.index(1, column))
        qtbot.keyClick(table, Qt.Key.Key_Return)  # writes on, whatever column one stands in
        assert table.state() == table.State.EditingState
        field = table.findChildren(QLineEdit)[-1]
        qtbot.keyClick(field, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: table.state() != table.State.EditingState)
    settle(page, qtbot)


def test_a_high_window_shows_list_cosines_and_curves_at_once(open_page: OpenPage) -> None:
    page = open_page()
    seen = (page.list.table, page.side.cosines, page.side.curves)
    assert [widget.isVisible() for widget in seen] == [True, False, False]
    page.resize(1200, 900)
    assert all(widget.isVisible() for widget in seen)
    assert not page.side.tabs.isVisible()
    page.resize(1200, 500)
    assert page.height() == 500
    page.side.tabs.setCurrentIndex(1)
    assert [widget.isVisible() for widget in seen] == [False, True, False]


def test_tab_goes_through_the_page_from_the_word_to_the_sentence(open_page: OpenPage) -> None:
    page = open_page()
    page.choose(0)
    order: list[str] = []
    widget: QWidget = page.bar.word
    for _ in range(200):
        if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus:
            order.append(widget.objectName())
        widget = widget.nextInFocusChain()
    wanted = ["contextWord", "contextExamples", "contextPlay", "contextLayer", "contextCentred", "contextWay"]
    wanted += ["contextMap", "contextTabs", "contextSentences", "contextAdd", "contextOpen"]
    assert [name for name in order if name in wanted][: len(wanted)] == wanted


def test_an_example_that_was_chosen_can_be_taken_back_with_its_word(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=ROWS[:2])
    menu = page.bar.examples.menu()
    menu.aboutToShow.emit()
    assert [action.text() for action in menu.actions()][1] == "light: lamp, not heavy"
    menu.actions()[1].trigger()
    settle(page, qtbot)
    assert page.telling.text().startswith("6 × ‘light’")
    page.list.undo.click()
    settle(page, qtbot)
    assert page.bar.word.text() == "bank"
    assert page.list.rows == list(ROWS[:2])
    assert page.telling.text().startswith("2 × ‘bank’")


def test_many_lines_are_pasted(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=ROWS[:1])
    QGuiApplication.clipboard().setText(f"money\t{MONEY}\n\n  {TWICE} \n")
    page.list.table.setCurrentIndex(page.list.model.index(0, SENTENCE))
    qtbot.keyClick(page.list.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert page.list.rows == [ROWS[0], ("money", MONEY), ("", TWICE)]
    settle(page, qtbot)
    said: list[Notice] = []
    page.studio.noticed.connect(said.append)
    QGuiApplication.clipboard().setText("\n".join(f"A bank {turn}." for turn in range(300)))
    page.list.paste.click()
    assert len(page.list.rows) == 200
    assert "197 of 300 lines were taken" in said[-1].text
    page.list.undo.click()
    assert len(page.list.rows) == 3
    QGuiApplication.clipboard().setText(" \n")
    page.list.paste.click()
    assert "There is no text to paste" in said[-1].text
    settle(page, qtbot)


def test_a_recurrent_model_shows_its_states(open_page: OpenPage) -> None:
    page = open_page("sentiment-lstm")
    assert page.reading is not None
    assert page.layers.title.text() == "layer 0"
    assert "hidden state" in page.note.text()
    assert len(page.map.figure.points) == 4
    states = [stage_vectors(page, RIVER, [4], "lstm.0.forward.h"), stage_vectors(page, MONEY, [6], "lstm.0.forward.h")]
    assert page.side.cosines.cells.cosines[0, 1] == pytest.approx(cosine(*states), abs=1e-6)
    assert "a plane of this layer's own" in page.telling.text()
    page.choose(0)
    assert "another kind" in page.detail.near.text()


def test_groups_have_the_same_sign_in_the_list_and_on_the_map(open_page: OpenPage, pixel: Callable) -> None:
    page = open_page()
    model = page.list.model
    signs = [model.index(row, GROUP).data(Qt.ItemDataRole.DecorationRole) for row in range(3)]
    assert signs[2] is None  # it has no group
    for row in range(2):
        image = signs[row].toImage()
        middle = image.pixelColor(image.width() // 2, image.height() // 2).getRgb()[:3]
        assert pixel(page.map, page.map.on_screen(row)) == middle


def test_more_groups_than_colours_share_one(open_page: OpenPage) -> None:
    page = open_page(rows=tuple((f"g{turn}", f"A bank {turn} here.") for turn in range(12)))
    colouring = page.map.figure.colouring
    assert isinstance(colouring, Categories)
    assert colouring.names == (*(f"g{turn}" for turn in range(9)), MORE, STATIC)
    assert colouring.codes.tolist() == [*range(9), 9, 9, 9, 10]
    page.map.grab()


def test_beside_a_file_of_vectors_it_says_whose_word_it_is(open_page: OpenPage) -> None:
    page = open_page(rows=ROWS[:2])
    assert not page.note.isVisible()
    few = VectorSet(("a", "b"), np.eye(2, dtype=np.float32))
    page.studio.vector_sets._add(Path("by-hand.txt"), LoadOptions(), few)
    page.show_set()
    assert page.note.isVisible()
    assert page.note.text().startswith("Of the open model, Masked word: simple stories")
    assert page.reading is not None


def test_without_groups_all_points_have_one_colour(open_page: OpenPage) -> None:
    page = open_page(rows=(("", RIVER), ("", MONEY)))
    colouring = page.map.figure.colouring
    assert isinstance(colouring, Categories)
    assert colouring.names == ("in a sentence", STATIC)
    assert {curve.name for curve in page.side.curves.curves} >= {"any two of these"}
    assert UNGROUPED in open_page().map.figure.colouring.names  # type: ignore[union-attr]


def test_a_row_of_the_list_and_a_row_of_cosines_choose_the_point(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page(rows=(("b", RIVER), ("a", MONEY), ("b", TWICE)))
    page.list.table.setCurrentIndex(page.list.model.index(1, SENTENCE))
    assert page.scene.current == 1
    page.side.tabs.setCurrentIndex(1)
    cells = page.side.cosines
    assert cells.cells.labels == ("1", "3a", "3b", "2")  # by group
    rect = cells.visualRect(cells.model().index(1, 0, QModelIndex()))
    qtbot.mouseClick(cells.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert page.detail.point is not None
    assert page.detail.point.label == "3a"


def test_a_click_on_the_curves_goes_to_a_layer(open_page: OpenPage, qtbot: QtBot) -> None:
    page = open_page()
    page.side.tabs.setCurrentIndex(2)
    curves = page.side.curves
    curves.grab()  # lays the columns out
    at = QPointF(curves.columns.centre(3), curves.height() / 2).toPoint()
    qtbot.mouseClick(curves, Qt.MouseButton.LeftButton, pos=at)
    assert page.layers.place == 3
    assert "any two tokens" in curves.tooltip_of((3,))
    settle(page, qtbot)


def test_it_is_a_page_of_the_space_panel(open_model: Callable, theme: Theme, show: Callable, qtbot: QtBot) -> None:
    panel = SpacePanel(open_model("masked-word"), theme)
    show(panel, 900, 560)
    page = panel.context_page
    assert not any(isinstance(each, ContextsRequest) for each in panel.studio.asked)  # not before it is seen
    panel.header.pages.setCurrentIndex(panel.pages.index(page))
    assert panel.page is page
    qtbot.waitUntil(lambda: page.reading is not None)
    asked = len(panel.studio.asked)
    panel.studio.type("Another sentence")
    settle(page, qtbot)
    assert not any(isinstance(each, ContextsRequest) for each in panel.studio.asked[asked:])
    panel.close()


@pytest.mark.parametrize(("width", "scale"), [(520, 1.0), (600, 2.0), (1500, 1.0)])
@pytest.mark.parametrize("colours", ["dark", "light"])
def test_it_bears_small_and_large_windows(
    open_page: OpenPage, theme: Theme, qtbot: QtBot, width: int, scale: float, colours: str
) -> None:
    page = open_page()
    theme.apply(colours, scale)
    page.restyle()
    page.resize(width, 700)
    for tab in range(3):
        page.side.tabs.setCurrentIndex(tab)
        page.grab()
    assert page.map.width() >= 160
    assert page.side.width() <= width
    settle(page, qtbot)
    theme.apply("dark", 1.0)
