"""The main window: docks and menus, nothing else. What the panels show is the panels' business."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QByteArray, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QCloseEvent,
    QDragEnterEvent,
    QDropEvent,
    QKeySequence,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QMenu,
    QTabWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from embstudio.base.examples import ExampleGroup
from embstudio.base.settings import Settings
from embstudio.gui.binding import bind
from embstudio.gui.dock_title import DockTitle
from embstudio.gui.model_picker import ModelPicker
from embstudio.gui.notice_card import NoticeCard
from embstudio.gui.panel_terms import PANEL_TERMS
from embstudio.gui.panels.lanes.menu import fill as fill_lanes_menu
from embstudio.gui.panels.panel import Panel
from embstudio.gui.sentence_bar import SentenceBar
from embstudio.gui.status_bar import StatusBar
from embstudio.gui.style.theme import Theme
from embstudio.gui.token_chips import TokenChips
from embstudio.gui.transport import Transport
from embstudio.gui.veil import Veil
from embstudio.gui.window_bar import WindowBar
from embstudio.studio import Studio
from embstudio.studio.gates import NOBODY_ASKED

# (name, title, what it shows), in the order of Ctrl+1, Ctrl+2, …
DOCKS = (
    ("memory", "Memory", "gates and states of a recurrent layer: each unit, each token"),
    ("attention", "Attention", "which token each token looks at, in every layer and head"),
    ("layers", "Layers", "how the current token's vector changes, and what it stands for at each layer"),
    (
        "gradient",
        "Gradient",
        "how much of a change at each token arrives at the current one, and which words moved a score",
    ),
    ("lanes", "Lanes", "the sentence through several models side by side: what each says and holds at the cursor"),
    ("space", "Space", "vectors as points, the model's words or a file's: the nearest, distances, directions"),
    ("prediction", "Prediction", "what the model says after each token"),
    ("anatomy", "Anatomy", "what is inside"),
    ("inspector", "Inspector", "one number"),
    ("watches", "Watches", "values at every step, and where to stop"),
    ("lab", "Lab", "small models that are trained in steps, before one's eyes"),
    ("lessons", "Lessons", "a course in short steps, and what words mean"),
)
_OWN_KEYS = {"watches": "Ctrl+B", "lab": "Ctrl+T", "lessons": "F2"}  # there are nine numbers only
# The panel that tells most about each kind of model.
_FACE = {
    "transformer": "attention", "lstm": "memory", "gru": "memory", "rnn": "memory", "embedding table": "space",
    "unknown": "space",
}  # fmt: skip
# Pixels of height from which inspector and watches stand one below the other, at normal text size.
_ROOM_FOR_TWO = 760
# Pixels of width from which the buttons beside the sentence say in words what they do, at the normal size of text.
_ROOM_FOR_WORDS = 760
_ROOM_FOR_MORE = 1200  # from which there is a word for newcomers too
_LESSONS_WIDTH = 320  # pixels, at the normal size of text
# Version of the arrangement of docks: an older remembered layout is not restored.
_LAYOUT_VERSION = 7


class MainWindow(QMainWindow):
    """The shell is complete and painted before any panel exists; `furnish` puts the panels in."""

    painted = Signal()  # once, after the first paint
    closing = Signal()
    file_wanted = Signal()
    vectors_wanted = Signal()
    making_wanted = Signal()
    vectors_dropped = Signal(str)
    save_trace_wanted = Signal()
    card_wanted = Signal()
    parity_wanted = Signal()
    keys_wanted = Signal()
    about_wanted = Signal()
    theme_wanted = Signal(str)
    text_size_wanted = Signal(float)

    def __init__(self, studio: Studio, theme: Theme, settings: Settings, examples: tuple[ExampleGroup, ...]) -> None:
        super().__init__()
        self.setObjectName("MainWindow")
        self.setWindowTitle("embstudio")
        self.setAcceptDrops(True)
        self.setMinimumSize(640, 480)
        self.resize(1360, 860)
        self._studio = studio
        self._theme = theme
        self.picker = ModelPicker(studio, settings, self)
        self.sentence = SentenceBar(studio, examples, self)
        self.transport = Transport(studio, theme, settings.speed, settings.loop, self)
        self.chips = TokenChips(studio, theme, self)
        self.status = StatusBar(studio, self)
        self.setStatusBar(self.status)
        self.about_model = QToolButton(self)
        self.about_model.setObjectName("aboutModel")
        self.about_model.setText("?")
        self.about_model.setToolTip(
            "What is this model? What it was trained on, how good it is, where it fails (Ctrl+I)"
        )
        self.about_model.setAccessibleName("What is this model?")
        self.about_model.clicked.connect(self.card_wanted)
        self.compare = QToolButton(self)
        self.compare.setObjectName("compare")
        self.compare.setText("Compare +")
        self.compare.setAccessibleName("Compare with another model")
        self.compare.setToolTip("Put another model beside this one, in the Lanes panel: it reads the same text")
        self.compare.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.compare.setMenu(self._lanes_menu())
        self.learn = QToolButton(self)
        self.learn.setObjectName("learn")
        self.learn.setAccessibleName("Lessons")
        self.learn.setToolTip("A course in short steps, beside the panels that show it (F2)")
        self.learn.clicked.connect(self._learn)
        typed = _side_by_side(self.sentence, self.compare, self.learn, wide=self.sentence)
        self._add_bar("modelBar", self.picker, self.about_model, typed)
        self.addToolBarBreak()
        self._add_bar("stepBar", self.transport, _side_by_side(WindowBar(studio), self.chips, wide=self.chips))
        self.docks = {name: self._dock(name, title, shows) for name, title, shows in DOCKS}
        self._arrange()
        self._fill_menus()
        self.notice = NoticeCard(studio, theme, self)
        self._kind = ""
        self._was_painted = False
        self.picker.file_wanted.connect(self.file_wanted)
        self.picker.card_wanted.connect(self.card_wanted)
        self.sentence.left.connect(self.chips.setFocus)
        self.status.stop_wanted.connect(studio.stop)
        self.status.runs_on.parity_wanted.connect(self.parity_wanted)
        bind(self, studio.document_changed, self._on_document)
        bind(self, theme.changed, self._fit_bar)
        bind(self, studio.lessons.step_changed, self._fit_bar)
        self._fit_bar()
        self._restore(settings)

    def furnish(self, panels: dict[str, Panel]) -> None:
        """Put the panels into their docks, by the names in DOCKS."""
        for name, panel in panels.items():
            dock = self.docks[name]
            panel.uncover(not dock.visibleRegion().isEmpty())
            dock.visibilityChanged.connect(panel.uncover)
            dock.setWidget(panel)
            if panel.follows_model:
                self.status.running_changed.connect(Veil(panel, self._theme).drop)
        self._studio.gates.show(NOBODY_ASKED, False)

    def raise_panel(self, name: str) -> None:
        """Show a panel and bring its tab to the front."""
        self.docks[name].show()
        self.docks[name].raise_()

    def state(self) -> QByteArray:
        """How the panels stand."""
        return self.saveState(_LAYOUT_VERSION)

    def restore(self, state: QByteArray) -> None:
        """Put the panels back as they stood."""
        self.restoreState(state, _LAYOUT_VERSION)

    def store(self, settings: Settings) -> None:
        """Remember the place of the window and of its panels."""
        settings.geometry = base64.b64encode(self.saveGeometry().data()).decode("ascii")
        settings.layout = base64.b64encode(self.saveState(_LAYOUT_VERSION).data()).decode("ascii")
        settings.speed = self.transport.speed
        settings.loop = self.transport.loop.isChecked()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not self._was_painted:
            self._was_painted = True
            QTimer.singleShot(0, self.painted.emit)  # the children are painted after us, in this same turn

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_bar()

    def _fit_bar(self) -> None:
        """Leave room for the sentence where there is little."""
        self.compare.setText("Compare +" if self.width() >= _ROOM_FOR_WORDS * self._theme.scale else "+")
        roomy = self.width() >= _ROOM_FOR_MORE * self._theme.scale
        self.learn.setText("New here? Lessons" if roomy and self._studio.lessons.is_new else "Lessons")
        self.learn.setVisible(self.width() >= _ROOM_FOR_WORDS * self._theme.scale)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path:
            event.acceptProposedAction()
            if _is_model(path):
                self._studio.open(path)
            else:
                self.vectors_dropped.emit(path)

    def _lanes_menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        menu.aboutToShow.connect(lambda: fill_lanes_menu(menu, self._studio, self))
        menu.triggered.connect(lambda _action: self.raise_panel("lanes"))
        return menu

    def _add_bar(self, name: str, *widgets: QWidget) -> None:
        bar = QToolBar(self)
        bar.setObjectName(name)
        bar.setMovable(False)
        bar.setFloatable(False)
        bar.toggleViewAction().setVisible(False)  # without it nobody could type or step
        for widget in widgets:
            bar.addWidget(widget)
        self.addToolBar(Qt.ToolBarArea.TopToolBarArea, bar)

    def _dock(self, name: str, title: str, shows: str) -> QDockWidget:
        dock = QDockWidget(title, self)
        dock.setObjectName(f"{name}Dock")
        dock.setTitleBarWidget(
            DockTitle(dock, shows, self._theme, PANEL_TERMS.get(name, ()), self._studio.lessons.term_wanted.emit)
        )
        waiting = QLabel(dock)
        waiting.setBackgroundRole(QPalette.ColorRole.Base)
        waiting.setAutoFillBackground(True)
        dock.setWidget(waiting)
        return dock

    def _arrange(self) -> None:
        """The arrangement of LOOK: tree on the left, pictures in the middle, prediction below, inspector right."""
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        docks = self.docks
        for dock in docks.values():
            dock.setFloating(False)
            self.removeDockWidget(dock)  # moved from tab to tab, docks leave a tab bar behind
        self.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, docks["anatomy"])
        self.splitDockWidget(docks["anatomy"], docks["memory"], Qt.Orientation.Horizontal)
        self.splitDockWidget(docks["memory"], docks["inspector"], Qt.Orientation.Horizontal)
        self.splitDockWidget(docks["memory"], docks["prediction"], Qt.Orientation.Vertical)
        self.tabifyDockWidget(docks["memory"], docks["attention"])
        self.tabifyDockWidget(docks["attention"], docks["layers"])
        self.tabifyDockWidget(docks["layers"], docks["gradient"])
        self.tabifyDockWidget(docks["gradient"], docks["lanes"])
        self.tabifyDockWidget(docks["lanes"], docks["space"])
        self.tabifyDockWidget(docks["space"], docks["lab"])
        self.tabifyDockWidget(docks["anatomy"], docks["lessons"])
        if self.height() >= _ROOM_FOR_TWO * self._theme.scale:
            self.splitDockWidget(docks["inspector"], docks["watches"], Qt.Orientation.Vertical)
        else:
            self.tabifyDockWidget(docks["inspector"], docks["watches"])
            docks["inspector"].raise_()
        across = [docks["anatomy"], docks["memory"], docks["inspector"]]
        self.resizeDocks(across, [236, 824, 300], Qt.Orientation.Horizontal)
        self.resizeDocks([docks["memory"], docks["prediction"]], [530, 230], Qt.Orientation.Vertical)
        self.resizeDocks([docks["inspector"], docks["watches"]], [440, 320], Qt.Orientation.Vertical)
        for dock in docks.values():
            dock.show()
        docks["memory"].raise_()
        docks["anatomy"].raise_()

    def _restore(self, settings: Settings) -> None:
        self.restoreGeometry(QByteArray.fromBase64(settings.geometry.encode("ascii", "ignore")))
        self.restoreState(QByteArray.fromBase64(settings.layout.encode("ascii", "ignore")), _LAYOUT_VERSION)

    def _fill_menus(self) -> None:
        bar = self.menuBar()
        file = bar.addMenu("&File")
        self._add(file, "&Open…", "Ctrl+O", self.file_wanted.emit)
        self._add(file, "Open &vectors…", "Ctrl+Shift+O", self.vectors_wanted.emit)
        self._add(file, "Make vec&tors…", "", self.making_wanted.emit)
        models = file.addMenu("Open a &model")
        models.aboutToShow.connect(lambda: self.picker.fill(models))
        runs = file.addMenu("&Run on")
        runs.setToolTipsVisible(True)
        runs.aboutToShow.connect(lambda: self.status.runs_on.fill(runs))
        self._add(file, "&Save trace…", "Ctrl+S", self.save_trace_wanted.emit)
        file.addSeparator()
        self._add(file, "&Quit", "Ctrl+Q", self.close)

        step = bar.addMenu("&Step")
        step.addActions(self.transport.actions_in_order)
        step.addSeparator()
        step.addActions(self.transport.stop_actions)
        step.addSeparator()
        self._add(step, "&Faster", "]", lambda: self.transport.change_speed(1.5))
        self._add(step, "&Slower", "[", lambda: self.transport.change_speed(1 / 1.5))
        step.addSeparator()
        self._add(step, "&Type a sentence", "Ctrl+L", self._go_to_sentence)
        self._add(step, "&Mask this token", "Ctrl+M", self._studio.writer.mask)
        self._add(step, "Take &back what was written last", "Ctrl+Z", self._studio.writer.undo)
        self._add(step, "S&top what is running", "Escape", self._studio.stop)

        view = bar.addMenu("&View")
        for place, (name, title, _shows) in enumerate(DOCKS, start=1):
            key = _OWN_KEYS.get(name, f"Ctrl+{place}")
            self._add(view, f"Go to {title}", key, partial(self.raise_panel, name))
        shown = view.addMenu("&Panels")
        shown.addActions([dock.toggleViewAction() for dock in self.docks.values()])
        self._add(view, "&Restore the arrangement", "", self._rearrange)
        view.addSeparator()
        self._add(view, "&Dark", "", lambda: self.theme_wanted.emit("dark"))
        self._add(view, "&Light", "", lambda: self.theme_wanted.emit("light"))
        view.addSeparator()
        self._add(view, "&Larger text", "Ctrl++", lambda: self.text_size_wanted.emit(self._theme.scale + 0.1))
        self._add(view, "&Smaller text", "Ctrl+-", lambda: self.text_size_wanted.emit(self._theme.scale - 0.1))
        self._add(view, "&Normal text", "Ctrl+0", lambda: self.text_size_wanted.emit(1.0))

        lessons, course = bar.addMenu("&Lessons"), self._studio.lessons
        lessons.addAction(view.actions()[len(DOCKS) - 1])  # the panel
        self._add(lessons, "&Next step", "F3", lambda: course.go(1))
        self._add(lessons, "Step &back", "Shift+F3", lambda: course.go(-1))
        self._add(lessons, "&Show this step again", "F4", course.show)
        self._add(lessons, "&Leave the lesson", "", course.leave)
        lessons.addSeparator()
        self._add(lessons, "&Glossary", "Shift+F1", lambda: course.term_wanted.emit(""))

        about = bar.addMenu("&Help")
        self._add(about, "What is this &model?", "Ctrl+I", self.card_wanted.emit)
        self._add(about, "&Keys", "F1", self.keys_wanted.emit)
        self._add(about, "&About embstudio", "", self.about_wanted.emit)

    def _add(self, menu: QMenu, text: str, key: str, do: Callable[[], object]) -> QAction:
        action = menu.addAction(text)
        action.setObjectName(text.replace("&", "").replace("…", ""))
        if key:
            action.setShortcut(QKeySequence(key))
        action.triggered.connect(lambda _checked=False: do())
        return action

    def _go_to_sentence(self) -> None:
        self.sentence.field.setFocus()
        self.sentence.field.selectAll()

    def _on_document(self) -> None:
        document = self._studio.document
        if document is None:
            return
        self.setWindowTitle(f"{document.source.title} — embstudio")
        kind = document.opened.anatomy.kind
        if kind == self._kind:
            return
        self._kind = kind
        sets = self._studio.vector_sets
        in_front = not self.docks["space"].visibleRegion().isEmpty()
        looks_at_file = sets.loading.path is not None or (sets.chosen is not None and in_front)
        # Who compares models goes on comparing them, and who looks at the vectors of a file goes on with that.
        if self.docks["lanes"].visibleRegion().isEmpty() and not looks_at_file:
            self._raise_face()

    def _learn(self) -> None:
        """Bring the lessons to the front, with room for their titles."""
        self.raise_panel("lessons")
        dock, width = self.docks["lessons"], round(_LESSONS_WIDTH * self._theme.scale)
        if dock.width() < min(width, self.width() // 3):
            self.resizeDocks([dock], [min(width, self.width() // 3)], Qt.Orientation.Horizontal)

    def _rearrange(self) -> None:
        self._arrange()
        self._raise_face()

    def _raise_face(self) -> None:
        """Bring the panel that tells most about this kind of model to the front, unless the person has closed it."""
        face = _FACE.get(self._kind)
        if face and not self.docks[face].isHidden():
            self.raise_panel(face)


def _dropped(event: QDropEvent) -> str:
    """The path of the one file or folder that is dragged, or ""."""
    urls = event.mimeData().urls()
    if len(urls) != 1 or not urls[0].isLocalFile():
        return ""
    return urls[0].toLocalFile()


def _is_model(path: str) -> bool:
    """Any other file is taken for vectors: what they are is told by what is in them."""
    return path.lower().endswith(".onnx") or Path(path).is_dir()


def _side_by_side(*widgets: QWidget, wide: QWidget) -> QWidget:
    """One widget of several: a tool bar goes on making room for one of its own that is hidden. wide: takes the room."""
    both = QWidget()
    row = QHBoxLayout(both)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(4)
    for widget in widgets:
        row.addWidget(widget, 1 if widget is wide else 0)
    return both
