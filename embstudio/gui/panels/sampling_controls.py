"""How the next word is chosen, and the buttons that write it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from embstudio.formulas.sampling import Sampling

TEMPERATURE = "p = softmax(x / T): below 1 the likely words become likelier, above 1 all more alike; 0 leaves one"
TOP_K = "Only the k most probable words (Fan, Lewis and Dauphin 2018)"
TOP_P = "The fewest words that hold this much of the probability together: the nucleus (Holtzman et al. 2020)"
MIN_P = "Only words with at least this share of the likeliest one's probability (Nguyen et al. 2024)"
SEED = "The same seed draws the same word from the same distribution at the same place"


class SamplingControls(QWidget):
    """changed(): a setting changed. best_wanted(), drawn_wanted(), mask_wanted(), undo_wanted(): a button."""

    changed = Signal()
    best_wanted = Signal()
    drawn_wanted = Signal()
    mask_wanted = Signal()
    undo_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("samplingControls")
        self.temperature = self._decimal("temperature", "Temperature", TEMPERATURE, 0.0, 10.0, 1.0, 0.1)
        self.top_k = QSpinBox(self)
        self.top_k.setRange(0, 10**6)
        self.top_k.setSpecialValueText("all")
        self._dress(self.top_k, "topK", "top-k", TOP_K)
        self.top_p = self._decimal("topP", "top-p", TOP_P, 0.01, 1.0, 1.0, 0.05)
        self.min_p = self._decimal("minP", "min-p", MIN_P, 0.0, 1.0, 0.0, 0.05)
        self.min_p.setSpecialValueText("off")
        self.seed = QSpinBox(self)
        self.seed.setRange(0, 999_999)
        self.seed.setValue(1)
        self._dress(self.seed, "seed", "Seed", SEED)
        for box in (self.temperature, self.top_k, self.top_p, self.min_p, self.seed):
            box.valueChanged.connect(lambda _value: self.changed.emit())
        self.plain = self._button(
            "plainSampling", "Reset", "The model's own distribution: T = 1, all words", self.reset
        )
        self.best = self._button("appendBest", "Append", "", self.best_wanted.emit)
        self.drawn = self._button("appendDrawn", "Draw", "", self.drawn_wanted.emit)
        self.masking = self._button(
            "maskToken", "Mask", "Put the mask over the current token, and see what the model makes of the gap",
            self.mask_wanted.emit,
        )  # fmt: skip
        self.undo = self._button("undoToken", "Undo", "Take back the token that was written last",
                                 self.undo_wanted.emit)  # fmt: skip
        self._arrange()

    @property
    def sampling(self) -> Sampling:
        """What the boxes say."""
        return Sampling(self.temperature.value(), self.top_k.value(), self.top_p.value(), self.min_p.value())

    def reset(self) -> None:
        """Back to the model's own distribution."""
        for box, value in ((self.temperature, 1.0), (self.top_p, 1.0), (self.min_p, 0.0)):
            box.setValue(value)
        self.top_k.setValue(0)

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        boxes = (("&T", self.temperature), ("top-&k", self.top_k), ("top-&p", self.top_p), ("&min-p", self.min_p))
        for place, (name, box) in enumerate(boxes):
            row, column = divmod(place, 2)
            grid.addWidget(self._label(name, box), row, 2 * column)
            grid.addWidget(box, row, 2 * column + 1)
        for place, button in enumerate((self.best, self.drawn)):
            grid.addWidget(button, 2, 2 * place, 1, 2)
        grid.addWidget(self._label("s&eed", self.seed), 3, 0)
        grid.addWidget(self.seed, 3, 1)
        below = QHBoxLayout()
        below.setSpacing(4)
        for button in (self.masking, self.undo, self.plain):
            below.addWidget(button)
        grid.addLayout(below, 3, 2, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 0, 8, 4)
        whole.addLayout(grid)
        whole.addStretch(1)

    def fit(self) -> None:
        """Fonts changed: the boxes are as wide as their numbers need."""
        for box in (self.temperature, self.top_k, self.top_p, self.min_p, self.seed):
            box.setFixedWidth(box.fontMetrics().horizontalAdvance("000000") + 34)
        for button in (self.best, self.drawn):
            button.setMinimumWidth(button.fontMetrics().horizontalAdvance("Append ‘outside’"))

    def _label(self, text: str, box: QWidget) -> QLabel:
        label = QLabel(text, self)
        label.setBuddy(box)
        label.setToolTip(box.toolTip())
        return label

    def _decimal(
        self, name: str, title: str, about: str, low: float, high: float, value: float, step: float
    ) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setRange(low, high)
        box.setDecimals(2)
        box.setSingleStep(step)
        box.setValue(value)
        self._dress(box, name, title, about)
        return box

    def _dress(self, box: QAbstractSpinBox, name: str, title: str, about: str) -> None:
        box.setObjectName(name)
        box.setAccessibleName(title)
        box.setToolTip(f"{title}: {about}")
        box.setKeyboardTracking(False)

    def _button(self, name: str, text: str, about: str, do: Callable[[], object]) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setToolTip(about)
        button.clicked.connect(lambda _checked=False: do())
        return button
