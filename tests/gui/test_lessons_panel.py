"""The Lessons panel with real models: steps set the studio, numbers come in, questions wait, the glossary is found."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from embstudio.gui.panels.lessons_panel import LessonsPanel
from embstudio.gui.style.theme import Theme
from embstudio.lessons.loader import load_lesson
from embstudio.studio import Notice
from tests.gui.conftest import OpenModel, OpenStudio

OWN = """format = 1
title = "Mine"
summary = "Two steps."
sources = ["Somebody 2020, Something"]

[runs.noted]
model = "toy-lstm"
text = "The dog that"
[runs.held]
model = "toy-lstm"
text = "The dog that"
hold = ["lstm.0.forward.f@dog..:=0.5"]

[[step]]
title = "First"
text = "After *dog* the gate is {gate}, near the [[forget gate|gate]] of {noted: 0.8}."
compare = [{ what = "gate", noted = "{noted: 0.8}", is = "{gate}" }]
play = "Drag it."
[step.claims]
gate = ["value(noted, 'dog', 'lstm.0.forward.f[0]')", 0.8]
[step.show]
run = "noted"
at = "dog"
unit = 1

[[step]]
title = "Second"
text = "Now it is held."
[step.ask]
question = "What is left of the memory of *The*?"
choices = ["A half", "All", "Nothing"]
answer = 1
after = "{left} of it."
[step.claims]
left = ["row(held, 'dog', 'lstm.0.forward.f')[0]", 0.5, "1 decimal"]
[step.show]
run = "held"
at = "that"
"""


@pytest.fixture
def studio(open_model: OpenModel, tmp_path: Path) -> OpenStudio:
    """A studio with one lesson of one's own on the shelf, an LSTM open, and the cursor at its second word."""
    path = tmp_path / "mine.toml"
    path.write_text(OWN, encoding="utf-8")
    studio = open_model("sentiment-lstm", "It was good")
    studio.cursor.move(token=1, unit=7)
    studio.lessons.add(path)
    return studio


@pytest.fixture
def panel(studio: OpenStudio, theme: Theme, show: Callable) -> LessonsPanel:
    panel = LessonsPanel(studio, theme)
    show(panel, 380, 620)
    return panel


def mine(studio: OpenStudio) -> object:
    return next(lesson for lesson in studio.lessons.shelf.lessons if lesson.name == "mine")


def test_nothing_is_read_before_the_panel_is_seen(open_model: OpenModel, theme: Theme, show: Callable) -> None:
    studio = open_model("toy-lstm", "The dog")
    panel = LessonsPanel(studio, theme)
    assert studio.lessons._shelf is None
    show(panel, 300, 500)
    assert studio.lessons._shelf is not None
    assert studio.lessons._glossary is None


def test_a_step_sets_the_studio_and_prints_what_came_out(panel: LessonsPanel, studio: OpenStudio) -> None:
    studio.lessons.open(mine(studio))
    assert studio.document is not None
    assert (studio.document.source.name, studio.sentence) == ("toy-lstm", "The dog that")
    assert (studio.cursor.token, studio.cursor.unit) == (1, 1)
    assert 'the gate is <a href="claim:gate"' in panel.step.text.text()
    assert ">0.8</a>" in panel.step.text.text()
    assert "As noted" in panel.step.compare.text()
    assert "Drag it." in panel.step.play.text()
    assert not panel.step.choices.isVisible()


def test_a_question_waits_and_then_it_is_shown(panel: LessonsPanel, studio: OpenStudio) -> None:
    studio.lessons.open(mine(studio), 1)
    assert studio.document is not None
    assert studio.document.source.name == "sentiment-lstm"  # nothing is set before the answer
    assert panel.step.after.text() == ""
    assert [button.accessibleName() for button in panel.step.buttons] == ["A half", "All", "Nothing"]
    panel.step.buttons[1].click()
    assert studio.document.source.name == "toy-lstm"
    assert [str(hold) for hold in studio.holds.active] == ["lstm.0.forward.f@1..:=0.5"]
    assert studio.cursor.token == 2
    assert ">0.5</a>" in panel.step.after.text()
    described = [button.accessibleDescription() for button in panel.step.buttons]
    assert described == [", this is so", ", your guess, this is not so", ", this is not so"]
    assert not any(button.isEnabled() for button in panel.step.buttons)


def test_leaving_gives_back_what_one_had(panel: LessonsPanel, studio: OpenStudio) -> None:
    lessons = studio.lessons
    lessons.open(mine(studio))
    lessons.go(1)
    panel.step.look_first.click()
    assert studio.holds.active
    panel.step.leave.click()
    assert studio.document is not None
    assert (studio.document.source.name, studio.sentence) == ("sentiment-lstm", "It was good")
    assert (studio.cursor.token, studio.cursor.unit) == (1, 7)
    assert not studio.holds.active
    assert panel._stack.currentWidget() is panel.course
    assert lessons.progress == ["mine: 0 1"]


def test_who_types_is_not_overruled(panel: LessonsPanel, studio: OpenStudio) -> None:
    studio.lessons.open(mine(studio))
    studio.type("A dog")
    assert studio.sentence == "A dog"
    studio.lessons.show()
    assert studio.sentence == "The dog that"


def test_who_types_while_a_model_opens_is_not_overruled(studio: OpenStudio) -> None:
    lessons, waiting = studio.lessons, []
    answer, studio._submit = studio._submit, lambda request, lane: waiting.append((request, lane))
    lessons.open(mine(studio))
    assert lessons.stage.waiting.startswith("Opening ‘Toy")
    studio.type("that")
    while waiting:
        answer(*waiting.pop(0))
    assert lessons.stage.waiting == ""
    assert "You went on by yourself" in lessons.stage.problem
    assert studio.sentence == "that"


def test_keys_go_through_the_choices_and_links(panel: LessonsPanel, studio: OpenStudio) -> None:
    studio.lessons.open(mine(studio), 1)
    panel.step.buttons[0].setFocus()
    QTest.keyClick(panel.step.buttons[0], Qt.Key.Key_Space)
    assert not studio.lessons.asks


def test_a_term_is_found_in_the_glossary(panel: LessonsPanel, studio: OpenStudio) -> None:
    asked = []
    studio.lessons.term_wanted.connect(asked.append)
    studio.lessons.open(mine(studio))
    panel.step.text.linkActivated.emit("term:forget gate")
    assert asked == ["forget gate"]
    panel.want_term(asked[0])
    assert panel.pages.currentIndex() == 1
    assert panel.glossary.entry is not None
    assert panel.glossary.entry.term == "forget gate"
    assert "Gers" in panel.glossary.text.toPlainText()
    panel.glossary.field.setText("no such word")
    assert panel.glossary.list.count() == 0
    panel.glossary.field.setText("cosine")
    assert panel.glossary.list.item(0).text() == "cosine similarity"


def test_all_lessons_and_steps_are_listed_with_progress(panel: LessonsPanel, studio: OpenStudio) -> None:
    tree = panel.course.tree
    titles = [tree.topLevelItem(at).text(0) for at in range(tree.topLevelItemCount())]
    assert titles[0].startswith("1. ")
    assert titles[-1] == "Mine"
    item = tree.topLevelItem(tree.topLevelItemCount() - 1)
    tree.itemActivated.emit(item.child(1), 0)
    assert studio.lessons.at == 1
    item = tree.topLevelItem(tree.topLevelItemCount() - 1)
    assert (item.text(1), item.child(1).text(1), item.child(0).text(1)) == ("1 of 2", "✓", "")


def test_a_broken_file_is_refused_with_line_and_column(panel: LessonsPanel, studio: OpenStudio, tmp_path: Path) -> None:
    said: list[Notice] = []
    studio.noticed.connect(said.append)
    broken = tmp_path / "broken.toml"
    broken.write_text(OWN.replace("summary", "sumary"), encoding="utf-8")
    panel.course.take(str(broken))
    assert "broken.toml, line 3, column 1" in said[-1].text
    assert "Did you mean summary?" in said[-1].advice
    assert studio.lessons.folders == [str(tmp_path / "mine.toml")]
    panel.course.take(str(tmp_path))  # the folder: what is right in it is there, and what is wrong is said below
    assert "broken.toml, line 3" in panel.course.refused.text()


def test_a_claim_that_is_not_so_is_said(studio: OpenStudio, theme: Theme, show: Callable, tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(OWN.replace("f[0]')\", 0.8]", "f[0]')\", 0.9]"), encoding="utf-8")
    studio.lessons.reload()
    panel = LessonsPanel(studio, theme)
    show(panel, 380, 620)
    studio.lessons.open(mine(studio))
    assert "0.8 ≠" in panel.step.text.text()
    assert "gate comes to 0.80000001, not 0.9" in panel.step.off.text()


def test_a_lesson_stays_open_while_its_file_is_written(panel: LessonsPanel, studio: OpenStudio, tmp_path: Path) -> None:
    studio.lessons.open(mine(studio))
    (tmp_path / "mine.toml").write_text(OWN.replace('title = "First"', 'title = "Begin"'), encoding="utf-8")
    panel.course.again.click()
    assert panel.step.title.text() == "Begin"
    assert load_lesson(tmp_path / "mine.toml").steps[0].title.source == "Begin"


def test_the_end_of_a_lesson_leads_on(panel: LessonsPanel, studio: OpenStudio) -> None:
    lessons = studio.lessons
    first, second = lessons.shelf.lessons[:2]
    lessons.open(first, len(first.steps) - 1)
    assert panel.step.next.text() == "Next lesson ▶"
    panel.step.next.click()
    assert (lessons.lesson, lessons.at) == (second, 0)
    lessons.open(lessons.shelf.lessons[-1], 1)
    assert panel.step.next.text() == "Done"
    panel.step.next.click()
    assert lessons.lesson is None
