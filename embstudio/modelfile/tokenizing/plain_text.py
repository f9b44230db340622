"""What ALBERT's and XLNet's tokenizers do to a text before SentencePiece: blanks, quotes, accents and capitals, with
the way back to the characters it was (their `preprocess_text`, google-research/albert and zihangdai/xlnet)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from embstudio.modelfile.tokenizing.settings import TokenizerSettings


@dataclass(frozen=True)
class Prepared:
    """text, and for each of its characters the place it had before; None: it is the text itself."""

    text: str
    places: tuple[int, ...] | None = None

    def place(self, start: int, end: int) -> tuple[int, int]:
        """The span before, of a span that is not empty."""
        return (start, end) if self.places is None else (self.places[start], self.places[end - 1] + 1)

    def stripped(self) -> Prepared:
        """Without blanks at both ends."""
        start = len(self.text) - len(self.text.lstrip())
        end = len(self.text.rstrip())
        places = self.places if self.places is not None else tuple(range(len(self.text)))
        return Prepared(self.text[start:end], places[start:end]) if start < end else Prepared("")


def prepared(text: str, settings: TokenizerSettings) -> Prepared:
    """A text without repeated blanks, with `` and '' as ", without accents unless keep_accents, in small letters where
    do_lower_case."""
    lowercase = settings.flag("do_lower_case")
    if lowercase is None:
        lowercase = settings.family != "xlnet"
    kept: list[str] = []
    places: list[int] = []
    at = 0
    while at < len(text):
        letters, width = text[at], 1
        if text[at : at + 2] in ("``", "''"):
            letters, width = '"', 2
        if letters.isspace():
            letters = " " if kept and kept[-1] != " " else ""
        elif settings.flag("keep_accents") is not True:
            letters = "".join(c for c in unicodedata.normalize("NFKD", letters) if not unicodedata.combining(c))
        letters = letters.lower() if lowercase else letters
        kept += letters
        places += [at] * len(letters)
        at += width
    while kept and kept[-1] == " ":
        kept.pop()
        places.pop()
    return Prepared("".join(kept), tuple(places))
