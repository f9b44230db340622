"""The Inspector: one number, what it is, and how it comes from the others of this step."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextOption
from PySide6.QtWidgets import QMenu, QStackedLayout, QTextBrowser, QToolButton, QVBoxLayout, QWidget

from embstudio.gui.binding import bind
from embstudio.gui.flow_layout import FlowRow
from embstudio.gui.panels.empty_state import EmptyState
from embstudio.gui.panels.panel import Panel
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import MINUS, four
from embstudio.gui.style.rich_text import formula_html, formula_text
from embstudio.gui.style.theme import SIZES, Theme
from embstudio.lessons.terms_of_points import term_of_point
from embstudio.stepper.explanation import Coordinate, Explanation, axis_meaning, explain
from embstudio.stepper.telling import telling_probe
from embstudio.stepper.watch.of_probe import break_of
from embstudio.stepper.working import Working
from embstudio.studio import Studio
from embstudio.studio.activations import activation_of
from embstudio.trace.axes import TOKEN_AXES

NOTHING = "Open a model and type a sentence; the number under the mouse or the cursor is explained here."
DISAGREES = "does not add up to the observed value, so a scale, bias, norm or mask is in between"


class InspectorPanel(Panel):
    """Follows `studio.probe`, and the cursor while nothing is pointed at."""

    title = "Inspector"

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(studio, theme, parent)
        self.explanation: Explanation | None = None
        self.text = QTextBrowser(self)
        self.text.setObjectName("inspectorText")
        self.text.setAccessibleName("The number and where it comes from")
        self.text.setOpenLinks(False)
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        # Not by keyboard: the arrow keys step through the sentence wherever the focus is. Copying all has its button.
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.LinksAccessibleByMouse
        )
        self.text.anchorClicked.connect(self._follow)
        self.text.setUndoRedoEnabled(False)
        self.text.setMinimumSize(160, 90)  # a smaller view would scroll to its first line
        # A point's name is one long word; it is broken rather than given invisible characters that a copy would carry.
        self.text.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.text.document().setDocumentMargin(8)
        self.copy_name = self._button(
            "copyPointName", "Copy name", "Copy the point's name, as files and commands use it"
        )
        self.copy_all = self._button("copyExplanation", "Copy all", "Copy everything that is written here")
        self.watch = self._button("watchValue", "Watch", "See this value at every step, or stop where it changes")
        self.watch.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.watch)
        menu.addAction("&Watch this value\tF8", studio.watches.watch_pointed)
        self._break = menu.addAction("", studio.watches.break_pointed)
        menu.aboutToShow.connect(self._name_break)
        self.watch.setMenu(menu)
        self.copy_name.clicked.connect(self._copy_name)
        self.copy_all.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        shown = QWidget(self)
        column = QVBoxLayout(shown)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.text, 1)
        row = FlowRow(shown)
        row.flow.setContentsMargins(8, 4, 8, 8)
        for button in (self.copy_name, self.copy_all, self.watch):
            row.flow.addWidget(button)
        column.addWidget(row)
        self._stack = QStackedLayout(self)
        self._stack.addWidget(EmptyState(NOTHING, self))
        self._stack.addWidget(shown)
        bind(self, studio.probe_changed, self._on_probe)

    def show_place(self) -> None:
        trace = self.studio.trace
        probe = self.studio.probe
        if trace is not None and (probe is None or not probe.fits(trace)):
            probe = telling_probe(trace, self.studio.cursor.place)
        if trace is None or probe is None:
            self.explanation = None
            self._stack.setCurrentIndex(0)
            return
        document = self.studio.document
        names = {"class": document.labels, "vocab": document.vocabulary} if document else {}
        self.explanation = explain(trace, probe, names, activation_of(self.studio, probe.point))
        self._stack.setCurrentIndex(1)
        scrolled = self.text.verticalScrollBar().value()
        self.text.setHtml(self._page(self.explanation))
        self.text.verticalScrollBar().setValue(scrolled)
        self.text.setAccessibleDescription(_summary(self.explanation))

    def _on_probe(self) -> None:
        self._stale_place = True
        self.refresh()

    def _name_break(self) -> None:
        """Say where it would stop: what lies between 0 and 1 never changes its sign."""
        probe = self.studio.watches.pointed_at
        crosses = probe is not None and "> 0.5" in break_of(probe)
        self._break.setText("&Break where it crosses 0.5" if crosses else "&Break where it changes its sign")

    def _copy_name(self) -> None:
        if self.explanation is not None:
            QGuiApplication.clipboard().setText(self.explanation.point)

    def _button(self, name: str, text: str, tip: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setToolTip(tip)
        button.setAutoRaise(True)
        return button

    def _page(self, shown: Explanation) -> str:
        """The whole text. The parts are always the same, in the same order: nothing jumps from step to step."""
        colours = self.theme.colours
        mono = f"font-family:'{self.theme.mono().family()}'"
        large, small = (f"font-size:{round(10 * SIZES[size] * self.theme.scale)}pt" for size in ("large", "small"))
        index = ", ".join(str(coordinate.index) for coordinate in shown.coordinates)
        part = shown.point.rpartition(".")[2]
        role = colours.role("v" if part == "z" and "attn" in shown.point else part)  # a GRU has a z of its own
        given = f"exactly {shown.exactly.replace('-', MINUS)} · {shown.dtype}"
        sections = [
            f'<p style="{mono};color:{role};margin:0">{escape(shown.point)}</p>'
            f'<p style="{mono};{large};margin:2px 0 0 0">[{index}]&nbsp;=&nbsp;<b>{four(shown.value)}</b></p>'
            f'<p style="{mono};{small};color:{colours.muted};margin:0">{given}</p>',
            self._section("Where", "<br>".join(_place(each, colours.muted) for each in shown.coordinates)),
            self._section("What", escape(shown.meaning) + self._asked(shown.point)),
            self._section("Comes from", f"{formula_html(shown.formula, colours)}"),
            self._section(
                "With this step’s numbers", "".join(map(self._working, shown.workings)) or self._no_working()
            ),
            self._section("Provenance", f"<b>{shown.provenance}</b>: {shown.source} ({self._provider()})."),
        ]
        return f'<div style="color:{colours.text}">' + "".join(sections) + "</div>"

    def _asked(self, point: str) -> str:
        """A link to what the glossary says of a point."""
        term = term_of_point(point)
        if not term:
            return ""
        link = f'<a href="term:{escape(term)}" style="color:{self.theme.colours.accent}">{escape(term)}?</a>'
        return f" &nbsp;{link}"

    def _follow(self, link: QUrl) -> None:
        kind, _, term = link.toString(QUrl.ComponentFormattingOption.FullyDecoded).partition(":")
        if kind == "term":
            self.studio.lessons.term_wanted.emit(term)

    def _section(self, title: str, body: str) -> str:
        small = f"font-size:{round(10 * SIZES['small'] * self.theme.scale)}pt"
        return (
            f'<p style="{small};color:{self.theme.colours.muted};margin:8px 0 0 0">{title}</p>'
            f'<p style="margin:0">{body}</p>'
        )

    def _working(self, working: Working) -> str:
        colours = self.theme.colours
        lines = [
            formula_html(working.formula, colours),
            f"= {formula_html(working.numbers, colours)}",
            f"= <b>{four(working.result)}</b>",
        ]
        if working.agrees:
            lines[-1] += f' <span style="color:{colours.muted}">✓ agrees: {working.difference:.0e}</span>'
        elif working.agrees is False:
            lines.append(f'<span style="color:{colours.warning}">≠ {escape(DISAGREES)} '
                         f"(off by {four(working.difference or 0)}).</span>")  # fmt: skip
        if working.note:
            lines.append(f'<span style="color:{colours.muted}">{escape(working.note)}</span>')
        return "<br>".join(lines)

    def _no_working(self) -> str:
        muted = self.theme.colours.muted
        return f'<span style="color:{muted}">The weights it needs are not part of a trace.</span>'

    def _provider(self) -> str:
        provider = self.studio.trace.provider if self.studio.trace else ""
        return escape(provider.removesuffix("ExecutionProvider") or "provider not known")


def _place(coordinate: Coordinate, muted: str) -> str:
    """`pos 5 ‘won’`, with the axis explained quietly behind it."""
    label = _label(coordinate)
    return (
        f"{coordinate.axis} <b>{coordinate.index}</b>{' ' + escape(label) if label else ''}"
        f' <span style="color:{muted}">{escape(axis_meaning(coordinate.axis))}</span>'
    )


def _label(coordinate: Coordinate) -> str:
    if not coordinate.label:
        return ""
    return f"‘{visible_text(coordinate.label)}’" if coordinate.axis in TOKEN_AXES else coordinate.label


def _summary(shown: Explanation) -> str:
    places = ", ".join(f"{each.axis} {each.index} {_label(each)}".strip() for each in shown.coordinates)
    workings = "; ".join(f"{formula_text(each.formula)}: {formula_text(each.numbers)}" for each in shown.workings)
    return f"{shown.point}, {places}: {four(shown.value)}. {shown.meaning}. {workings}"
