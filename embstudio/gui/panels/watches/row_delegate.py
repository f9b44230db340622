"""How a row is drawn: the expression and its value, and below them all tokens in one strip."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionButton,
    QStyleOptionViewItem,
    QWidget,
)

from embstudio.gui.panels.watches.expression_field import ExpressionField
from embstudio.gui.panels.watches.row import Row
from embstudio.gui.panels.watches.row_model import ROW
from embstudio.gui.panels.watches.strip import paint_cursor, paint_line, paint_ticks, range_of
from embstudio.gui.style.numbers import MINUS
from embstudio.gui.style.theme import Theme
from embstudio.stepper.watch.series import Series
from embstudio.studio import Studio

_Index = QModelIndex | QPersistentModelIndex
INSET = 8
GAP = 8
STRIP = 16  # pixels, at normal text size


class RowDelegate(QStyledItemDelegate):
    """Draws the rows of both lists; in place of the expression comes a field while it is edited."""

    def __init__(self, studio: Studio, theme: Theme, view: QAbstractItemView) -> None:
        super().__init__(view)
        self._studio = studio
        self._theme = theme
        self.attempt: str | None = None  # what was written last and refused, to go on with

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        line = max(QFontMetrics(self._theme.mono("small")).height(), QFontMetrics(self._theme.mono()).height())
        return QSize(120, line + self._strip_height() + 12)

    def strip_rect(self, row: Row, rect: QRect) -> QRectF:
        """Where the strip of all tokens is in a row."""
        left = rect.left() + INSET + self._box(row)
        height = self._strip_height()
        beside = self._beside()
        # The same in all rows, so that tokens stand below each other; all of it where the list is narrow.
        right = rect.right() - INSET - (beside if rect.width() > 2.2 * beside else 0)
        return QRectF(left, rect.bottom() - height - 4, max(0, right - left), height)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        row: Row = index.data(ROW)
        colour = self._theme.colour
        rect = option.rect
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, colour("raised"))
            if option.state & QStyle.StateFlag.State_Active and option.state & QStyle.StateFlag.State_HasFocus:
                painter.setPen(colour("accent"))
                painter.drawRect(rect.adjusted(0, 0, -1, -1))
        quiet = bool(row.problem) or row.enabled is False
        self._paint_box(painter, row, rect)
        upper = QRect(rect.left() + INSET + self._box(row), rect.top() + 4,
                      rect.width() - 2 * INSET - self._box(row), self._line_height())  # fmt: skip
        taken = 0 if row.enabled is not None else self._paint_value(painter, row, upper)
        font = self._theme.mono("small")
        painter.setFont(font)
        painter.setPen(colour("muted" if quiet else "text"))
        room = upper.adjusted(0, 0, -taken, 0)
        text = QFontMetrics(font).elidedText(row.text, Qt.TextElideMode.ElideMiddle, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, text)
        self._paint_strip(painter, row, rect)
        painter.restore()

    def _paint_value(self, painter: QPainter, row: Row, upper: QRect) -> int:
        """The value at the cursor, to the right; returns how much room it took."""
        font = self._theme.mono("small" if row.unknown else "normal")
        wanted = QFontMetrics(font).horizontalAdvance(row.value) + 2  # it is rounded down
        width = min(wanted, upper.width() * (1 if row.unknown else 3) // (2 if row.unknown else 5))
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted" if row.unknown else "text"))
        value = QFontMetrics(font).elidedText(row.value, Qt.TextElideMode.ElideRight, width)
        painter.drawText(upper, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, value)
        return width + GAP if row.value else 0

    def _paint_count(self, painter: QPainter, row: Row, beside: QRectF) -> None:
        """At how many tokens a condition holds, and a dot where it does at the cursor."""
        font = self._beside_font()
        font.setBold(row.now)
        painter.setFont(font)
        painter.setPen(self._theme.colour("text" if row.now else "muted"))
        painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, row.value)
        if row.now and row.enabled:
            painter.setBrush(self._theme.colour("error"))
            painter.setPen(Qt.PenStyle.NoPen)
            wide = QFontMetrics(font).horizontalAdvance(row.value)
            painter.drawEllipse(QRectF(beside.right() - wide - 12, beside.center().y() - 3, 7, 7))

    def _paint_box(self, painter: QPainter, row: Row, rect: QRect) -> None:
        if row.enabled is None:
            return
        box = QStyleOptionButton()
        box.rect = self.box_rect(rect)
        box.state = QStyle.StateFlag.State_Enabled | (
            QStyle.StateFlag.State_On if row.enabled else QStyle.StateFlag.State_Off
        )
        QApplication.style().drawPrimitive(QStyle.PrimitiveElement.PE_IndicatorCheckBox, box, painter)

    def box_rect(self, rect: QRect) -> QRect:
        """Where the check box of a row is."""
        side = QApplication.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth)
        return QRect(rect.left() + INSET, rect.top() + 4 + max(0, self._line_height() - side) // 2, side, side)

    def _paint_strip(self, painter: QPainter, row: Row, rect: QRect) -> None:
        colour = self._theme.colour
        strip = self.strip_rect(row, rect)
        small = self._theme.font("small")
        if row.problem:
            painter.setFont(small)
            painter.setPen(colour("warning" if row.fault else "muted"))
            strip.setRight(rect.right() - INSET)
            text = QFontMetrics(small).elidedText(row.problem, Qt.TextElideMode.ElideRight, int(strip.width()))
            painter.drawText(strip, Qt.AlignmentFlag.AlignVCenter, text)
            return
        series = row.series
        if series is None:
            return
        tokens = len(series)
        beside = QRectF(strip.right() + 4, strip.top(), rect.right() - INSET - strip.right() - 4, strip.height())
        if row.is_condition:
            if not row.places:
                painter.setOpacity(0.5)
            paint_ticks(painter, strip, row.places, tokens, colour("error" if row.enabled else "muted"))
            painter.setOpacity(1)
            if row.enabled is not None and beside.width() > 0:
                self._paint_count(painter, row, beside)
        elif row.line is not None:
            paint_line(painter, strip, row.line, (colour("residual"), colour("border")))
            if row.line.names is None and beside.width() > 0:
                self._paint_range(painter, row.line, beside)
        else:
            return
        paint_cursor(painter, strip, self._studio.cursor.token, tokens, colour("accent"))

    def _paint_range(self, painter: QPainter, line: Series, beside: QRectF) -> None:
        low, high = range_of(line)
        if low != low:  # nothing but unknown values
            return
        font = self._beside_font()
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        text = QFontMetrics(font).elidedText(
            f"{_short(low)} … {_short(high)}", Qt.TextElideMode.ElideRight, int(beside.width()) + 1
        )
        painter.drawText(beside, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)

    # Editing -----------------------------------------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: _Index) -> QWidget:
        field = ExpressionField(self._studio, parent)
        field.setAccessibleName("The expression")
        field.setFont(self._theme.mono("small"))
        return field

    def setEditorData(self, editor: QWidget, index: _Index) -> None:
        assert isinstance(editor, ExpressionField)
        if not editor.text():
            editor.setText(self.attempt if self.attempt is not None else str(index.data(Qt.ItemDataRole.EditRole)))

    def setModelData(self, editor: QWidget, model: object, index: _Index) -> None:
        assert isinstance(editor, ExpressionField)
        index.model().setData(index, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: _Index) -> None:
        editor.setGeometry(option.rect.adjusted(2, 1, -2, -1))

    def editorEvent(self, event: QEvent, model: object, option: QStyleOptionViewItem, index: _Index) -> bool:
        return False  # the list handles the mouse: a strip is clicked to go there, a box to switch it

    # Sizes -------------------------------------------------------------------------------------------------------

    def _line_height(self) -> int:
        return max(QFontMetrics(self._theme.mono("small")).height(), QFontMetrics(self._theme.mono()).height())

    def _strip_height(self) -> int:
        return round(STRIP * self._theme.scale)

    def _box(self, row: Row) -> int:
        if row.enabled is None:
            return 0
        return QApplication.style().pixelMetric(QStyle.PixelMetric.PM_IndicatorWidth) + 6

    def _beside_font(self) -> QFont:
        font = self._theme.mono("small")
        font.setPointSizeF(font.pointSizeF() * 0.85)
        return font

    def _beside(self) -> int:
        """How much room is to the right of a strip: for the range of its values, or the count of places."""
        return QFontMetrics(self._beside_font()).horizontalAdvance("−0.000 … 00.0") + 10


def _short(value: float) -> str:
    """Three significant digits, or two of a long number: the ends of a strip are read, not worked with."""
    text = f"{value:.3g}"
    return (text if len(text) <= 5 else f"{value:.2g}").replace("-", MINUS)
