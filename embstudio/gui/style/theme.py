"""The theme: which colours and fonts are on, and the palette and style sheet that carry them to every widget."""

from __future__ import annotations

from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from embstudio.base.events import Signal
from embstudio.base.paths import resources_dir
from embstudio.gui.style.colours import DARK, THEMES, Colours
from embstudio.gui.style.style_sheet import style_sheet

BASE_POINTS = 10.0
# Four sizes for everything, as multiples of the base.
SIZES = {"small": 0.85, "normal": 1.0, "large": 1.2, "title": 1.5}


class Theme:
    """Holds the colours and the text scale; `changed` is emitted after the application has taken them on."""

    def __init__(self, application: QApplication) -> None:
        self.changed: Signal[[]] = Signal()
        self._application = application
        self.colours: Colours = DARK
        self.scale = 1.0
        for file in sorted((resources_dir() / "fonts").glob("*.ttf")):
            QFontDatabase.addApplicationFont(str(file))
        families = set(QFontDatabase.families())
        system = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont)
        self._family = system.family() if system.family() in families else "DejaVu Sans"
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        self._mono = fixed.family() if fixed.family() in families else "DejaVu Sans Mono"
        application.setStyle("Fusion")

    def apply(self, name: str, scale: float | None = None) -> None:
        """Put on "dark" or "light", and a text scale from 1.0 to 2.0."""
        self.colours = THEMES.get(name, DARK)
        if scale is not None:
            self.scale = min(2.0, max(1.0, scale))
        self._application.setFont(self.font())
        self._application.setPalette(_palette(self.colours))
        self._application.setStyleSheet(style_sheet(self.colours))
        self.changed.emit()

    def font(self, size: str = "normal", *, bold: bool = False) -> QFont:
        """The system's UI font in one of the four sizes."""
        font = QFont(self._family)
        font.setPointSizeF(BASE_POINTS * SIZES[size] * self.scale)
        font.setBold(bold)
        return font

    def mono(self, size: str = "normal") -> QFont:
        """The tabular font for numbers."""
        font = QFont(self._mono)
        font.setPointSizeF(BASE_POINTS * SIZES[size] * self.scale)
        return font

    def colour(self, role: str) -> QColor:
        """A colour by its name in `Colours`."""
        return QColor(getattr(self.colours, role))


def _palette(colours: Colours) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for which, colour in {
        role.Window: colours.window, role.WindowText: colours.text, role.Base: colours.panel,
        role.AlternateBase: colours.raised, role.Text: colours.text, role.Button: colours.raised,
        role.ButtonText: colours.text, role.BrightText: colours.error, role.ToolTipBase: colours.raised,
        role.ToolTipText: colours.text, role.PlaceholderText: colours.muted, role.Highlight: colours.accent,
        role.HighlightedText: colours.on_accent, role.Link: colours.accent, role.LinkVisited: colours.accent,
        role.Light: colours.raised, role.Midlight: colours.raised, role.Mid: colours.border,
        role.Dark: colours.border, role.Shadow: colours.window, role.Accent: colours.accent,
    }.items():  # fmt: skip
        palette.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.muted))
    return palette
