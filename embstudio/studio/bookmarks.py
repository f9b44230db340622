"""Places among vectors that a person wants to come back to, kept as text across runs.

No numpy here: the window imports this file before its first paint.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from embstudio.base.events import Signal

MOST = 200


@dataclass(frozen=True)
class Bookmark:
    """Whose vectors: those of a `file`, read with `options` (fields of LoadOptions that were not left as they are), or
    the words of a `model`, a name or a path. Where one stood: `row` and its `word`; None for the current token.

    comparison: fields of Comparison. picture, colour, clusters: what the map showed. selected: rows, as `row_ranges`
    writes them. total: rows of the set; spelling: a checksum of the selected rows' words.
    """

    name: str
    file: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    total: int = 0
    row: int | None = None
    word: str = ""
    comparison: Mapping[str, Any] = field(default_factory=dict)
    picture: str = ""
    colour: str = ""
    clusters: int = 0
    selected: str = ""
    spelling: int = 0

    @property
    def text(self) -> str:
        """As it is kept."""
        return json.dumps(asdict(self))

    @classmethod
    def of(cls, text: str) -> Bookmark:
        """Read it again. Raises ValueError for what is no bookmark."""
        kept = json.loads(text)
        if not isinstance(kept, dict) or not isinstance(kept.get("name"), str):
            raise ValueError("not a bookmark")
        known = {each.name: kept[each.name] for each in fields(cls) if each.name in kept}
        empty = cls("")
        for name, value in known.items():
            wanted = int | None if name == "row" else dict if name in ("options", "comparison") else type(
                getattr(empty, name)
            )  # fmt: skip
            if not isinstance(value, wanted) or isinstance(value, bool):
                raise ValueError(f"{name} of a bookmark is {value!r}")
        return cls(**known)


class Bookmarks:
    """`changed` tells that one came or went. The newest is the last; names are told apart."""

    def __init__(self) -> None:
        self.changed: Signal[[]] = Signal()
        self.all: tuple[Bookmark, ...] = ()

    def add(self, bookmark: Bookmark) -> None:
        """Keep it, in the place of one of the same name; beyond 200 the oldest goes."""
        self.all = (*(each for each in self.all if each.name != bookmark.name), bookmark)[-MOST:]
        self.changed.emit()

    def remove(self, bookmark: Bookmark) -> None:
        """Forget it."""
        self.all = tuple(each for each in self.all if each != bookmark)
        self.changed.emit()

    @property
    def texts(self) -> list[str]:
        """What `restore` takes."""
        return [each.text for each in self.all]

    def restore(self, texts: Iterable[str]) -> list[str]:
        """Take what was kept; returns a sentence for what cannot be read, which is left out."""
        found, lost = [], 0
        for text in texts:
            try:
                found.append(Bookmark.of(text))
            except (ValueError, RecursionError):
                lost += 1
        self.all = tuple({each.name: each for each in found}.values())[-MOST:]
        self.changed.emit()
        return [f"{lost:,} bookmarks of the Space panel could not be read and are left out."] if lost else []
