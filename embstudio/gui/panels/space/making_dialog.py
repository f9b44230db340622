"""What vectors are to be made of: a file of texts, the column that has them, the open model, and where to save."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from embstudio.base.errors import StudioError
from embstudio.gui.binding import bind
from embstudio.gui.panels.space.answers import Answers
from embstudio.gui.panels.space.text_source import TextSource
from embstudio.gui.panels.space.texts_preview import ENCODINGS, Preview, preview, preview_words, suggested
from embstudio.gui.panels.wrapped_label import WrappedLabel
from embstudio.gui.style.theme import Theme
from embstudio.space.files.save import check_ending
from embstudio.studio import Studio
from embstudio.studio.advice import without_options
from embstudio.studio.vector_making import Order

PAUSE_MS = 200  # in typing a path, after which the file is looked at
CHOOSE = "Choose a text file with one text a line, or a CSV, TSV, JSON lines or Parquet table."
READING = "Reading…"
_TEXTS = "Texts (*.txt *.csv *.tsv *.jsonl *.parquet *.arrow *.feather);;All files (*)"
_SAVED = "NumPy arrays (*.npz);;TSV, with the words beside it (*.tsv);;Parquet (*.parquet)"


class MakingDialog(QDialog):
    """Begins `studio.vector_sets.making` when it is accepted."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.studio = studio
        self.setObjectName("MakingDialog")
        self.setWindowTitle("Make vectors of texts")
        self.setMinimumWidth(round(360 * theme.scale))
        room = parent.width() if parent is not None else 1024
        self._width = min(round(520 * theme.scale), room - 64)
        self.found: Preview | None = None
        self._suggested = ""
        self._build()
        self._answers = Answers(self)
        self._answers.answered.connect(self._on_found)
        self._answers.failed.connect(self._on_failed)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._look)
        self._fitting = QTimer(self)
        self._fitting.setSingleShot(True)
        self._fitting.timeout.connect(self._fit)
        self.texts.textChanged.connect(lambda _text: self._pause.start())
        self.column.activated.connect(lambda _place: self._look())
        self.encoding.activated.connect(lambda _place: self._look())
        self.out.textChanged.connect(lambda _text: self._follow())
        bind(self, studio.document_changed, self._follow)
        bind(self, studio.trace_changed, self._follow)  # another way of pooling
        bind(self, studio.vector_sets.making.changed, self._follow)
        self._follow()

    @property
    def busy(self) -> bool:
        """Whether the file is being looked at."""
        return self._pause.isActive() or self._answers.busy

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.resize(self._width, self.height())
        self._fitting.start()

    def _fit(self) -> None:
        """Be as high as what is said needs; that hangs on the width, which the labels know by now."""
        self.resize(self.width(), self.minimumSizeHint().height())

    def accept(self) -> None:
        document, found = self.studio.document, self.found
        if document is None or found is None or not self.make.isEnabled():
            return
        order = Order(document.opened.model, document.source.title, self.studio.pooling, found.texts, self._out)
        self.studio.vector_sets.making.begin(order)
        super().accept()

    @property
    def _out(self) -> Path:
        return Path(self.out.text().strip()).expanduser().absolute()

    # The texts -----------------------------------------------------------------------------------------------------

    def _look(self) -> None:
        self._pause.stop()
        self.found = None
        path = self.texts.text().strip()
        if path:
            self.said.setText(READING)
            column, encoding = self.column.currentText() or None, self.encoding.currentText()
            self._answers.ask(lambda _check: preview(path, column, encoding))
        else:
            self._answers.forget()
            self.said.setText(CHOOSE)
            self._offer_columns((), None)
        self._follow()

    def _on_found(self, found: Preview) -> None:
        self.found = found
        self._offer_columns(found.columns, found.column)
        self.said.setText(preview_words(found))
        if self.out.text() == self._suggested:
            self._suggested = suggested(self.texts.text().strip())
            self.out.setText(self._suggested)
        self._follow()

    def _on_failed(self, error: StudioError) -> None:
        advice = without_options(error.advice)
        if "--encoding" in error.advice:
            advice = "Choose another encoding."
        self.said.setText("\n".join(filter(None, (error.what, error.where, advice))))
        self._follow()

    def _offer_columns(self, columns: tuple[str, ...], chosen: str | None) -> None:
        if [self.column.itemText(at) for at in range(self.column.count())] != list(columns):
            self.column.clear()
            self.column.addItems(columns)
        self.form.setRowVisible(self.column, bool(columns))
        self.column.setCurrentIndex(columns.index(chosen) if chosen in columns else -1)

    # What can be done ----------------------------------------------------------------------------------------------

    def _follow(self) -> None:
        """Say what is so, and let vectors be made where all is there for it."""
        self.source.follow()
        why = self._why_not()
        self.make.setEnabled(not why)
        self.make.setToolTip(why)
        self.saved.setText(self._about_out() if not why else why if self.found is not None else "")
        self._fitting.start()

    def _why_not(self) -> str:
        if self.studio.vector_sets.making.running:
            return "Vectors are being made already: wait for them, or stop them first."
        if not self.studio.embedding.available:
            return "The open model makes no vector of a text."
        if self.found is None:
            return "There are no texts yet."
        text = self.out.text().strip()
        if not text:
            return "Say where they are to be saved."
        out = self._out
        if out == Path(self.texts.text().strip()).expanduser().absolute():
            return "This is the file of the texts: choose another name."
        try:
            check_ending(out)
        except StudioError as error:
            return f"{error.what} {error.advice}"
        if not out.parent.is_dir():
            return f"There is no folder {out.parent}."
        return ""

    def _about_out(self) -> str:
        part = self._out.with_name(f"{self._out.name}.part")
        said = ["What was begun before is gone on with."] if part.exists() else []
        said += ["The file that is there is replaced when all are made."] if self._out.exists() else []
        return " ".join(said)

    # Laying out ----------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self.texts = self._field("MakingTexts", "File of texts")
        self.column = QComboBox(self)
        self.column.setObjectName("MakingColumn")
        self.column.setToolTip("The column that has the texts; the others are kept beside the vectors")
        self.encoding = QComboBox(self)
        self.encoding.setObjectName("MakingEncoding")
        self.encoding.addItems(ENCODINGS)
        self.encoding.setToolTip("How the letters of a file of text are written; Parquet needs none")
        self.said = self._label("MakingSaid")
        self.said.setText(CHOOSE)
        self.source = TextSource(self.studio, self)
        if (layout := self.source.layout()) is not None:
            layout.setContentsMargins(0, 0, 0, 0)
        self.out = self._field("MakingOut", "Save the vectors in")
        self.saved = self._label("MakingSaved")
        self.form = QFormLayout()
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        texts = self._with_choice(self.texts, "MakingChoose", self._choose_texts)
        out = self._with_choice(self.out, "MakingSave", self._choose_out)
        for text, shown, buddy in (
            ("Te&xts", texts, self.texts), ("&Column", self.column, self.column),
            ("&Encoding", self.encoding, self.encoding), ("", self.said, None), ("Model", self.source, None),
            ("&Save as", out, self.out), ("", self.saved, None),
        ):  # fmt: skip
            label = QLabel(text, self)
            if buddy is not None:
                label.setBuddy(buddy)
            self.form.addRow(label, shown)
        self.form.setRowVisible(self.column, False)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.make = QPushButton("Make vectors", self)
        self.make.setObjectName("MakingBegin")
        self.make.setDefault(True)
        buttons.addButton(self.make, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addLayout(self.form)
        column.addStretch(1)
        column.addWidget(buttons)

    def _field(self, name: str, plain: str) -> QLineEdit:
        field = QLineEdit(self)
        field.setObjectName(name)
        field.setAccessibleName(plain)
        return field

    def _label(self, name: str) -> WrappedLabel:
        label = WrappedLabel("", self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _with_choice(self, field: QLineEdit, name: str, choose: Callable[[], None]) -> QWidget:
        both = QWidget(self)
        button = QPushButton("Choose…", both)
        button.setObjectName(name)
        button.setAccessibleName(f"Choose: {field.accessibleName()}")
        button.setAutoDefault(False)
        button.clicked.connect(partial(_call, choose))
        row = QHBoxLayout(both)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(field, 1)
        row.addWidget(button)
        return both

    def _choose_texts(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self, "Choose texts", self.texts.text(), _TEXTS)
        if path:
            self.texts.setText(path)
            self._look()

    def _choose_out(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self, "Save the vectors", self.out.text(), _SAVED)
        if path:
            self.out.setText(path)


def _call(do: Callable[[], None], _checked: bool = False) -> None:
    do()
