"""The controls of the Map page: which map, and whether resting tokens are set aside."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QWidget

from embstudio.gui.style.theme import Theme

WEIGHTS, ROLLOUT = range(2)


class MapTools(QWidget):
    """changed(): another choice was made."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.map_choice = QComboBox(self)
        self.map_choice.setObjectName("AttentionMapChoice")
        self.map_choice.setAccessibleName("What the map shows")
        self.map_choice.addItems(["weights", "rollout"])
        self.map_choice.setToolTip(
            "weights: what the current head does at its layer.\n"
            "rollout: where each token's vector comes from after the layers so far, if attention told all "
            "(Abnar and Zuidema 2020): heads averaged, the residual stream counted half."
        )
        self.map_choice.activated.connect(self.changed)
        self.aside = QCheckBox(self)
        self.aside.setObjectName("AttentionAside")
        self.aside.setText("Set as&ide resting tokens")
        self.aside.toggled.connect(self.changed)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.map_choice)
        row.addWidget(self.aside)

    def restyle(self, theme: Theme) -> None:
        """Colours changed. Fusion draws the box's frame darker than the window, which on dark cannot be seen."""
        palette = self.aside.palette()
        palette.setColor(QPalette.ColorRole.Window, theme.colour("muted"))
        self.aside.setPalette(palette)

    @property
    def rolled(self) -> bool:
        """Whether the map shows the rollout."""
        return self.map_choice.currentIndex() == ROLLOUT

    @property
    def sets_aside(self) -> bool:
        """Whether the tokens are set aside that heads rest on."""
        return self.aside.isChecked() and self.aside.isEnabled()

    def set_names(self, names: str) -> None:
        """Which tokens can be set aside; none where names is empty."""
        self.aside.setEnabled(bool(names) and not self.rolled)
        self.aside.setText(f"Set as&ide {names.removeprefix('the ')}" if names else "Set as&ide resting tokens")
        self.aside.setToolTip(
            f"Heads that have nothing to look for rest on {names or 'special tokens'}. Set aside, the map, the lines "
            "and the table show each row's shares of what is left; the inspector always shows the model's own weights."
        )
