"""The sentence with the window drawn over it, as rich text: the centre, what is around it, what is passed over."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from embstudio.gui.style.colours import Colours
from embstudio.lab.word2vec.account import Account
from embstudio.lab.word2vec.bench import Sentence

_MOST = 15  # words on each side of the centre


def sentence_html(here: Sentence, words: Sequence[str], other: int | None, colours: Colours) -> str:
    """other: the place in the sentence of the word that makes a pair with the centre."""
    start, end = max(0, here.centre - _MOST), min(len(here.words), here.centre + _MOST + 1)
    shown = ["…"] if start else []
    low, high = min((*here.window, here.centre)), max((*here.window, here.centre))
    for place in range(start, end):
        word = escape(words[here.words[place]])
        if here.passed[place]:
            text = f'<s style="color:{colours.muted}">{word}</s>'
        elif place == here.centre:
            text = f'<b style="color:{colours.on_accent};background:{colours.accent}">&nbsp;{word}&nbsp;</b>'
        elif place == other:
            text = f"<b><u>{word}</u></b>"
        else:
            text = word
        if low <= place <= high and place != here.centre:
            text = f'<span style="background:{colours.zero}">&nbsp;{text}&nbsp;</span>'
        left = "<b>[</b>" if place == low else ""
        right = "<b>]</b>" if place == high else ""
        shown.append(f"{left}{text}{right}")
    if end < len(here.words):
        shown.append("…")
    return " ".join(shown)


def sentence_said(here: Sentence, words: Sequence[str], other: int | None) -> str:
    """The same for who does not see it."""
    around = ", ".join(words[here.words[place]] for place in here.window) or "nothing"
    pair = f"; the pair is with {words[here.words[other]]}" if other is not None else ""
    return f"centre {words[here.words[here.centre]]}; in its window: {around}{pair}"


def other_place(account: Account | None, here: Sentence) -> int | None:
    """Where in the sentence the word is that the account pairs the centre with: its place among the words that stay."""
    if account is None or account.context is None:
        return None
    stay = [place for place, passed in enumerate(here.passed) if not passed]
    at = stay.index(here.centre) + account.context - account.place
    return stay[at] if 0 <= at < len(stay) else None
