"""Models whose weights lie in data files that are symbolic links, as the cache of the Hugging Face hub lays them out.

onnxruntime refuses to follow such links out of the folder that it is told of. It is therefore told of the folder that
holds both the model's and what the links lead to, and of the places of the data files below it. Only links that lie
in the model's own folder are followed: a location that leads elsewhere by itself ("../../etc/passwd") stays as it is,
and onnxruntime refuses it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import onnx

from embstudio.modelfile.external_data import data_path


def with_links_followed(model: bytes, folder: Path, names: Sequence[str]) -> tuple[bytes, Path]:
    """The model and the folder that its data files are relative to; both as they were where no file is a link."""
    paths = {name: path for name in names if (path := _own(folder, name)) is not None}
    if not any(path.is_symlink() for path in paths.values()):
        return model, folder
    places = {name: path.resolve() for name, path in paths.items()}  # those that are no links move along
    common = Path(os.path.commonpath([folder.resolve(), *(place.parent for place in places.values())]))
    proto = onnx.ModelProto.FromString(model)
    for tensor in proto.graph.initializer:
        for entry in tensor.external_data:
            if entry.key == "location" and entry.value in places:
                entry.value = places[entry.value].relative_to(common).as_posix()
    return proto.SerializeToString(), common


def _own(folder: Path, name: str) -> Path | None:
    """The data file of that name, if it is there and in the model's own folder."""
    try:
        path = data_path(folder, name)
    except ValueError:
        return None
    return path if path.is_file() else None
