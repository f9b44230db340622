"""The marks in a lesson's texts, read into paragraphs of marked pieces.

    {share}  {share: percent}   a claim, as it was worked out, printed as it says or as it says here
    {'GPT-2'}                   taken as written: names and years, which hold digits and claim nothing
    {noted: 0.055}              a figure of the notes, shown as theirs
    [[forget gate]]  [[forget gate|gates]]    a term of the glossary, and other words for it
    `Ctrl+T`                    what is typed, or a formula
    **strong**  *emphasis*      and paragraphs parted by empty lines, "- " before points, "> " before quotations

Any other digit is a number that nobody has worked out, and is a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

_MARKS = re.compile(
    r"""\{\s*'(?P<literal>[^'{}]*)'\s*\}
      | \{\s*noted:\s*(?P<noted>[^{}]+?)\s*\}
      | \{\s*(?P<claim>[A-Za-z_]\w*)\s*(?::\s*(?P<format>[^{}]+?)\s*)?\}
      | \[\[(?P<term>[^\]\[|]+)(?:\|(?P<shown>[^\]\[]+))?\]\]
      | `(?P<code>[^`]+)`
      | \*\*(?P<strong>.+?)\*\*
      | (?<![\w*])\*(?P<em>[^\s*](?:[^*]*[^\s*])?)\*(?![\w*])""",
    re.VERBOSE | re.DOTALL,
)
_DIGITS = re.compile(r"[\w.,]*[0-9][\w.,%]*")
_STRAY = re.compile(r"[{}`]|\[\[|\]\]|\*\*")
_BULLET, _QUOTE = re.compile(r"[-•]\s+"), re.compile(r">\s?")


@dataclass(frozen=True)
class Span:
    """A piece of text. kind: "text", "code", "claim", "noted", "literal" or "term".

    text: what is shown; of a claim nothing yet. key: the claim's or the term's name. format: how a claim is printed.
    """

    kind: str
    text: str = ""
    key: str = ""
    format: str = ""
    strong: bool = False
    emphasis: bool = False


@dataclass(frozen=True)
class Block:
    """kind: "paragraph", "point" or "quote"."""

    kind: str
    spans: tuple[Span, ...]


@dataclass(frozen=True)
class Flaw:
    """What is wrong in a text. fragment: where, as it is written there."""

    what: str
    fragment: str
    advice: str


@dataclass(frozen=True)
class Prose:
    """A text that was read. source: as it is written."""

    source: str = ""
    blocks: tuple[Block, ...] = ()
    flaws: tuple[Flaw, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.blocks)

    @property
    def spans(self) -> Iterator[Span]:
        for block in self.blocks:
            yield from block.spans

    @property
    def claims(self) -> tuple[Span, ...]:
        return tuple(span for span in self.spans if span.kind == "claim")

    @property
    def terms(self) -> tuple[str, ...]:
        """Terms of the glossary, in the order of the text."""
        return tuple(dict.fromkeys(span.key for span in self.spans if span.kind == "term"))


def read_prose(source: str) -> Prose:
    """Never raises: what is wrong is in `flaws`."""
    flaws: list[Flaw] = []
    blocks = tuple(Block(kind, tuple(_spans(text, flaws))) for kind, text in _blocks(source))
    return Prose(source, blocks, tuple(flaws))


def _blocks(source: str) -> Iterator[tuple[str, str]]:
    kind, lines = "paragraph", list[str]()
    for line in (*source.splitlines(), ""):
        stripped = line.strip()
        begun = "point" if _BULLET.match(stripped) else "quote" if _QUOTE.match(stripped) else ""
        if lines and (not stripped or begun):
            yield kind, " ".join(lines)
            kind, lines = "paragraph", []
        if begun:
            kind = begun
            stripped = (_BULLET if begun == "point" else _QUOTE).sub("", stripped, count=1)
        if stripped:
            lines.append(stripped)


def _spans(text: str, flaws: list[Flaw]) -> Iterator[Span]:
    at = 0
    for found in _MARKS.finditer(text):
        yield from _plain(text[at : found.start()], flaws)
        at = found.end()
        match found.lastgroup, found.groupdict():
            case "strong", marks:
                yield from (replace(span, strong=True) for span in _spans(marks["strong"], flaws))
            case "em", marks:
                yield from (replace(span, emphasis=True) for span in _spans(marks["em"], flaws))
            case "term" | "shown", marks:
                yield Span("term", (marks["shown"] or marks["term"]).strip(), marks["term"].strip())
            case "claim" | "format", marks:
                yield Span("claim", "", marks["claim"], marks["format"] or "")
            case kind, marks:
                assert kind is not None
                yield Span(kind, marks[kind].strip() if kind == "noted" else marks[kind])
    yield from _plain(text[at:], flaws)


def _plain(text: str, flaws: list[Flaw]) -> Iterator[Span]:
    if not text:
        return
    if stray := _STRAY.search(text):
        flaws.append(Flaw(
            f"The mark {stray[0]} is not part of anything.", _around(text, stray.start(), stray.end()),
            "Write {claim}, {'as it is'}, {noted: 0.8}, [[term]], `code`, **strong** or *emphasis*, opened and closed.",
        ))  # fmt: skip
    for digits in _DIGITS.finditer(text):
        number = digits[0].strip(".,")
        flaws.append(Flaw(
            f"The number {number} is typed in by hand.", number,
            "Make it a claim and write {its name}; a name or a year is written {'so'}, a figure of the notes "
            "{noted: so}.",
        ))  # fmt: skip
    yield Span("text", text)


def _around(text: str, start: int, end: int) -> str:
    """The word that holds a part of a text."""
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while end < len(text) and not text[end].isspace():
        end += 1
    return text[start:end]
