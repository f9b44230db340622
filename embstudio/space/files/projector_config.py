"""The Embedding Projector's config: JSON that names tensors, each a file of raw float32 or a TSV, and their metadata.

    {"embeddings": [{"tensorName", "tensorShape": [rows, width], "tensorPath", "metadataPath"}]}

https://github.com/tensorflow/embedding-projector-standalone. Paths lead to files below the config's folder, or the one
above it, where the projector's page lies; never anywhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from embstudio.space.files.metadata import with_metadata
from embstudio.space.files.reading import Reading
from embstudio.space.files.whole_array import chosen, whole_array
from embstudio.space.vector_set import VectorSet

_LARGEST = 1 << 24  # bytes


def matches(head: bytes) -> bool:
    """Whether a file begins as a JSON object does."""
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{" and b'"' in head


def read(reading: Reading, read_file: Callable[[Reading], VectorSet]) -> VectorSet:
    """read_file: reads a tensor that is a file of vectors itself.

    Raises VectorFileError: no such config, several tensors of which none was chosen, files that are not there.
    """
    entry = _entry(reading)
    path = _beside(reading, entry.get("tensorPath"), "tensor")
    shape = entry["tensorShape"]
    metadata = entry.get("metadataPath")
    options = replace(reading.options, choice=None, metadata=None)
    tensor = reading.of(path, options)
    if not tensor.packed and tensor.size == 4 * shape[0] * shape[1]:
        array = np.memmap(path, "<f4", mode="r", shape=(shape[0], shape[1]))
        vectors = whole_array(tensor, array, "")
    elif _is_text(tensor.head):
        vectors = read_file(tensor)
    else:
        tensor.fail(
            f"This tensor should have {shape[0]} x {shape[1]} float32 numbers, {4 * shape[0] * shape[1]:,} bytes, and "
            f"has {tensor.size:,}.", advice="Copy or download it again.",
        )  # fmt: skip
    name = entry.get("tensorName", path.name)
    vectors = replace(vectors, source=f"projector, tensor {name}, {reading.path}")
    if metadata and not reading.options.metadata:
        return with_metadata(vectors, _beside(reading, metadata, "metadata"), reading)
    return vectors


def _entry(reading: Reading) -> Mapping[str, Any]:
    """The tensor that is asked for."""
    if reading.size > _LARGEST:
        reading.fail("This JSON is too large to be a projector's config.")
    with reading.path.open("rb") as file:
        contents = reading.unpacked(file).read(_LARGEST)
    try:
        config = json.loads(contents.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        reading.fail("This JSON cannot be read.", line=getattr(error, "lineno", None), detail=str(error),
                     column=getattr(error, "colno", None))  # fmt: skip
    listed = config.get("embeddings")
    if not isinstance(listed, list) or not listed:
        reading.fail("This JSON is no config of the Embedding Projector.",
                     advice='Such a config lists tensors under "embeddings".')  # fmt: skip
    entries: dict[str, Mapping[str, Any]] = {}
    for number, entry in enumerate(listed, 1):
        shape = entry.get("tensorShape") if isinstance(entry, dict) else None
        if (
            not isinstance(shape, list) or len(shape) != 2
            or not all(isinstance(size, int) and 0 < size < 1 << 48 for size in shape)
        ):  # fmt: skip
            reading.fail(f"Tensor {number} of this config has no shape of rows and width.")
        entries[str(entry.get("tensorName", f"tensor {number}"))] = entry
    return entries[chosen(reading, {name: entry["tensorShape"] for name, entry in entries.items()}, "tensor")]


def _beside(reading: Reading, named: object, what: str) -> Path:
    """A file that the config names. Raises VectorFileError where it is not there."""
    if not isinstance(named, str) or not named or "\0" in named:
        reading.fail(f"This config names no file for the {what}.")
    if "://" in named:
        reading.fail(f"The {what} of this config is on the web, and embstudio fetches nothing.", advice=f"Get {named}")
    path, folder = PurePosixPath(named), reading.path.parent
    if path.is_absolute() or ".." in path.parts:
        reading.fail(
            f"The {what} of this config lies outside its folder.", advice=f"Put {path.name} beside the config."
        )
    for candidate in (folder / path, folder.parent / path, folder / path.name):
        if candidate.is_file():
            return candidate
    raise reading.fault(f"The file {named} that this config names is not there.", advice="Put it beside the config.")


def _is_text(head: bytes) -> bool:
    return not any(byte in head[:4096] for byte in range(9))
