"""What a person may ask for when a file of vectors is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class LoadOptions:
    """rows: read only so many, from the start. skip_bad: leave out rows that cannot be read, and say how many.

    encoding: of the words; vectors are numbers in any. choice: which tensor, array or column, where a file has several.
    metadata: a TSV or CSV file with a row for each vector, where the file itself does not name one.
    """

    rows: int | None = None
    skip_bad: bool = False
    encoding: str = "utf-8"
    choice: str | None = None
    metadata: Path | None = None

    def __post_init__(self) -> None:
        if self.rows is not None and self.rows < 1:
            raise ValueError(f"rows must be at least 1, not {self.rows}")
