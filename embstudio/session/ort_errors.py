"""onnxruntime's errors in plain words. Its own text is kept as the detail."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from onnxruntime.capi import onnxruntime_pybind11_state as state

from embstudio.base.errors import InputError, ModelFileError, StudioError, UnsupportedModelError, WorkerError
from embstudio.session.recurrent_errors import recurrent_words
from embstudio.session.rewrite.guard import MARK
from embstudio.session.stop import Stop

# ValueError: feeds checked in Python. UnicodeDecodeError: messages that quote bytes of a damaged file.
ERRORS: tuple[type[Exception], ...] = (
    state.EPFail,
    state.EngineError,
    state.Fail,
    state.InvalidArgument,
    state.InvalidGraph,
    state.InvalidProtobuf,
    state.NoModel,
    state.NoSuchFile,
    state.NotImplemented,
    state.RuntimeException,
    RuntimeError,
    ValueError,
)

# (words in the text, kind of error, what, advice), first match wins.
_LOADING: tuple[tuple[tuple[str, ...], type[StudioError], str, str], ...] = (
    (("INVALID_PROTOBUF", "Protobuf parsing failed", "No graph was found", "ModelProto does not have a graph"),
     ModelFileError, "This is not an ONNX file, or it is damaged.", "Export or download it again."),
    (("external data", "External data", "External initializer", "model_path"),
     ModelFileError, "The file's weights are kept in another file, which cannot be read.",
     "Put the file with the weights into the folder of the model."),
    (("only *guarantees* support", "Unsupported model IR version", "is under development"),
     UnsupportedModelError, "The file is newer than the onnxruntime installed here.",
     "Update onnxruntime, or export with an older operator set."),
    (("NOT_IMPLEMENTED", "is not a registered function/op", "No Op registered", "No opset import"),
     UnsupportedModelError, "The model uses an operator that onnxruntime does not have here.",
     "embstudio never loads operator libraries of others; export with standard operators."),
    (("allocate memory", "bad_alloc", "bad allocation", "out of memory"),
     WorkerError, "The model does not fit into memory.", "Close other programs, or use a smaller or quantised model."),
)  # fmt: skip

_RUNNING: tuple[tuple[tuple[str, ...], type[StudioError], str, str], ...] = (
    ((MARK,),
     InputError, "For this input the model takes a branch that was not opened up.",
     "What the model was opened up for is said in its notes; give a text of another length."),
    (("out of data bounds", "index out of", "indices element"),
     InputError, "The input holds a number that the model has no row for.",
     "The tokenizer may belong to another model, or the model takes texts of another length only."),
    (("Got invalid dimensions", "Invalid rank", "Unexpected input data type", "Missing Input", "Required inputs"),
     InputError, "The input does not have the shape or type that the model takes.",
     "Compare it with the inputs that `embstudio inspect` lists."),
    (("allocate memory", "bad_alloc", "bad allocation", "out of memory", "std::bad_array_new_length"),
     WorkerError, "There is not enough memory for this input.", "Try a shorter text, or fewer points."),
)  # fmt: skip


@contextmanager
def loading(where: str) -> Iterator[None]:
    """Within, an onnxruntime error means that a model cannot be opened. Raises a StudioError instead."""
    try:
        yield
    except ERRORS as error:
        otherwise = (ModelFileError, "onnxruntime cannot open this model.", "The details say what it stumbled over.")
        raise _explained(error, _LOADING, otherwise, where) from error


@contextmanager
def loading_half(where: str) -> Iterator[None]:
    """Within, an onnxruntime error means that a model cannot be run in float16: the file itself may well be sound."""
    try:
        yield
    except ERRORS as error:
        raise UnsupportedModelError(
            "onnxruntime cannot run this model in float16 here.", where=where, detail=str(error),
            advice="Some of its operations are there for other types only; choose another way to run it.",
        ) from error  # fmt: skip


@contextmanager
def running(where: str, stop: Stop) -> Iterator[None]:
    """Within, an onnxruntime error means that a run failed. Raises a StudioError, or Cancelled if it was stopped."""
    try:
        yield
    except ERRORS as error:
        stop.check()
        otherwise = (UnsupportedModelError, "The model stopped with an error.", "The details say at which operator.")
        raise _explained(error, _RUNNING, otherwise, where) from error


def _explained(
    error: Exception,
    table: tuple[tuple[tuple[str, ...], type[StudioError], str, str], ...],
    otherwise: tuple[type[StudioError], str, str],
    where: str,
) -> StudioError:
    text = str(error)
    recurrent = recurrent_words(text)
    if recurrent is not None:
        kind, what, advice = recurrent
        return kind(what, where=where, advice=advice, detail=text)
    for words, kind, what, advice in table:
        if any(word in text for word in words):
            return kind(what, where=where, advice=advice, detail=text)
    kind, what, advice = otherwise
    return kind(what, where=where, advice=advice, detail=text)
