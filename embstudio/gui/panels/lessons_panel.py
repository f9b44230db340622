"""Lessons: a course in short steps beside the panels that show it, and the glossary."""

from __future__ import annotations

from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout

from embstudio.gui.binding import bind
from embstudio.gui.panels.page_tabs import PageTabs
from embstudio.gui.panels.panel import Panel

_PAGES = (
    ("Lessons", "All lessons, and the one you are in"),
    ("Glossary", "What words mean, with formula and source"),
)


class LessonsPanel(Panel):
    """Follows `studio.lessons`; nothing is read before the panel is first seen."""

    title = "Lessons"
    follows_model = False
    _wanted = ""  # the term that was asked for before the panel was first seen

    def build(self) -> None:
        from embstudio.gui.panels.lessons.course_page import CoursePage
        from embstudio.gui.panels.lessons.glossary_page import GlossaryPage
        from embstudio.gui.panels.lessons.step_page import StepPage

        self.setAcceptDrops(True)
        self.course = CoursePage(self.studio, self.theme)
        self.step = StepPage(self.studio, self.theme)
        self.glossary = GlossaryPage(self.studio, self.theme)
        self.pages = PageTabs(_PAGES, self)
        self.pages.setObjectName("LessonPages")
        self.pages.setAccessibleName("Lessons or glossary")
        self._stack = QStackedWidget(self)
        for page in (self.course, self.step, self.glossary):
            self._stack.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.pages)
        column.addWidget(self._stack, 1)
        self.pages.currentChanged.connect(lambda _place: self._show_page())
        self.course.chosen.connect(self.studio.lessons.open)
        bind(self, self.studio.lessons.step_changed, self._on_step)
        self.course.fill()
        self.step.fill()
        self.restyle()
        self._show_page()
        if self._wanted:
            self._show_term(self._wanted)

    def want_term(self, term: str) -> None:
        """Show a term, now or when the panel comes into sight."""
        if self._built:
            self._show_term(term)
        else:
            self._wanted = term

    def restyle(self) -> None:
        for page in (self.course, self.step, self.glossary):
            page.restyle()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasUrls() and all(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        for url in event.mimeData().urls():
            self.course.take(url.toLocalFile())
        self.pages.setCurrentIndex(0)

    def _on_step(self) -> None:
        self.pages.setCurrentIndex(0)
        self._show_page()

    def _show_page(self) -> None:
        if self.pages.currentIndex() == 1:
            self.glossary.fill()
            self._stack.setCurrentWidget(self.glossary)
        else:
            self._stack.setCurrentWidget(self.step if self.studio.lessons.lesson is not None else self.course)

    def _show_term(self, term: str) -> None:
        self.pages.setCurrentIndex(1)
        self.glossary.show_term(term)
