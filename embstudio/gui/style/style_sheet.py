"""The style sheet: what Fusion and the palette cannot say. Colours come from the theme, sizes are in pixels of text."""

from __future__ import annotations

from embstudio.gui.style.colours import Colours


def style_sheet(colours: Colours) -> str:
    """The application's style sheet in the given colours."""
    c = colours
    return f"""
    QToolTip {{ color: {c.text}; background: {c.raised}; padding: 4px; border: 1px solid {c.border}; }}

    QMainWindow::separator {{ background: {c.window}; width: 6px; height: 6px; }}
    QMainWindow::separator:hover {{ background: {c.border}; }}
    QMenuBar {{ background: {c.window}; }}
    QToolBar {{ background: {c.window}; border: none; spacing: 8px; padding: 4px 8px; }}
    QStatusBar {{ background: {c.window}; }}
    QStatusBar QLabel {{ color: {c.muted}; padding: 0 8px; }}
    QStatusBar::item {{ border: none; }}
    #runsOn {{ color: {c.muted}; background: {c.raised}; border: 1px solid {c.border}; border-radius: 4px;
        margin-left: 4px; padding: 2px 18px 2px 8px; }}
    #runsOn[fellBack="true"] {{ color: {c.warning}; }}
    #runsOn:hover {{ color: {c.text}; }}
    #runsOn:focus {{ border-color: {c.accent}; }}
    #runsOn::menu-indicator {{ subcontrol-position: right center; right: 6px; }}

    QMainWindow > QTabBar::tab {{ color: {c.muted}; background: {c.window}; border: none;
        padding: 6px 16px; margin-right: 2px; border-top-left-radius: 5px; border-top-right-radius: 5px; }}
    QMainWindow > QTabBar::tab:selected {{ color: {c.text}; background: {c.panel}; }}
    QMainWindow > QTabBar::tab:hover:!selected {{ background: {c.raised}; }}

    QLineEdit {{ background: {c.panel}; border: 1px solid {c.border}; border-radius: 5px; padding: 4px 8px; }}
    QLineEdit:focus {{ border-color: {c.accent}; }}
    #modelPicker, #examples {{ background: {c.raised}; border: 1px solid {c.border}; border-radius: 5px;
        padding: 5px 22px 5px 10px; }}
    #modelPicker {{ font-weight: bold; }}
    #aboutModel, #compare, #learn {{ background: {c.raised}; border: 1px solid {c.border}; border-radius: 5px;
        padding: 5px 9px; }}
    #modelPicker:hover, #examples:hover, #aboutModel:hover, #compare:hover, #learn:hover {{ background: {c.panel}; }}
    #modelPicker:focus, #examples:focus, #aboutModel:focus, #compare:focus, #learn:focus {{ border-color: {c.accent}; }}
    #compare::menu-indicator {{ image: none; }}
    #modelPicker::menu-indicator, #examples::menu-indicator {{ subcontrol-position: right center; right: 7px; }}

    QScrollBar {{ background: transparent; border: none; }}
    QScrollBar:horizontal {{ height: 9px; }}
    QScrollBar:vertical {{ width: 9px; }}
    QScrollBar::handle {{ background: {c.border}; border-radius: 4px; min-width: 28px; min-height: 28px; }}
    QScrollBar::handle:hover {{ background: {c.muted}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """
