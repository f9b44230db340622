"""The mouse on a scatter: it moves the view, turns a cloud, draws a box or a lasso, and clicks."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QMouseEvent

from embstudio.gui.plots.scatter.outline import Outline

if TYPE_CHECKING:
    from embstudio.gui.plots.scatter.scatter import Scatter

CLICK = 4.0  # pixels that a click may wander
TURN = 0.008  # radians a pixel


class Tool(Enum):
    """What the left button does."""

    MOVE = "move"
    BOX = "box"
    LASSO = "lasso"


class How(Enum):
    """What happens to a selection."""

    REPLACE = "replace"
    ADD = "add"
    REMOVE = "remove"


def how(modifiers: Qt.KeyboardModifier) -> How:
    """Shift adds, Ctrl takes away."""
    if modifiers & Qt.KeyboardModifier.ShiftModifier:
        return How.ADD
    return How.REMOVE if modifiers & Qt.KeyboardModifier.ControlModifier else How.REPLACE


class Hand:
    """Follows one drag at a time, from the press to the release."""

    def __init__(self, scatter: Scatter) -> None:
        self.tool = Tool.MOVE
        self.outline: Outline | None = None
        self._scatter = scatter
        self._pressed: QPointF | None = None
        self._last = QPointF()
        self._wandered = False
        self._pans = False

    @property
    def busy(self) -> bool:
        """Whether a button is down."""
        return self._pressed is not None

    def rest_cursor(self) -> Qt.CursorShape:
        """The pointer while no button is down."""
        return Qt.CursorShape.ArrowCursor if self.tool is Tool.MOVE else Qt.CursorShape.CrossCursor

    def press(self, event: QMouseEvent) -> None:
        """A button went down."""
        left = event.button() == Qt.MouseButton.LeftButton
        if self.busy or not (left or event.button() == Qt.MouseButton.MiddleButton):
            return
        self._pressed = self._last = event.position()
        self._wandered = False
        shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self._pans = not left or (self.tool is Tool.MOVE and (shifted or not self._scatter.is_cloud))
        if left and self.tool is not Tool.MOVE:
            self.outline = Outline(self.tool is Tool.LASSO, [event.position()])

    def move(self, event: QMouseEvent) -> None:
        """The mouse moved with a button down."""
        assert self._pressed is not None
        if not self._wandered and (event.position() - self._pressed).manhattanLength() < CLICK:
            return
        self._wandered = True
        moved, self._last = event.position() - self._last, event.position()
        if self.outline is not None:
            self.outline.reach(event.position())
            self._scatter.update()
        elif self._pans:
            self._scatter.setCursor(Qt.CursorShape.ClosedHandCursor)
            self._scatter.pan(moved.x(), moved.y())
        else:
            self._scatter.turn_by(TURN * moved.x(), TURN * moved.y())

    def release(self, event: QMouseEvent) -> None:
        """The button went up."""
        if self._pressed is None:
            return
        outline, self.outline, pressed, self._pressed = self.outline, None, self._pressed, None
        self._scatter.setCursor(self.rest_cursor())
        if not self._wandered:
            self._scatter.click(pressed, event.modifiers())
        elif outline is not None:
            outline.reach(event.position())
            self._scatter.choose(
                outline.held(self._scatter.figure.points.whole, self._scatter.view), how(event.modifiers())
            )
        else:
            self._scatter.rest()

    def give_up(self) -> bool:
        """Forget a box or lasso that is being drawn; whether there was one."""
        had = self.outline is not None
        self.outline, self._pressed = None, None
        return had
