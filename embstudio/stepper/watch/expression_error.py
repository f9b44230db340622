"""What is wrong with an expression, and where in its text."""

from __future__ import annotations

from embstudio.base.errors import StudioError


class ExpressionError(StudioError):
    """An expression that cannot be read, makes no sense, or does not fit the model.

    text: the whole expression; start, end: the part [start, end) that is concerned, in characters.
    """

    def __init__(self, what: str, text: str, start: int, end: int, *, advice: str = "", detail: str = "") -> None:
        super().__init__(what, where=f"column {start + 1}", advice=advice, detail=detail)
        self.text = text
        self.start = start
        self.end = max(end, start + 1)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.text, self.start, self.end, self.advice, self.detail)

    @property
    def caret(self) -> str:
        """Two lines: the text, and a caret under each character that is concerned."""
        return f"{self.text}\n{' ' * self.start}{'^' * (self.end - self.start)}"


class UnfittingError(ExpressionError):
    """An expression that is sound, but speaks of what this model or this text does not have.

    layer: the layer to fetch, where the model has the point and the trace had no room for it.
    """

    layer: int | None = None


def _rebuild(
    kind: type[ExpressionError], what: str, text: str, start: int, end: int, advice: str, detail: str
) -> ExpressionError:
    return kind(what, text, start, end, advice=advice, detail=detail)
