"""A lesson's texts as rich text: claims with what they come to, terms as links, figures of the notes as theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape

from embstudio.gui.style.theme import Theme
from embstudio.lessons.lesson import Lesson
from embstudio.lessons.outcome import Outcome, say
from embstudio.lessons.printed import Format, read_format
from embstudio.lessons.prose import Block, Prose, Span

WAITING = "…"
# What a claim of a name came to; None while it is worked out.
Known = Callable[[str], Outcome | None]


class ProseHtml:
    """Writes texts of one step. Links are `term:forget gate` and `claim:left`."""

    def __init__(self, theme: Theme, known: Known, lesson: Lesson | None = None) -> None:
        self._theme, self._known = theme, known
        self._vectors: Mapping[str, object] = lesson.vectors if lesson is not None else {}

    def of(self, prose: Prose) -> str:
        """The whole text."""
        return "".join(self._block(block) for block in prose.blocks)

    def line(self, prose: Prose) -> str:
        """The same in one line, for headings, choices and cells."""
        return " ".join(self._spans(block) for block in prose.blocks)

    def plain(self, prose: Prose) -> str:
        """The same without marks, for lists and tooltips."""
        return " ".join("".join(self._text(span) for span in block.spans) for block in prose.blocks)

    def _block(self, block: Block) -> str:
        text = self._spans(block)
        muted = self._theme.colours.muted
        match block.kind:
            case "point":
                return f'<p style="margin:0 0 4px 12px;line-height:120%">• {text}</p>'
            case "quote":
                return f'<p style="margin:0 0 8px 12px;color:{muted}">“{text}”</p>'
            case _:
                return f'<p style="margin:4px 0 8px 0;line-height:125%">{text}</p>'

    def _spans(self, block: Block) -> str:
        return "".join(map(self._span, block.spans))

    def _span(self, span: Span) -> str:
        text = self._marked(span)
        if span.strong:
            text = f"<b>{text}</b>"
        return f"<i>{text}</i>" if span.emphasis else text

    def _marked(self, span: Span) -> str:
        colours = self._theme.colours
        text = escape(self._text(span))
        match span.kind:
            case "term":
                return f'<a href="term:{escape(span.key)}" style="color:{colours.accent}">{text}</a>'
            case "claim":
                outcome = self._known(span.key)
                off = outcome is not None and outcome.fault is not None
                colour = colours.warning if off else colours.text
                style = f"color:{colour};text-decoration:none;font-weight:600"
                return f'<a href="claim:{span.key}" style="{style}">{text}{" ≠" if off else ""}</a>'
            case "noted":
                return f'<span style="color:{colours.muted}">{text}</span>'
            case "code":
                return f"<code style=\"font-family:'{self._theme.mono().family()}'\">{text}</code>"
            case _:
                return text

    def _text(self, span: Span) -> str:
        if span.kind != "claim":
            return span.text
        format_: Format | None = None
        if span.format:
            try:
                format_ = read_format(span.format)
            except ValueError:
                return "?"
        if span.key in self._vectors:
            return say(self._vectors[span.key], format_ or Format())  # type: ignore[arg-type]
        outcome = self._known(span.key)
        return WAITING if outcome is None else outcome.printed(format_)
