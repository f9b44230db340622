"""Lessons in the real program: every step of every lesson is walked, and each place it speaks of is there."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from embstudio.gui.panel_terms import PANEL_TERMS
from embstudio.gui.panels.lessons_panel import LessonsPanel
from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.program import Program
from embstudio.lessons.course import lessons_dir, load_shelf
from embstudio.lessons.places import PAGES, PANELS, PLACES
from embstudio.lessons.terms_of_points import term_of_point
from embstudio.studio import Notice, Severity
from embstudio.trace.points import KINDS

LESSONS = load_shelf([lessons_dir()]).lessons
# What a step may take on a slow and busy machine: opening a model, a training of the Lab.
PATIENCE_MS = 120_000


@pytest.fixture
def settled(qtbot: QtBot, program: Program) -> Callable[[], None]:
    """Wait until the step is set and its numbers are there."""
    lessons, studio = program.studio.lessons, program.studio

    def still() -> bool:
        return not (studio.busy or lessons.stage.waiting or lessons.needs.busy or lessons.trainings.busy)

    return lambda: qtbot.waitUntil(still, timeout=PATIENCE_MS)


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.name)
def test_every_step_is_walked(
    lesson: object, program: Program, notices: list[Notice], qtbot: QtBot, settled: Callable[[], None]
) -> None:
    studio, lessons, window = program.studio, program.studio.lessons, program.window
    before = (studio.document.source.name if studio.document else "", studio.sentence, studio.cursor.place)
    widths = [window.docks[name].width() for name in ("anatomy", "prediction", "inspector")]
    lesson = next(each for each in lessons.shelf.lessons if each.name == lesson.name)  # type: ignore[attr-defined]
    lessons.open(lesson)
    panel = window.docks["lessons"].widget()
    assert isinstance(panel, LessonsPanel)
    for at, step in enumerate(lesson.steps):
        assert lessons.at == at
        if step.ask is not None:
            assert lessons.asks
            panel.step.buttons[step.ask.right].click()
        settled()
        assert lessons.stage.problem == ""
        shown = lesson.scene(at)
        if shown.run is not None:
            assert studio.document is not None
            assert studio.document.source.name == shown.run.model
            assert studio.sentence == shown.run.text
            assert len(studio.holds.active) == len(shown.run.hold)
        if shown.panel:
            assert window.docks[shown.panel].isVisible()
        for words in (shown.look, *(words for words, _ in shown.put), *shown.press):
            assert not words or program.guide.find(words) is not None, words
        if shown.look:
            target = program.guide.find(shown.look)
            qtbot.waitUntil(lambda: program.guide.frame.target is program.guide.find(shown.look), timeout=PATIENCE_MS)  # noqa: B023
            assert target is not None
        written = " ".join(label.text() for label in panel.step._labels)
        assert "…</a>" not in written  # every number is there
        assert "≠</a>" not in written  # and is what the lesson expects
        if at + 1 < len(lesson.steps):
            lessons.go(1)
    lessons.leave()
    settled()
    assert studio.document is not None
    assert (studio.document.source.name, studio.sentence, studio.cursor.place) == before
    assert not studio.holds.active
    assert [window.docks[name].width() for name in ("anatomy", "prediction", "inspector")] == widths
    assert [notice for notice in notices if notice.severity is Severity.ERROR] == []


def test_every_place_and_page_is_there(program: Program, qtbot: QtBot, settled: Callable[[], None]) -> None:
    window = program.window
    for name in PANELS:
        window.raise_panel(name)
        qtbot.waitUntil(lambda name=name: not window.docks[name].visibleRegion().isEmpty())
        tabs = [
            tuple(each.tabText(place) for place in range(each.count()))
            for each in window.docks[name].widget().findChildren(PageTabs)
        ]
        assert name not in PAGES or PAGES[name] in tabs
    settled()
    assert [words for words in PLACES if program.guide.find(words) is None] == []


def test_every_term_that_panels_offer_is_in_the_glossary(program: Program) -> None:
    lessons = program.studio.lessons
    assert PANEL_TERMS.keys() == program.window.docks.keys()
    assert [term for terms in PANEL_TERMS.values() for term in terms if lessons.entry(term) is None] == []
    points = [kind.template.replace("{layer}", "0").replace("{direction}", "forward") for kind in KINDS]
    assert [name for name in points if lessons.entry(term_of_point(name)) is None] == []


def test_a_panel_s_question_opens_the_glossary(program: Program, qtbot: QtBot) -> None:
    button = program.window.docks["memory"].titleBarWidget().findChild(QToolButton, "askTerm")
    menu = button.menu()
    menu.aboutToShow.emit()
    action = next(action for action in menu.actions() if "forget gate" in action.text())
    action.trigger()
    panel = program.window.docks["lessons"].widget()
    assert isinstance(panel, LessonsPanel)
    qtbot.waitUntil(lambda: panel.isVisible() and hasattr(panel, "glossary"))
    assert panel.glossary.entry is not None
    assert panel.glossary.entry.term == "forget gate"


def test_who_closes_the_window_in_a_lesson_finds_their_own_again(
    program: Program, settled: Callable[[], None], tmp_path: Path
) -> None:
    sentence = program.studio.sentence
    lesson = next(each for each in program.studio.lessons.shelf.lessons if each.scene(0).run is not None)
    program.studio.lessons.open(lesson)
    settled()
    assert program.studio.sentence != sentence
    program.window.close()
    stored = json.loads((tmp_path / "settings.json").read_text(encoding="utf-8"))
    assert (stored["model"], stored["sentence"]) == ("sentiment-lstm", sentence)
    assert stored["lesson_progress"] == [f"{lesson.name}: 0"]
