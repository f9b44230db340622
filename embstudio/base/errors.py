"""Errors meant for people: what happened, where, and what to do next.

A `StudioError` is the only kind of error that reaches the screen as it is. It survives the pipe between the worker
and the window (it pickles), so both sides speak of a failure in the same words.
"""

from __future__ import annotations


class StudioError(Exception):
    """Something went wrong that a person can understand and act on.

    what:   one sentence, plain words ("This is not an ONNX file.").
    where:  the file, point, line or input concerned; may be empty.
    advice: one sentence with what to do next; may be empty.
    detail: the library's own words, for a report; never the only explanation.
    """

    def __init__(self, what: str, *, where: str = "", advice: str = "", detail: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.advice = advice
        self.detail = detail

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" {self.advice}" if self.advice else ""
        return f"{self.what}{place}{advice}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.what, self.where, self.advice, self.detail)


def _rebuild(kind: type[StudioError], what: str, where: str, advice: str, detail: str) -> StudioError:
    return kind(what, where=where, advice=advice, detail=detail)


class ModelFileError(StudioError):
    """A model file that cannot be read, is damaged, or is not what it claims to be."""


class TokenizerError(StudioError):
    """A tokenizer that is missing, unreadable, or does not belong to the model."""


class InputError(StudioError):
    """An input the model cannot take: empty, too long, ids out of range, a feed we cannot make up."""


class UnsupportedModelError(StudioError):
    """A sound model that this program cannot run or look into."""


class TraceFileError(StudioError):
    """A trace file that cannot be read or written."""


class VectorFileError(StudioError):
    """A file of vectors that cannot be read or written, is damaged, or holds what is no vector."""


class ResourceError(StudioError):
    """A file that belongs to the program (an icon, a font, the examples) is missing or damaged."""


class WorkerError(StudioError):
    """The process that runs models stopped, hung or ran out of memory."""
