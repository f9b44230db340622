"""The buttons of a scatter: what the left button does, how near it is seen, and saving the figure."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QMenu, QToolButton, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.plots.scatter.export import KINDS, export_figure
from embstudio.gui.plots.scatter.hand import Tool
from embstudio.gui.plots.scatter.scatter import STEP, Scatter

_SIDE = 64  # drawn large; Qt scales it down crisply on any screen
_TOOLS = {
    Tool.MOVE: ("Move", "Drag to move what is seen; Shift and a click selects a point"),
    Tool.BOX: ("Select with a box", "Drag a box around points to select them; with Shift add, with Ctrl take out"),
    Tool.LASSO: ("Select with a lasso", "Draw around points to select them; with Shift add, with Ctrl take out"),
}


class ScatterTools(QWidget):
    """A short row: a menu of tools that shows the one in use, and buttons for how near the points are seen.

    saved(path), failed(StudioError): what became of a figure.
    """

    saved = Signal(str)
    failed = Signal(object)

    def __init__(self, scatter: Scatter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scatter = scatter
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        self.tools = self._button("mapTool", "▾", "What dragging does, and saving the figure", lambda: None)
        self.tools.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.tools.setStyleSheet("QToolButton::menu-indicator { image: none; }")  # it would lie over the icon
        self.tools.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.actions_of: dict[Tool, QAction] = {}
        menu, together = QMenu(self.tools), QActionGroup(self)
        menu.setToolTipsVisible(True)
        for tool, (name, tip) in _TOOLS.items():
            action = menu.addAction(name)
            action.setToolTip(tip)
            action.setCheckable(True)
            action.setChecked(tool is scatter.hand.tool)
            action.triggered.connect(partial(self.choose, tool))
            together.addAction(action)
            self.actions_of[tool] = action
        self._rest = menu.addSeparator()
        menu.addAction("Save the figure…").triggered.connect(self._ask)
        self.tools.setMenu(menu)
        self._button("mapFit", "Fit", "Bring all points into sight (0)", scatter.fit)
        self._button("mapIn", "+", "Zoom in (+, or the wheel)", lambda: scatter.zoom(STEP))
        self._button("mapOut", "−", "Zoom out (−, or the wheel)", lambda: scatter.zoom(1 / STEP))
        self.restyle()

    def choose(self, tool: Tool) -> None:
        """Take a tool."""
        self._scatter.set_tool(tool)
        self.actions_of[tool].setChecked(True)
        self.restyle()

    def add_switch(self, name: str, text: str, tip: str) -> QAction:
        """Something more in the menu that is on, and can be turned off."""
        action = QAction(text, self)
        action.setObjectName(name)
        action.setToolTip(tip)
        action.setCheckable(True)
        action.setChecked(True)
        menu = self.tools.menu()
        menu.insertSeparator(self._rest)
        menu.insertAction(self._rest, action)
        return action

    def restyle(self) -> None:
        """Colours or fonts changed, or the tool."""
        theme, used = self._scatter.theme, self._scatter.hand.tool
        side = round(16 * theme.scale)
        for tool, action in self.actions_of.items():
            action.setIcon(tool_icon(tool, theme.colour("text")))
        self.tools.setIcon(self.actions_of[used].icon())
        self.tools.setIconSize(QSize(side, side))
        self.tools.setAccessibleName(f"Tool: {_TOOLS[used][0]}")

    def _button(self, name: str, text: str, tip: str, do: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAccessibleName(tip.partition(" (")[0])
        button.setAutoRaise(True)
        button.clicked.connect(lambda _checked=False: do())
        layout = self.layout()
        assert layout is not None
        layout.addWidget(button)
        return button

    def _ask(self, _checked: bool = False) -> None:
        kinds = ";;".join(f"{name} (*{ending})" for ending, name in KINDS.items())
        path, chosen = QFileDialog.getSaveFileName(self, "Save the figure", "figure.png", kinds)
        if path:
            file = Path(path)
            if not file.suffix:
                file = file.with_suffix(next(ending for ending in KINDS if f"*{ending}" in chosen))
            self.save(file)

    def save(self, file: Path) -> None:
        """Write the figure, and say so or say why not."""
        try:
            export_figure(self._scatter, file)
        except StudioError as error:
            self.failed.emit(error)
        else:
            self.saved.emit(str(file))


def tool_icon(tool: Tool, colour: QColor) -> QIcon:
    """Four arrows, a dashed box, or a loop with a loose end."""
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, 5, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
    if tool is Tool.MOVE:
        painter.translate(_SIDE / 2, _SIDE / 2)
        for _ in range(4):
            painter.drawLine(QPointF(0, 0), QPointF(25, 0))
            painter.drawPolyline([QPointF(17, -8), QPointF(25, 0), QPointF(17, 8)])
            painter.rotate(90)
    elif tool is Tool.BOX:
        pen = painter.pen()
        pen.setDashPattern([2.0, 1.9])
        painter.setPen(pen)
        painter.drawRect(QRectF(9, 13, 46, 38))
    else:
        path = QPainterPath(QPointF(20, 44))
        path.cubicTo(QPointF(-6, 30), QPointF(10, 6), QPointF(36, 8))
        path.cubicTo(QPointF(66, 10), QPointF(64, 42), QPointF(34, 46))
        path.cubicTo(QPointF(24, 47), QPointF(18, 46), QPointF(16, 40))
        path.moveTo(QPointF(20, 44))
        path.cubicTo(QPointF(26, 52), QPointF(20, 58), QPointF(12, 58))
        painter.drawPath(path)
    painter.end()
    return QIcon(pixmap)
