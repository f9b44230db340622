"""Which rows and columns of a large table of cells are in sight: zooming and moving, in whole cells."""

from __future__ import annotations

from dataclasses import dataclass

FEWEST = 3  # cells that stay in sight along each axis, where there are so many


@dataclass(frozen=True)
class CellWindow:
    """`rows` rows from `row` and `columns` columns from `column`, out of a table of `of_rows` × `of_columns`."""

    of_rows: int
    of_columns: int
    row: int
    rows: int
    column: int
    columns: int

    @classmethod
    def whole(cls, rows: int, columns: int) -> CellWindow:
        """All of a table."""
        return cls(rows, columns, 0, rows, 0, columns)

    @property
    def zoomed(self) -> bool:
        """Whether anything is out of sight."""
        return (self.rows, self.columns) != (self.of_rows, self.of_columns)

    @property
    def slices(self) -> tuple[slice, slice]:
        return slice(self.row, self.row + self.rows), slice(self.column, self.column + self.columns)

    def scaled(self, factor: float, *, rows: bool = True, columns: bool = True) -> CellWindow:
        """`factor` times as many rows and columns, or one of them, in sight around the middle; less than 1 zooms in."""
        high = _size(self.rows, factor, self.of_rows) if rows else self.rows
        wide = _size(self.columns, factor, self.of_columns) if columns else self.columns
        row, column = self.row + (self.rows - high) / 2, self.column + (self.columns - wide) / 2
        return self._placed(round(row), high, round(column), wide)

    def holding(self, row: float, column: float, across: float, down: float) -> CellWindow:
        """Moved so that a place among the cells lies at the shares `across` and `down` of the window, from 0 to 1."""
        return self._placed(round(row - down * self.rows), self.rows, round(column - across * self.columns),
                            self.columns)  # fmt: skip

    def moved(self, rows: int, columns: int) -> CellWindow:
        """So many rows down and columns to the right, as far as the table goes."""
        return self._placed(self.row + rows, self.rows, self.column + columns, self.columns)

    def showing(self, row: int, column: int) -> CellWindow:
        """Moved just far enough to have a cell in sight."""
        top = min(self.row, row) if row < self.row + self.rows else row - self.rows + 1
        left = min(self.column, column) if column < self.column + self.columns else column - self.columns + 1
        return self._placed(top, self.rows, left, self.columns)

    def _placed(self, row: int, rows: int, column: int, columns: int) -> CellWindow:
        row = max(0, min(row, self.of_rows - rows))
        column = max(0, min(column, self.of_columns - columns))
        return CellWindow(self.of_rows, self.of_columns, row, rows, column, columns)


def _size(now: int, factor: float, most: int) -> int:
    """At least one cell more or fewer, so that every turn of the wheel does something."""
    wanted = round(now * factor)
    if wanted == now:
        wanted += 1 if factor > 1 else -1
    return max(min(FEWEST, most), min(wanted, most))
