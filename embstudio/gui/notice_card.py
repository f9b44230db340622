"""A message over the lower right corner: what happened, why, what to do next. It moves nothing else."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.style.theme import Theme
from embstudio.modelfile.catalogue import ModelSource
from embstudio.studio import Notice, Severity, Studio

INFO_MS = 9000  # errors and warnings stay until the person closes them or the next good trace
MARGIN = 16
WIDTH = 460
MOST_LINES = 10  # of the details that are in sight at once
_MARKS = {Severity.INFO: ("ℹ", "accent"), Severity.WARNING: ("⚠", "warning"), Severity.ERROR: ("✕", "error")}


class NoticeCard(QFrame):
    """Shows the latest notice. The library's own words are one click away, for a report.

    What came while a model was opened is not answered by its first trace: it stays, and what there is to say of that
    trace is added to it.
    """

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("NoticeCard")
        self.setAccessibleName("Message")
        self.setAutoFillBackground(True)
        self._over = parent
        self._studio, self._theme = studio, theme
        self.notice: Notice | None = None
        self._opening: ModelSource | None = None  # the model that was on its way when the notice came
        self._before_all = False  # whether there was no model at all then
        self._another = False  # whether a model was just opened, whose first trace comes at once
        self._stays = False  # whether the notice stays beside what is said of that trace
        self._mark, self._text = QLabel(self), QLabel(self)
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._detail = QPlainTextEdit(self)
        self._detail.setReadOnly(True)
        self._detail.setObjectName("noticeDetailText")
        self._detail.setAccessibleName("Details of this message")
        self._more = self._button("Details", lambda: self._show_detail(not self._detail.isVisible()))
        self._close = self._button("Close", self.hide)
        self._act = self._button("Action", self._do)
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self._act)
        buttons.addWidget(self._more)
        buttons.addWidget(self._close)
        column = QVBoxLayout()
        column.addWidget(self._text)
        column.addWidget(self._detail)
        column.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 8)
        row.addWidget(self._mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(column, 1)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(INFO_MS)
        self._timer.timeout.connect(self.hide)
        bind(self, studio.noticed, self.show_notice)
        bind(self, studio.document_changed, self._on_document)
        bind(self, studio.trace_changed, self._retire)
        bind(self, theme.changed, self._restyle)
        parent.installEventFilter(self)
        self.hide()

    def show_notice(self, notice: Notice) -> None:
        """Show a notice in place of the one before, or below one that stays."""
        before, self._stays = self.notice if self._stays and not self.isHidden() else None, False
        if before is not None and notice != before:
            notice = before.then(notice)
        self.notice = notice
        self._opening, self._before_all = self._studio.opening, self._studio.document is None
        self._text.setText(notice.text + (f"\n{notice.advice}" if notice.advice else ""))
        self._detail.setPlainText(notice.detail)
        self._more.setVisible(bool(notice.detail))
        self._act.setVisible(bool(notice.action))
        self._act.setText(notice.action)
        self._act.setAccessibleName(notice.action)
        self.setAccessibleDescription(self._text.text())
        self._restyle()
        self.show()
        self.raise_()
        self._show_detail(False)
        self._timer.stop()
        if notice.severity is Severity.INFO:
            self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._settle()
        return False

    def _button(self, text: str, do: object) -> QToolButton:
        button = QToolButton(self)
        button.setText(text)
        button.setAccessibleName(f"{text} of this message")
        button.setObjectName(f"notice{text}")
        button.clicked.connect(do)
        return button

    def _do(self) -> None:
        """What the notice offers; it has been said then."""
        notice = self.notice
        self.hide()
        if notice is not None and notice.do is not None:
            notice.do()

    def _retire(self) -> None:
        """A new trace answers what was said of the one before; what there is to say of it comes after it."""
        another, self._another = self._another, False
        document = self._studio.document
        its_own = self._opening is not None and document is not None and document.source is self._opening
        self._stays = another and (its_own or self._before_all)
        if self.notice is not None and self.notice.severity is not Severity.INFO and not self._stays:
            self.hide()

    def _on_document(self) -> None:
        self._another = True

    def _show_detail(self, visible: bool) -> None:
        self._detail.setVisible(visible)
        self._more.setText("Fewer details" if visible else "Details")
        self._settle()

    def _settle(self) -> None:
        parent = self._over
        width = min(round(WIDTH * self._theme.scale), parent.width() - 2 * MARGIN)
        self.setFixedWidth(width)
        lines = min(MOST_LINES, self._detail.blockCount() + 1)  # one more, since some are longer than the card is wide
        self._detail.setFixedHeight(lines * self._detail.fontMetrics().lineSpacing() + 12)
        layout = self.layout()
        assert layout is not None
        layout.invalidate()  # what it remembers of the labels is of the text before
        height = max(layout.totalHeightForWidth(width), layout.totalMinimumSize().height())
        # Above the status bar.
        self.setGeometry(parent.width() - width - MARGIN, parent.height() - height - MARGIN - 28, width, height)

    def _restyle(self) -> None:
        colours = self._theme.colours
        mark, role = _MARKS[self.notice.severity if self.notice else Severity.INFO]
        self._mark.setText(mark)
        self._mark.setFont(self._theme.font("large", bold=True))
        self._mark.setStyleSheet(f"color: {getattr(colours, role)}")
        self.setStyleSheet(
            f"#NoticeCard {{ background: {colours.raised}; border: 1px solid {getattr(colours, role)};"
            " border-radius: 6px; }"
        )
