"""Saying plainly what a graph wants, where that is not something that a sentence gives."""

from __future__ import annotations

from collections.abc import Sequence

from embstudio.base.errors import InputError
from embstudio.modelfile.tensor_info import TensorInfo

OWN_FEEDS = "`embstudio trace MODEL --feeds IN.npz` runs it with inputs of your own."


def describe(tensor: TensorInfo) -> str:
    """An input in one line: "pixels: float32 [1, 3, 224, 224]"."""
    shape = ", ".join("?" if size is None else str(size) for size in tensor.shape)
    return f"{tensor.name}: {tensor.dtype} [{shape}]"


def listed(tensors: Sequence[TensorInfo]) -> str:
    """Several inputs in one line."""
    return "; ".join(map(describe, tensors))


def no_ids(inputs: Sequence[TensorInfo]) -> InputError:
    """A model that takes no token ids at all."""
    if any(tensor.dtype == "string" for tensor in inputs):
        return InputError(
            "This model takes the text itself and cuts it into tokens inside, where nobody can look.",
            where=listed(inputs), advice=f"Use an export that takes token ids. {OWN_FEEDS}",
        )  # fmt: skip
    kinds = [kind for tensor in inputs if (kind := _kind(tensor))]
    what = f"This model takes {kinds[0]}, not text." if kinds else "This model has no input that takes token ids."
    return InputError(what, where=listed(inputs), advice=OWN_FEEDS)


def not_known(tensor: TensorInfo) -> InputError:
    """An input beside the ids that nobody can make up."""
    kind = _kind(tensor)
    what = (
        f"Beside text this model takes {kind}, which embstudio cannot make up."
        if kind
        else "embstudio does not know what to feed an input of this model."
    )
    return InputError(what, where=describe(tensor), advice=OWN_FEEDS)


def encoder_missing(tensor: TensorInfo) -> InputError:
    """A decoder whose encoder is nowhere to be found."""
    return InputError(
        "This is the decoder of a model in several files: it reads what the encoder makes of a text.",
        where=describe(tensor), advice="Put the .onnx file of its encoder, one that takes token ids, into the same "
        f"folder and open it again. {OWN_FEEDS}",
    )  # fmt: skip


def first_step_missing(tensor: TensorInfo) -> InputError:
    """A decoder that only goes on from what another file began."""
    return InputError(
        "This part of a model goes on where another part began: it needs the keys and values that one made of the "
        "encoder's output.",
        where=describe(tensor), advice="Put that part (often decoder_model.onnx) and the encoder (encoder_model.onnx) "
        "into the same folder and open the model again.",
    )  # fmt: skip


def size_missing(tensor: TensorInfo) -> InputError:
    """A cache whose sizes are nowhere said."""
    return InputError(
        "Neither the graph nor a file beside it says how large the cache of this model is.", where=describe(tensor),
        advice=f"Put its config.json into the folder. {OWN_FEEDS}",
    )  # fmt: skip


def _kind(tensor: TensorInfo) -> str:
    """What a float input holds in all likelihood, by its shape and type; "" if nobody can tell."""
    shape = tensor.shape
    if tensor.dtype not in ("float32", "float16", "float64", "uint8"):
        return ""
    if len(shape) in (4, 5) and any(size in (1, 3, 4) for size in (*shape[1:2], *shape[-3:-2], shape[-1])):
        return "a picture"
    if len(shape) == 3 and any(size in (64, 80, 128) for size in shape[1:]):
        return "sound, as a spectrogram"
    if len(shape) == 3 and isinstance(shape[-1], int):
        return f"vectors of {shape[-1]} numbers"
    if len(shape) == 2 and tensor.dtype != "uint8":
        return "sound, or another row of numbers"
    return ""
