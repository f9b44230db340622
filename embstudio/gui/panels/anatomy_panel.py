"""What is inside the open model, as a tree: layers, heads, tables, parameters, points, and what was not recognised."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QHeaderView, QMenu, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from embstudio.anatomy.anatomy import Anatomy, Block, PointSource, RecurrentLayer, TensorInfo
from embstudio.anatomy.cells.say import say_cell
from embstudio.gui.panels.panel import Panel
from embstudio.gui.style.sentence_rows import SentenceRows
from embstudio.gui.style.theme import Theme
from embstudio.session.execution.placement import say_part, say_placement
from embstudio.session.execution.way import title
from embstudio.session.messages import Opened
from embstudio.session.verdict import law_line
from embstudio.stepper.telling import probe_at
from embstudio.studio import Studio
from embstudio.trace.points import parse

# What a click on a row does: the cursor's names and where they go.
_GOES_TO = Qt.ItemDataRole.UserRole
# The point that a click on a row shows in the inspector.
_POINTS_AT = Qt.ItemDataRole.UserRole + 1


class AnatomyPanel(Panel):
    """A tree of two columns: what it is, and how much of it. A click on a layer or head moves the cursor there, one on
    a point shows its value in the inspector."""

    title = "Anatomy"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.tree = QTreeWidget(self)
        self.tree.setObjectName("anatomyTree")
        self.tree.setAccessibleName("What is inside the model")
        self.tree.setColumnCount(2)
        self.tree.setHeaderHidden(True)
        self.tree.setFrameShape(QTreeWidget.Shape.NoFrame)
        self.tree.setIndentation(14)
        self.tree.setTextElideMode(Qt.TextElideMode.ElideRight)
        self._sentences = SentenceRows(self.tree)
        header = self.tree.header()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        header.setStretchLastSection(False)  # it would stretch the last column, but never shrink it
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(10)
        self.tree.itemClicked.connect(lambda item, _column: self._go(item))
        self.tree.itemActivated.connect(lambda item, _column: self._go(item))
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._offer_copy)
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.tree)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 0, 4)
        column.addWidget(self.tree)
        self._layers: dict[int, QTreeWidgetItem] = {}
        self._heads: dict[tuple[int, int], QTreeWidgetItem] = {}

    def show_document(self) -> None:
        self.tree.clear()
        self._layers, self._heads = {}, {}
        document = self.studio.document
        if document is None:
            return
        anatomy = document.opened.anatomy
        self._add_embeddings(anatomy)
        self._add_blocks(anatomy)
        self._add_recurrent(anatomy)
        self._add_head(anatomy)
        self._add_parameters(anatomy)
        self._add_placement(document.opened)
        self._add_points(anatomy)
        self._add_check(document.opened)
        self._add_tensors("Inputs", anatomy.inputs)
        self._add_tensors("Outputs", anatomy.outputs)
        self._add_sentences("Not recognised", anatomy.unrecognised)
        self._add_sentences("Points not found", anatomy.missing)

    def show_place(self) -> None:
        """Mark the layer and head where the cursor stands, without unfolding or scrolling anything by itself."""
        cursor = self.studio.cursor
        here = self._heads.get((cursor.layer, cursor.head)), self._layers.get(cursor.layer)
        for row in (*self._layers.values(), *self._heads.values()):
            at_cursor = row in here
            row.setFont(0, self.theme.font(bold=at_cursor))
            row.setForeground(0, self.theme.colour("accent" if at_cursor else "text"))

    def copy(self) -> None:
        """Put the name on the current row on the clipboard."""
        row = self.tree.currentItem()
        if row is not None:
            QGuiApplication.clipboard().setText(row.text(0))

    def _add_embeddings(self, anatomy: Anatomy) -> None:
        for table in anatomy.embeddings:
            name = "Token types" if table.role == "segments" else "Embedding"
            row = self._row(None, name, f"{table.rows:,} × {table.width}")
            row.setToolTip(
                0, f"{table.initializer}: {table.rows:,} rows of {table.width} numbers, by {table.ids_input}"
            )
        if anatomy.max_positions:
            self._row(None, "Positions", f"{anatomy.max_positions:,}")

    def _add_blocks(self, anatomy: Anatomy) -> None:
        if not anatomy.blocks:
            return
        top = self._row(None, "Layers", f"{len(anatomy.blocks)}")
        top.setExpanded(True)
        for block in anatomy.blocks:
            self._add_block(top, block)

    def _add_block(self, top: QTreeWidgetItem, block: Block) -> None:
        stack = f"{block.stack} " if block.stack else ""
        row = self._row(top, f"{stack}layer {block.layer}", ", ".join(_heads(block)), layer=block.layer)
        self._layers.setdefault(block.layer, row)
        heads = max((attention.heads or 0 for attention in block.attention), default=0)
        for head in range(heads):
            child = self._row(row, f"head {head}", layer=block.layer, head=head)
            self._heads.setdefault((block.layer, head), child)

    def _add_recurrent(self, anatomy: Anatomy) -> None:
        if not anatomy.recurrent:
            return
        top = self._row(None, "Recurrent layers", f"{len(anatomy.recurrent)}")
        top.setExpanded(True)
        for layer in anatomy.recurrent:
            self._add_layer(top, layer)

    def _add_layer(self, top: QTreeWidgetItem, layer: RecurrentLayer) -> None:
        row = self._row(top, f"{layer.kind.upper()} {layer.layer}", f"{layer.units} units", layer=layer.layer)
        self._layers[layer.layer] = row
        self._row(row, "reads", f"{' and '.join(layer.directions)}")
        self._row(row, "input width", f"{layer.input_width or '?'}")
        self._row(row, "activations", ", ".join(name or "another" for name in layer.activations))
        if layer.cell is not None:
            steps, operator = layer.cell.steps, layer.cell.operator
            words = f"in {steps} steps: {steps} tokens" if steps is not None else f"by a {operator}"
            written = self._row(row, "run" if operator else "written out", words)
            written.setToolTip(1, "\n".join(say_cell(layer)))
        row.setExpanded(True)

    def _add_head(self, anatomy: Anatomy) -> None:
        if anatomy.head is not None:
            width = f", {anatomy.head.width:,}" if anatomy.head.width else ""
            self._row(None, "Output", f"{anatomy.head.kind}{width}")

    def _add_parameters(self, anatomy: Anatomy) -> None:
        total = anatomy.parameters.get("total", 0)
        top = self._row(None, "Parameters", f"{total:,}")
        for component, count in anatomy.parameters.items():
            if component != "total":
                row = self._row(top, component, f"{count:,}")
                row.setToolTip(1, f"{count:,} of {total:,}: {100 * count / max(total, 1):.1f} %")

    def _add_placement(self, opened: Opened) -> None:
        """Which provider runs how many operations, and of which part of the model."""
        placement = opened.placement
        counts = placement.counts if placement is not None and placement.mixed else ((opened.provider, 0),)
        first = title(counts[0][0])
        said = ", ".join((first, *(f"{title(provider)} {count:,}" for provider, count in counts[1:])))
        instead = f", not {title(opened.fallback.wanted)}" if opened.fallback is not None else ""
        top = self._row(None, "Runs on", said + instead)
        top.setToolTip(1, say_placement(placement) or said)
        for part in placement.parts if placement is not None else ():
            short = say_part(part).removeprefix(f"{first} ")  # the column is narrow
            self._row(top, part.name, short).setToolTip(1, f"operations by provider: {say_part(part)}")
        if placement is not None and placement.mixed:
            top.setExpanded(True)
            names = ", ".join(f"{count} {name}" for name, count in placement.elsewhere)
            self._sentences.add(top, f"Not on {first}: {names}.")
        if opened.fallback is not None:
            self._sentences.add(top, str(opened.fallback))

    def _add_check(self, opened: Opened) -> None:
        """What the model's numbers were held against, and what was rewritten to look inside."""
        if opened.findings:
            good = all(finding.holds for finding in opened.findings)
            top = self._row(None, "Checked", "all holds" if good else "not all holds")
            top.setExpanded(not good)
            for finding in opened.findings:
                self._sentences.add(top, law_line(finding))
        self._add_sentences("Opened up", opened.repairs)

    def _add_sentences(self, title: str, sentences: tuple[str, ...]) -> None:
        if sentences:
            top = self._row(None, title, f"{len(sentences)}")
            for sentence in sentences:
                self._sentences.add(top, sentence)

    def _add_points(self, anatomy: Anatomy) -> None:
        top = self._row(None, "Points", f"{len(anatomy.points)}")
        for point in anatomy.points:
            self._add_point(top, point)

    def _add_point(self, top: QTreeWidgetItem, point: PointSource) -> None:
        row = self._row(top, point.name, " × ".join(point.axes))
        kind = parse(point.name).kind
        row.setToolTip(0, f"{point.name}: {kind.meaning}\n{kind.formula}\nA click shows its value at the cursor; "
                          "Ctrl+C copies the name.")  # fmt: skip
        row.setData(0, _POINTS_AT, point.name)
        row.setFont(0, self.theme.mono("small"))

    def _add_tensors(self, title: str, tensors: tuple[TensorInfo, ...]) -> None:
        top = self._row(None, title, f"{len(tensors)}")
        for tensor in tensors:
            shape = " × ".join("?" if size is None else str(size) for size in tensor.shape)
            self._row(top, tensor.name, f"{tensor.dtype} [{shape}]")

    def _row(self, parent: QTreeWidgetItem | None, what: str, much: str = "", **goes_to: int) -> QTreeWidgetItem:
        row = QTreeWidgetItem([what, much])
        row.setForeground(1, self.theme.colour("muted"))
        row.setToolTip(0, what)
        row.setToolTip(1, much)
        if goes_to:
            row.setData(0, _GOES_TO, goes_to)
        if parent is None:
            self.tree.addTopLevelItem(row)
        else:
            parent.addChild(row)
        return row

    def _go(self, row: QTreeWidgetItem) -> None:
        goes_to = row.data(0, _GOES_TO)
        if goes_to:
            self.studio.cursor.move(**goes_to)
        point = row.data(0, _POINTS_AT)
        if point and self.studio.trace is not None:
            self.studio.point_at(probe_at(self.studio.trace, point, self.studio.cursor.place))

    def _offer_copy(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Copy the name").triggered.connect(self.copy)
        menu.popup(self.tree.viewport().mapToGlobal(position))


def _heads(block: Block) -> list[str]:
    """How many heads each attention of a block has, in words."""
    words = []
    for attention in block.attention:
        cross = "cross " if attention.kind == "cross" else ""
        shared = attention.kv_heads and attention.heads and attention.kv_heads < attention.heads
        borrowed = "" if attention.keys_of is None else f", k/v of layer {attention.keys_of}"
        spread = f" on {attention.kv_heads} k/v" if shared else ""
        words.append(f"{attention.heads or '?'} {cross}heads{spread}{borrowed}")
    return words
