"""Where each token looks: all heads at a glance, one head in full, and the current token's own lines and numbers."""

from __future__ import annotations

from functools import partial

import numpy as np
from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QPalette, QShortcut
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QSpinBox, QSplitter, QStackedLayout, QVBoxLayout, QWidget

from embstudio.gui.panels.elided_label import ElidedLabel
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.panel import Panel
from embstudio.gui.panels.scroll_body import ScrollBody
from embstudio.gui.plots.attention_lines import AttentionLines
from embstudio.gui.plots.attention_map import AttentionMap
from embstudio.gui.plots.head_map import HeadMap
from embstudio.gui.plots.token_label import token_labels
from embstudio.gui.plots.weights_table import WeightsTable
from embstudio.gui.style.colour_maps import unit_map
from embstudio.gui.style.numbers import four, percent
from embstudio.gui.style.theme import Theme
from embstudio.stepper.attention_stacks import AttentionStack, attention_stacks, impossible
from embstudio.stepper.probe import Probe
from embstudio.studio import Studio
from embstudio.trace.trace import Trace

NOTHING = "Type a sentence to see which tokens look at which."
NO_ATTENTION = "This model has no attention.\nWhat it remembers is in the Memory panel."
NOT_CAPTURED = "No attention weights of this model could be captured."
CAUTION = "Weights say where a head looks, not why: attention is not explanation (Jain and Wallace 2019)."
_KEYS = (("Ctrl+Up", -1, 0), ("Ctrl+Down", 1, 0), ("Ctrl+Left", 0, -1), ("Ctrl+Right", 0, 1))


class AttentionPanel(Panel):
    """Overview of heads, one head's map, lines and table of the current token."""

    title = "Attention"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.stack: AttentionStack | None = None
        self.stacks: list[AttentionStack] = []
        self._patterns: dict[int, np.ndarray] = {}  # by layer; NaN where nothing can be
        self._queries: tuple[str, ...] = ()
        self._keys: tuple[str, ...] = ()
        self._shown: tuple[int, int] | None = None  # (layer, head) that the large map holds
        self._at: tuple[int, int, int] | None = None  # where the panel stood last
        self._key: int | None = None  # a key that the person chose, until the cursor moves
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.empty = EmptyState(NOTHING)
        self._pages = QStackedLayout(self)
        self._pages.addWidget(self.empty)
        self._pages.addWidget(self._build())
        for key, layers, heads in _KEYS:
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(partial(self._go_by, layers, heads))
        self.restyle()

    # Building ----------------------------------------------------------------------------------------------------

    def _build(self) -> ScrollBody:
        theme = self.theme
        self.overview = AttentionMap(theme)
        self.overview.setObjectName("HeadOverview")
        self.overview.setAccessibleName("All heads, layers down, heads across")
        self.overview.describe = self._describe_head
        self.overview.picked.connect(self._on_head_picked)
        self.table = WeightsTable(theme)
        self.table.setObjectName("AttentionTable")
        self.table.picked.connect(self._choose_key)
        self.map = HeadMap(theme)
        self.map.setObjectName("HeadMap")
        self.map.setAccessibleName("One head: each row attends to the columns")
        self.map.describe = self._describe
        self.map.hovered.connect(self._point)
        self.map.unhovered.connect(self._point_here)
        self.map.picked.connect(self._on_cell_picked)
        self.lines = AttentionLines(theme)
        self.lines.setObjectName("AttentionLines")
        self.lines.setAccessibleName("What the current token attends to")
        self.lines.query_picked.connect(self._go_to_token)
        self.lines.key_picked.connect(self._choose_key)
        self.caution = ElidedLabel(CAUTION)
        self.caution.setObjectName("AttentionCaution")
        self.caution.setForegroundRole(QPalette.ColorRole.PlaceholderText)

        left = QSplitter(Qt.Orientation.Vertical)
        left.addWidget(self.overview)
        left.addWidget(self.table)
        left.setSizes([300, 200])
        across = QSplitter(Qt.Orientation.Horizontal)
        for widget, share in ((left, 26), (self.map, 42), (self.lines, 32)):
            across.addWidget(widget)
            across.setStretchFactor(across.count() - 1, share)
        across.setSizes([260, 420, 320])
        for splitter in (left, across):
            splitter.setChildrenCollapsible(False)
            splitter.setHandleWidth(6)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(4, 4, 4, 2)
        column.setSpacing(4)
        column.addLayout(self._build_header())
        column.addWidget(across, 1)
        column.addWidget(self.caution)
        return ScrollBody(body, "AttentionScroll")

    def _build_header(self) -> QHBoxLayout:
        self.kind_choice = QComboBox()
        self.kind_choice.setObjectName("AttentionKind")
        self.kind_choice.setAccessibleName("Which attention")
        self.kind_choice.setToolTip("Which attention of the model: encoder, decoder, or from one to the other")
        self.kind_choice.activated.connect(self._choose_stack)
        self.layer_box = QSpinBox()
        self.layer_box.setObjectName("AttentionLayer")
        self.layer_box.setAccessibleName("Layer")
        self.layer_box.setToolTip("Layer, counted from 0 (Ctrl+Up, Ctrl+Down)")
        self.layer_box.valueChanged.connect(lambda layer: self.studio.cursor.move(layer=layer))
        self.head_box = QSpinBox()
        self.head_box.setObjectName("AttentionHead")
        self.head_box.setAccessibleName("Head")
        self.head_box.setToolTip("Head, counted from 0 (Ctrl+Left, Ctrl+Right)")
        self.head_box.valueChanged.connect(lambda head: self.studio.cursor.move(head=head))
        layer_label, head_label = QLabel("&Layer"), QLabel("&Head")
        layer_label.setBuddy(self.layer_box)
        head_label.setBuddy(self.head_box)
        self.telling = ElidedLabel()
        self.telling.setObjectName("AttentionTelling")
        header = QHBoxLayout()
        header.setContentsMargins(4, 0, 4, 0)
        header.setSpacing(8)
        for widget in (self.kind_choice, layer_label, self.layer_box, head_label, self.head_box):
            header.addWidget(widget)
        header.addWidget(self.telling, 1)
        return header

    def restyle(self) -> None:
        self.overview.redraw()
        self.map.redraw()
        self.table.restyle()
        self.table.setMinimumSize(round(120 * self.theme.scale), round(90 * self.theme.scale))
        self.caution.setFont(self.theme.font("small"))

    # Following the studio ----------------------------------------------------------------------------------------

    def show_trace(self) -> None:
        trace = self.studio.trace
        self.stacks = attention_stacks(trace) if trace is not None and len(trace) else []
        if trace is None or not self.stacks:
            self.stack = None
            self.empty.setText(self._why_empty())
            self._pages.setCurrentIndex(0)
            return
        self._pages.setCurrentIndex(1)
        self.kind_choice.clear()
        self.kind_choice.addItems([stack.title for stack in self.stacks])
        self.kind_choice.setVisible(len(self.stacks) > 1)
        kept = [stack for stack in self.stacks if self.stack is not None and stack.title == self.stack.title]
        self._show_stack(trace, (kept or self.stacks)[0])

    def show_place(self) -> None:
        if self.stack is None:
            return
        layer, head, query = place = self._place()
        if self._shown != (layer, head):
            self._show_head(layer, head)
        if self._at != place:
            self._at, self._key = place, None
        self._show_row(layer, head, query)

    def _show_row(self, layer: int, head: int, query: int) -> None:
        """The current query in the map, the lines and the table."""
        key = self._current_key(layer, head, query)
        weights = self._patterns[layer][head, query]
        self.map.set_place(query, key)
        self.lines.set_weights(query, weights, key)
        self.table.weights.set_weights(weights)
        self.telling.setText(self._telling(layer, head, query))
        self._point_here()

    def _why_empty(self) -> str:
        document, trace = self.studio.document, self.studio.trace
        if trace is None or document is None or not len(trace):
            return NOTHING
        return NOT_CAPTURED if document.opened.anatomy.blocks else NO_ATTENTION

    def _show_stack(self, trace: Trace, stack: AttentionStack) -> None:
        """Fill the overview with another stack or trace."""
        self.stack, self._shown, self._key = stack, None, None
        self._patterns = {}
        for layer in stack.layers:
            pattern = trace[stack.point(layer)].values.astype(np.float32)  # a copy: holes are punched into it
            pattern[:, impossible(trace, stack, layer)] = np.nan
            self._patterns[layer] = pattern
        _heads, queries, keys = self._patterns[stack.layers[0]].shape
        self._queries, self._keys = token_labels(trace.tokens, queries), token_labels(trace.tokens, keys)
        table = unit_map(self.theme.colours, self.theme.colours.attention)
        self.kind_choice.setCurrentIndex(self.stacks.index(stack))
        self.overview.set_patterns(list(self._patterns.values()), [str(layer) for layer in stack.layers], table)
        self.map.set_labels(self._queries, self._keys)
        self.lines.set_labels(self._queries, self._keys)
        self.table.weights.set_labels(self._keys)

    def _show_head(self, layer: int, head: int) -> None:
        assert self.stack is not None
        self._shown = (layer, head)
        values = self._patterns[layer][head]
        high = float(np.nanmax(values)) if np.isfinite(values).any() else 1.0
        self.map.set_heading(f"layer {layer}, head {head}: each row attends to the columns")
        self.map.set_values(values, unit_map(self.theme.colours, self.theme.colours.attention), 0.0, high or 1.0)
        self.overview.set_place(self.stack.layers.index(layer), head)
        for box, value, most in (
            (self.layer_box, layer, self.stack.layers[-1]),
            (self.head_box, head, len(self._patterns[layer]) - 1),
        ):
            box.blockSignals(True)
            box.setRange(0, most)
            box.setSuffix(f" (0–{most})")
            box.setValue(value)
            box.blockSignals(False)

    # Words -------------------------------------------------------------------------------------------------------

    def _describe(self, query: int, key: int) -> str:
        """The tooltip of a cell: "layer 3, head 2: ‘won’ attends to ‘dog’ with 0.4312 (43.1 %)"."""
        layer, head, _ = self._place()
        weight = float(self._patterns[layer][head, query, key])
        where = f"layer {layer}, head {head}: ‘{self._queries[query]}’"
        if np.isnan(weight):
            return f"{where} cannot look at ‘{self._keys[key]}’: the model's mask hides it"
        return f"{where} attends to ‘{self._keys[key]}’ with {four(weight)} ({percent(weight)})"

    def _describe_head(self, place: int, head: int) -> str:
        """The tooltip of a head in the overview: "3.2 …"."""
        assert self.stack is not None
        layer = self.stack.layers[place]
        if head >= len(self._patterns[layer]):
            return f"layer {layer} has no head {head}"
        query = min(self.studio.cursor.token, len(self._queries) - 1)
        key, weight = self._strongest(layer, head, query)
        told = f"from ‘{self._queries[query]}’ most to ‘{self._keys[key]}’, {four(weight)}"
        return f"{layer}.{head}: layer {layer}, head {head}\n{told}"

    def _telling(self, layer: int, head: int, query: int) -> str:
        key, weight = self._strongest(layer, head, query)
        itself = "itself" if self._queries is not self._keys and self._queries == self._keys and key == query else ""
        return f"‘{self._queries[query]}’ attends most to {itself or f'‘{self._keys[key]}’'}: {percent(weight)}"

    # Where it stands ---------------------------------------------------------------------------------------------

    def _place(self) -> tuple[int, int, int]:
        """The current layer, head and query, as near to the cursor as this stack has them."""
        assert self.stack is not None
        cursor = self.studio.cursor
        layer = self.stack.nearest(cursor.layer)
        return layer, min(cursor.head, len(self._patterns[layer]) - 1), min(cursor.token, len(self._queries) - 1)

    def _strongest(self, layer: int, head: int, query: int) -> tuple[int, float]:
        row = np.nan_to_num(self._patterns[layer][head, query])
        key = int(row.argmax())
        return key, float(row[key])

    def _current_key(self, layer: int, head: int, query: int) -> int:
        """The key that the person chose, or the strongest."""
        return self._key if self._key is not None else self._strongest(layer, head, query)[0]

    @Slot()
    def _point_here(self) -> None:
        if self.stack is not None:
            layer, head, query = self._place()
            self._point(query, self._current_key(layer, head, query))

    @Slot(int, int)
    def _point(self, query: int, key: int) -> None:
        assert self.stack is not None
        layer, head, _ = self._place()
        self.studio.point_at(Probe(self.stack.point(layer), (head, query, key)))

    # What the person does ----------------------------------------------------------------------------------------

    def _on_cell_picked(self, query: int, key: int) -> None:
        self.studio.cursor.move(token=query)
        self._choose_key(key)

    def _choose_key(self, key: int) -> None:
        self._key = key
        self._show_row(*self._place())

    def _on_head_picked(self, place: int, head: int) -> None:
        assert self.stack is not None
        self.studio.cursor.move(layer=self.stack.layers[place], head=head)

    def _go_to_token(self, token: int) -> None:
        self.studio.cursor.move(token=token)

    def _go_by(self, layers: int, heads: int) -> None:
        """Some layers and heads on, from where the panel stands."""
        if self.stack is not None:
            layer, head, _ = self._place()
            at = self.stack.layers.index(layer) + layers
            layer = self.stack.layers[max(0, min(at, len(self.stack.layers) - 1))]
            self.studio.cursor.move(layer=layer, head=head + heads)

    def _choose_stack(self, place: int) -> None:
        if self.studio.trace is not None:
            self._show_stack(self.studio.trace, self.stacks[place])
            self.show_place()
