"""All lessons with how far one has come, and their steps: any can be opened."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFileDialog,
    QHeaderView,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.lessons.prose_html import ProseHtml
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.lessons.lesson import Lesson
from embstudio.studio import Notice, Studio

INTRODUCTION = (
    "Short lessons on how models read, from vectors to transformers. Each step sets the panels and says where to look; "
    "every number is worked out while you read. You can play at any time, and leaving gives back what you had."
)
_LESSON, _AT = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class CoursePage(QWidget):
    """chosen(lesson, step): to be opened."""

    chosen = Signal(object, int)

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._theme = studio, theme
        self.about = WrappedLabel(INTRODUCTION)
        self.go_on = QPushButton(self)
        self.go_on.setObjectName("lessonGoOn")
        self.go_on.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # its words may be long
        self.go_on.clicked.connect(self._go_on)
        self.tree = QTreeWidget(self)
        self.tree.setObjectName("lessonTree")
        self.tree.setAccessibleName("Lessons and their steps")
        self.tree.setHeaderHidden(True)
        self.tree.setColumnCount(2)
        self.tree.setUniformRowHeights(False)
        self.tree.setWordWrap(True)
        header = self.tree.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self.tree.setIndentation(14)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideNone)
        header.sectionResized.connect(
            lambda *_: self.tree.scheduleDelayedItemsLayout()
        )  # rows are as high as they need
        self.tree.itemActivated.connect(self._activated)
        self.refused = WrappedLabel("")
        self.refused.setObjectName("lessonsRefused")
        self.own = QToolButton(self)
        self.own.setObjectName("lessonOwn")
        self.own.setText("Open lessons…")
        self.own.setToolTip("A lesson of your own, or a folder of them; you can drop them here too (docs/lessons.md)")
        self.own.clicked.connect(self._choose)
        self.again = QToolButton(self)
        self.again.setObjectName("lessonReload")
        self.again.setText("Read again")
        self.again.setToolTip("Read all files anew, after one was changed")
        self.again.clicked.connect(studio.lessons.reload)
        row = FlowRow(self)
        row.flow.setContentsMargins(0, 0, 0, 0)
        row.flow.addWidget(self.own)
        row.flow.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(8)
        column.addWidget(self.about)
        column.addWidget(self.go_on)
        column.addWidget(self.tree, 1)
        column.addWidget(self.refused)
        column.addWidget(row)
        bind(self, studio.lessons.shelf_changed, self.fill)
        bind(self, studio.lessons.step_changed, self.fill)

    def fill(self) -> None:
        """The lessons as they are now."""
        lessons, plain = self._studio.lessons, ProseHtml(self._theme, lambda _name: None)
        opened = {item.data(0, _LESSON).path for item in self._items() if item.isExpanded()}
        current = self.tree.currentItem()
        kept = (current.data(0, _LESSON).path, current.data(0, _AT)) if current is not None else None
        self.tree.clear()
        for lesson in lessons.shelf.lessons:
            item = self._row(lesson, plain)
            seen = lessons.seen(lesson)
            for at, step in enumerate(lesson.steps):
                line = QTreeWidgetItem([plain.plain(step.title), "✓" if at in seen else ""])
                line.setData(0, _LESSON, lesson)
                line.setData(0, _AT, at)
                line.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                item.addChild(line)
            self.tree.addTopLevelItem(item)
            item.setExpanded(lesson.path in opened)
        for item in self._items():
            rows = (item.child(at) for at in range(item.childCount()))
            for row in (item, *(each for each in rows if each is not None)):
                if kept is not None and (row.data(0, _LESSON).path, row.data(0, _AT)) == kept:
                    self.tree.setCurrentItem(row)
        self._say_next()
        self.refused.setText(
            "\n".join(f"{error.where}: {error.what} {error.advice}" for error in lessons.shelf.refused)
        )

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self.refused.setStyleSheet(f"color: {self._theme.colours.warning}")
        font = self._theme.font(bold=True)
        self.go_on.setFont(font)

    def _row(self, lesson: Lesson, plain: ProseHtml) -> QTreeWidgetItem:
        seen, steps = len(self._studio.lessons.seen(lesson)), len(lesson.steps)
        number = f"{lesson.number}. " if lesson.number else ""
        done = "✓" if seen == steps else f"{seen} of {steps}" if seen else ""
        item = QTreeWidgetItem([number + plain.plain(lesson.title), done])
        minutes = f"\nAbout {lesson.minutes} minutes." if lesson.minutes else ""
        item.setToolTip(0, f"{plain.plain(lesson.summary)}{minutes}")
        item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        item.setData(0, _LESSON, lesson)
        item.setData(0, _AT, -1)
        return item

    def _items(self) -> list[QTreeWidgetItem]:
        found = (self.tree.topLevelItem(place) for place in range(self.tree.topLevelItemCount()))
        return [item for item in found if item is not None]

    def _say_next(self) -> None:
        up, lessons = self._studio.lessons.next_up, self._studio.lessons
        self.go_on.setVisible(bool(lessons.shelf.lessons))
        if up is None:
            self.go_on.setText("Begin once more")
        elif lessons.is_new:
            self.go_on.setText("Begin")
        else:
            title = ProseHtml(self._theme, lambda _name: None).plain(up[0].title)
            self.go_on.setText(f"Go on: {title}")
            self.go_on.setToolTip(f"{title}, step {up[1] + 1}")

    def _go_on(self) -> None:
        lessons = self._studio.lessons
        up = lessons.next_up or ((lessons.shelf.lessons[0], 0) if lessons.shelf.lessons else None)
        if up is not None:
            self.chosen.emit(*up)

    def _activated(self, item: QTreeWidgetItem) -> None:
        at = item.data(0, _AT)
        if at < 0 and not item.isExpanded():
            item.setExpanded(True)
        self.chosen.emit(item.data(0, _LESSON), max(0, at))

    def _choose(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Open a lesson", "", "Lessons (*.toml);;All files (*)")
        if path:
            self.take(path)

    def take(self, path: str) -> None:
        """Take lessons of the person's own; say what is wrong with them."""
        from pathlib import Path

        try:
            self._studio.lessons.add(Path(path))
        except StudioError as error:
            self._studio.noticed.emit(Notice.of(error))
