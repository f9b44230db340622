"""Two columns: as it was noted, and as it is."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.gui.panels.lessons.prose_html import ProseHtml
from embstudio.gui.style.theme import Theme
from embstudio.lessons.lesson import Row

NOTED, REAL = "As noted", "As it is"


def comparison_html(rows: Sequence[Row], write: ProseHtml, theme: Theme) -> str:
    """The rows as a table; "" for none."""
    if not rows:
        return ""
    colours = theme.colours
    head = f"color:{colours.muted}"
    cell = f"border-top:1px solid {colours.border}"
    lines = [
        f'<tr><td width="50%" style="{head}">{NOTED}</td><td width="50%" style="{head}">{REAL}</td></tr>'
    ]  # fmt: skip
    for row in rows:
        lines.append(f'<tr><td colspan="2" style="{cell}"><b>{write.line(row.what)}</b></td></tr>')
        lines.append(
            f'<tr><td valign="top" style="color:{colours.muted}">{write.line(row.noted)}</td>'
            f'<td valign="top">{write.line(row.real)}</td></tr>'
        )
    return f'<table width="100%" cellspacing="0" cellpadding="4">{"".join(lines)}</table>'
