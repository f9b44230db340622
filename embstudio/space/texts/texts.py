"""Texts, each with what stands beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Texts:
    """texts: none is blank. metadata: the other columns of the table, one text a row. source: where from, for people.

    blank: how many lines or rows were left out since there is nothing in them but blanks.
    """

    texts: tuple[str, ...]
    metadata: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    source: str = ""
    blank: int = 0

    @classmethod
    def of(cls, texts: Sequence[str], metadata: Mapping[str, Sequence[str]], source: str) -> Texts:
        """Those that are not blank."""
        kept = [place for place, text in enumerate(texts) if text.strip()]
        return cls(
            tuple(texts[place] for place in kept),
            {name: tuple(values[place] for place in kept) for name, values in metadata.items()},
            source,
            len(texts) - len(kept),
        )
