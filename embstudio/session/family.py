"""Models in several files: an encoder and a decoder, or a decoder for the first step and one for the next.

A file is known by what it takes and gives, never by its name; among several that fit (the same in other precisions) the
one is taken whose name is most like that of the file which was opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.model_file import ModelFile
from embstudio.modelfile.tensor_info import TensorInfo
from embstudio.session.feeding.feeder import Feeder
from embstudio.session.feeding.slots import Slot
from embstudio.session.joined import joined

_INTEGERS = ("int64", "int32")
_MOST_FILES = 40  # looked into in one folder


@dataclass(frozen=True)
class Family:
    """What to open in place of one part. said: what was put together, as sentences."""

    file: ModelFile
    said: tuple[str, ...]


def first_step(file: ModelFile, feeder: Feeder) -> ModelFile | None:
    """The file beside a decoder that begins where this one only goes on; None where there is none, or no need."""
    if feeder.begun_elsewhere is None:
        return None
    caches = [slot for slot in feeder.caches if slot.cache is not None]
    return _beside(file.path, lambda other: _gives(other, caches) and not _takes_caches(other, caches))


def next_steps(file: ModelFile, outputs: tuple[TensorInfo, ...]) -> ModelFile | None:
    """The file beside a decoder without caches that takes as caches what this one gives; None if there is none."""
    presents = [info for info in outputs if len(info.shape) >= 4]
    if not presents:
        return None

    def goes_on(other: ModelFile) -> bool:
        floats = [info for info in other.graph.inputs if len(info.shape) >= 3 and info.dtype.startswith("float")]
        return bool(floats) and all(any(_alike(each, info) for info in presents) for each in floats)

    return _beside(file.path, goes_on)


def with_encoder(file: ModelFile, feeder: Feeder) -> Family | None:
    """A decoder with the encoder beside it in front; None where there is none, or no need.

    Raises UnsupportedModelError if the two cannot be put together.
    """
    wanted = feeder.hidden
    if wanted is None:
        return None
    encoder = _beside(file.path, lambda other: _encodes(other, wanted))
    if encoder is None:
        return None
    output = next(info for info in encoder.graph.outputs if _alike(info, wanted.tensor))
    said = (
        f"What the decoder in {file.path.name} reads is made by the encoder in {encoder.path.name} beside it: they are "
        "run as one model."
    )
    return Family(joined(encoder, output.name, file, wanted.name), (said,))


def _encodes(other: ModelFile, wanted: Slot) -> bool:
    inputs = other.graph.inputs
    takes_ids = any(info.dtype in _INTEGERS and len(info.shape) == 2 for info in inputs)
    takes_vectors = any(info.dtype.startswith("float") and len(info.shape) > 2 for info in inputs)
    return takes_ids and not takes_vectors and any(_alike(info, wanted.tensor) for info in other.graph.outputs)


def _gives(other: ModelFile, caches: list[Slot]) -> bool:
    rest = list(other.graph.outputs)
    for slot in caches:
        fitting = next((info for info in rest if _alike(info, slot.tensor)), None)
        if fitting is None:
            return False
        rest.remove(fitting)
    return True


def _takes_caches(other: ModelFile, caches: list[Slot]) -> bool:
    ranks = {len(slot.tensor.shape) for slot in caches}
    return any(len(info.shape) in ranks and info.dtype.startswith("float") for info in other.graph.inputs)


def _alike(one: TensorInfo, other: TensorInfo) -> bool:
    """Can a tensor be handed from one to the other, by rank, type and the sizes that both state?"""
    return (
        one.dtype == other.dtype
        and len(one.shape) == len(other.shape)
        and all(
            a == b or not isinstance(a, int) or not isinstance(b, int)
            for a, b in zip(one.shape, other.shape, strict=True)
        )
    )


def _beside(path: Path, fits: Callable[[ModelFile], bool]) -> ModelFile | None:
    """The first file in the same folder that fits, those with names most like this one's first."""
    return next((other for other in _others(path) if fits(other)), None)


def _others(path: Path) -> Iterator[ModelFile]:
    try:
        names = [other for other in path.parent.glob("*.onnx") if other != path]
    except OSError:
        return
    names.sort(key=lambda other: (-SequenceMatcher(None, other.stem, path.stem).ratio(), other.name))
    for other in names[:_MOST_FILES]:
        try:
            yield ModelFile(other)
        except ModelFileError:
            continue  # it is none of ours to complain about
