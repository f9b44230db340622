"""The Stages page: how one query gets from one key to the next layer."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from embstudio.gui.panels.attention.not_captured import NotCaptured
from embstudio.gui.panels.attention.scene import Scene, Spot
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.keys_table import KeysTable
from embstudio.gui.plots.stage_chain import StageChain
from embstudio.gui.style.theme import Theme
from embstudio.stepper.attention_stages import stages
from embstudio.stepper.key_columns import key_columns
from embstudio.stepper.probe import Probe
from embstudio.stepper.stage import Stage

SOFTMAX = 3  # the stage that the inspector shows first


class StagesPage(QWidget):
    """probed(probe): a stage's value is to be shown in the inspector. key_picked(key): another key was chosen."""

    probed = Signal(object)
    key_picked = Signal(int)
    layer_wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.scene: Scene | None = None
        self.spot = Spot(0, 0, 0)
        self.stages: tuple[Stage, ...] = ()
        self.current = SOFTMAX
        self.chain = StageChain(theme)
        self.chain.setObjectName("AttentionStages")
        self.chain.setAccessibleName("From query and key to the next layer")
        self.chain.picked.connect(self._pick)
        self.missing = NotCaptured("StagesFetchLayer")
        self.missing.asked.connect(lambda: self.layer_wanted.emit(self.spot.layer))
        self.tools = QWidget(self)
        label = QLabel("to &key", self.tools)
        self.key_box = QSpinBox(self.tools)
        self.key_box.setObjectName("StagesKey")
        self.key_box.setAccessibleName("Key")
        self.key_box.setToolTip("Which token is attended to, counted from 1; at each step the strongest is taken")
        self.key_box.valueChanged.connect(lambda number: self.key_picked.emit(number - 1))
        label.setBuddy(self.key_box)
        row = QHBoxLayout(self.tools)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(label)
        row.addWidget(self.key_box)
        self.table = KeysTable(theme)
        self.table.setObjectName("StagesTable")
        self.table.picked.connect(self.key_picked)
        body = QWidget()
        both = QVBoxLayout(body)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(4)
        both.addWidget(self.chain)
        both.addWidget(self.table, 1)
        self._scroll = ScrollBody(body, "StagesScroll")
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 2, 4, 0)
        column.addWidget(self._scroll, 1)
        column.addWidget(self.missing, 1)
        self.missing.hide()

    def restyle(self) -> None:
        """Fonts or colours changed."""
        self.chain.restyle()
        self.table.restyle()

    def set_scene(self, scene: Scene) -> None:
        """Take another trace or sort of attention, or the tokens of another layer."""
        self.scene = scene
        self.key_box.blockSignals(True)
        self.key_box.setRange(1, max(1, len(scene.keys)))
        self.key_box.blockSignals(False)

    def show_spot(self, spot: Spot, unit: int, *, fetching: int | None = None) -> None:
        """Work the chain out for a head, a query and a key."""
        scene = self.scene
        assert scene is not None
        self.spot = spot
        held = scene.weights.captured(spot.layer)
        self._scroll.setVisible(held)
        self.missing.setVisible(not held)
        self.tools.setEnabled(held)
        if not held:
            self.stages = ()
            self.missing.set_layer(spot.layer, fetching=fetching == spot.layer)
            return
        key = scene.key(spot)
        self.key_box.blockSignals(True)
        self.key_box.setValue(key + 1)
        self.key_box.setSuffix(f" ‘{_cut(scene.keys[key])}’")
        self.key_box.blockSignals(False)
        self.stages = stages(scene.weights, spot.layer, spot.head, spot.query, key, unit)
        self.chain.set_stages(self.stages, self.current)
        columns = key_columns(scene.weights, spot.layer, spot.head, spot.query)
        self.table.set_columns(scene.keys, columns, key)

    def telling(self) -> str:
        """What the chain is about."""
        scene, spot = self.scene, self.spot
        assert scene is not None
        if not scene.weights.captured(spot.layer):
            return scene.telling(spot)
        key = scene.keys[scene.key(spot)]
        return f"{scene.head_name(spot.layer, spot.head)}: from ‘{scene.queries[spot.query]}’ to ‘{key}’"

    @property
    def probe(self) -> Probe | None:
        """The value of the current stage."""
        return self.stages[self.current].probe if self.current < len(self.stages) else None

    def _pick(self, place: int) -> None:
        self.current = place
        self.chain.set_stages(self.stages, place)
        if self.probe is not None:
            self.probed.emit(self.probe)


def _cut(word: str) -> str:
    """Short enough for a number's box not to grow."""
    return word if len(word) <= 9 else f"{word[:8]}…"
