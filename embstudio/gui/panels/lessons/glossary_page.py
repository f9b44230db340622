"""The glossary: what words mean, to search in, and to be sent to by links."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QSplitter, QTextBrowser, QVBoxLayout, QWidget

from embstudio.base.errors import StudioError
from embstudio.gui.style.theme import Theme
from embstudio.lessons.glossary import Entry
from embstudio.studio import Notice, Studio

NOTHING = "Nothing is called so. Try a part of the word."
_TERM = Qt.ItemDataRole.UserRole


class GlossaryPage(QWidget):
    """`show_term` goes to an entry."""

    def __init__(self, studio: Studio, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._studio, self._theme = studio, theme
        self.entry: Entry | None = None
        self.field = QLineEdit(self)
        self.field.setObjectName("glossaryField")
        self.field.setAccessibleName("Search the glossary")
        self.field.setPlaceholderText("Search, such as gate")
        self.field.setClearButtonEnabled(True)
        self.list = QListWidget(self)
        self.list.setObjectName("glossaryList")
        self.list.setAccessibleName("Terms")
        self.text = QTextBrowser(self)
        self.text.setObjectName("glossaryText")
        self.text.setAccessibleName("What the term means")
        self.text.setOpenLinks(False)
        self.text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.text.document().setDocumentMargin(8)
        sides = QSplitter(Qt.Orientation.Vertical, self)
        sides.addWidget(self.list)
        sides.addWidget(self.text)
        sides.setStretchFactor(0, 1)
        sides.setStretchFactor(1, 1)
        sides.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(4)
        column.addWidget(self.field)
        column.addWidget(sides, 1)
        self.field.textChanged.connect(self._search)
        self.list.currentItemChanged.connect(lambda item, _before: self._go(item))
        self.text.anchorClicked.connect(self._follow)

    def fill(self) -> None:
        """The list, when it is first looked at."""
        if not self.list.count():
            self._search(self.field.text())

    def show_term(self, term: str) -> None:
        """Go to the entry of a term, or search for it."""
        entry = self._studio.lessons.entry(term)
        self.field.setText("" if entry is not None else term)
        self.fill()
        for place in range(self.list.count()):
            item = self.list.item(place)
            if entry is not None and item.data(_TERM) is entry:
                self.list.setCurrentItem(item)
                self.list.scrollToItem(item)

    def restyle(self) -> None:
        """Colours or fonts changed."""
        self._write()

    def _search(self, text: str) -> None:
        try:
            found = self._studio.lessons.glossary.search(text)
        except StudioError as error:
            self._studio.noticed.emit(Notice.of(error))
            return
        self.list.clear()
        for entry in found:
            item = QListWidgetItem(entry.term)
            item.setData(_TERM, entry)
            if entry.aliases:
                item.setToolTip(f"also {', '.join(entry.aliases)}")
            self.list.addItem(item)
        if found:
            self.list.setCurrentRow(0)
        else:
            self.entry = None
            self.text.setPlainText(NOTHING)

    def _go(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.entry = item.data(_TERM)
            self._write()

    def _write(self) -> None:
        entry, theme = self.entry, self._theme
        if entry is None:
            return
        muted, accent = theme.colours.muted, theme.colours.accent
        parts = [f'<p style="margin:0 0 6px 0"><b>{escape(entry.term)}</b></p>']
        if entry.aliases:
            parts.append(f'<p style="margin:0 0 6px 0;color:{muted}">also {escape(", ".join(entry.aliases))}</p>')
        parts.append(f'<p style="margin:0 0 8px 0;line-height:125%">{escape(entry.meaning)}</p>')
        if entry.formula:
            mono = theme.mono().family()
            parts.append(f"<p style=\"margin:0 0 8px 0;font-family:'{mono}'\">{escape(entry.formula)}</p>")
        if entry.see:
            links = ", ".join(
                f'<a href="term:{escape(term)}" style="color:{accent}">{escape(term)}</a>' for term in entry.see
            )
            parts.append(f'<p style="margin:0 0 8px 0">See {links}</p>')
        if entry.source:
            parts.append(f'<p style="margin:0;color:{muted}">{escape(entry.source)}</p>')
        self.text.setHtml("".join(parts))

    def _follow(self, link: QUrl) -> None:
        kind, _, term = link.toString(QUrl.ComponentFormattingOption.FullyDecoded).partition(":")
        if kind == "term":
            self.show_term(term)
