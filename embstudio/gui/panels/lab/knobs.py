"""The knobs of word2vec."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QDoubleSpinBox, QHBoxLayout, QLabel, QSpinBox, QWidget

from embstudio.gui.flow_layout import FlowRow
from embstudio.lab.word2vec.settings import CBOW, NEGATIVES, SKIP_GRAM, SOFTMAX, Settings

_MODELS = "skip-gram: from a word, predict each word around it. CBOW: from the mean of those around, predict the word"
_LOSSES = "negative sampling: tell the true word from some that are drawn at random. full softmax: from all words"
_WHOLE = (  # name, label, from, to, tip
    ("window", "window", 1, 50, "Words on each side of a word that count as near it"),
    ("dimensions", "dimensions", 2, 1000, "Numbers in each vector"),
    ("negatives", "negatives", 1, 100, "Words drawn at random for each pair, to be pushed away from it"),
    ("epochs", "epochs", 1, 10_000, "How often the text is read from beginning to end"),
    ("rarest", "rarest", 1, 100_000, "Words that occur less often than this are left out"),
    ("seed", "seed", 0, 2**31 - 1, "Where chance begins: the same seed gives the same run"),
)
_PARTS = (  # name, label, from, to, step, decimals, tip
    ("rate", "rate", 0.0001, 100.0, 0.01, 4, "How far a step goes at the start; it falls evenly to a hundredth"),
    (
        "subsampling", "subsampling", 0.0, 1.0, 0.001, 5,
        "t of Mikolov et al. 2013: a word that makes up the share f of the text is passed over with chance 1 − √(t/f). "
        "0: none is",
    ),
)  # fmt: skip


class Knobs(FlowRow):
    """changed(): another value. `settings` are what they say."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, QSpinBox | QDoubleSpinBox | QComboBox] = {}
        usual = Settings()
        self._choice("model", "model", (SKIP_GRAM, CBOW), _MODELS)
        self._choice("loss", "loss", (NEGATIVES, SOFTMAX), _LOSSES)
        for name, label, low, high, tip in _WHOLE:
            whole = QSpinBox(self)
            whole.setRange(low, high)
            self._number(whole, name, label, tip)
        for name, label, least, most, step, decimals, tip in _PARTS:
            part = QDoubleSpinBox(self)
            part.setDecimals(decimals)
            part.setRange(least, most)
            part.setSingleStep(step)
            self._number(part, name, label, tip)
        self.set_settings(usual)

    @property
    def settings(self) -> Settings:
        """What the knobs say."""
        values = {
            name: field.currentText() if isinstance(field, QComboBox) else field.value()
            for name, field in self.fields.items()
        }
        return replace(Settings(), **values)  # type: ignore[arg-type]

    def set_settings(self, settings: Settings) -> None:
        """Turn the knobs, and say so once."""
        self.blockSignals(True)
        for name, field in self.fields.items():
            value = getattr(settings, name)
            if isinstance(field, QComboBox):
                field.setCurrentText(value)
            else:
                field.setValue(value)
        self.blockSignals(False)
        self._follow()

    def _choice(self, name: str, label: str, values: tuple[str, ...], tip: str) -> None:
        field = QComboBox(self)
        field.addItems(values)
        field.currentIndexChanged.connect(lambda _: self._follow())
        self._add(field, name, label, tip)

    def _number(self, field: QSpinBox | QDoubleSpinBox, name: str, label: str, tip: str) -> None:
        field.setKeyboardTracking(False)
        field.setStepType(QAbstractSpinBox.StepType.AdaptiveDecimalStepType)
        field.valueChanged.connect(lambda _: self._follow())
        self._add(field, name, label, tip)

    def _add(self, field: QSpinBox | QDoubleSpinBox | QComboBox, name: str, label: str, tip: str) -> None:
        field.setObjectName(f"lab{name.capitalize()}")
        field.setAccessibleName(label)
        field.setToolTip(tip)
        pair = QWidget(self)
        row = QHBoxLayout(pair)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        said = QLabel(label, pair)
        said.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        said.setToolTip(tip)
        said.setBuddy(field)
        row.addWidget(said)
        row.addWidget(field)
        self.fields[name] = field
        self.flow.addWidget(pair)

    def _follow(self) -> None:
        self.fields["negatives"].setEnabled(self.settings.loss == NEGATIVES)
        self.changed.emit()
