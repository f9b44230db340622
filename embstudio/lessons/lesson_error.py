"""What is wrong with a lesson, and where in its file."""

from __future__ import annotations

from pathlib import Path

from embstudio.base.errors import StudioError


class LessonError(StudioError):
    """A lesson that cannot be read, or that claims what is not so. line, column: counted from 1."""

    def __init__(self, what: str, path: Path, line: int, column: int, *, advice: str = "", detail: str = "") -> None:
        super().__init__(what, where=f"{path.name}, line {line}, column {column}", advice=advice, detail=detail)
        self.path, self.line, self.column = path, line, column

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.path, self.line, self.column, self.advice, self.detail)


def _rebuild(
    kind: type[LessonError], what: str, path: Path, line: int, column: int, advice: str, detail: str
) -> LessonError:
    return kind(what, path, line, column, advice=advice, detail=detail)
