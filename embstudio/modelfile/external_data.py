"""Weights in data files beside a model (ONNX's external data), found and read without being trusted.

A data file is one in the model's own folder, or in a folder below it; a location that leads elsewhere by itself
("../../etc/passwd", "/etc/passwd") is refused. It may be a symbolic link: that is how download caches keep them.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np
from onnx import TensorProto, helper, numpy_helper


def data_path(folder: Path, location: str) -> Path:
    """Where a data file is. Raises ValueError for a location outside of the folder."""
    for kind in (PurePosixPath, PureWindowsPath):  # a file made on either system may come to the other
        if kind(location).is_absolute() or ".." in kind(location).parts or kind(location).drive:
            raise ValueError(f"the data file {location!r} would lie outside of the model's folder")
    return folder / location


def read_external(tensor: TensorProto, folder: Path) -> np.ndarray:
    """The values of a tensor that is kept in a data file, mapped into memory where numpy has their type.

    Raises ValueError for a location outside of the folder or a file that is too short, OSError if it cannot be read.
    """
    entries = {entry.key: entry.value for entry in tensor.external_data}
    path, offset = data_path(folder, entries.get("location", "")), int(entries.get("offset", "0"))
    count = int(np.prod(tensor.dims, dtype=np.int64))
    dtype = helper.tensor_dtype_to_np_dtype(tensor.data_type)
    if not count:
        return np.zeros(tuple(tensor.dims), dtype)
    if dtype.isbuiltin == 1 and dtype.kind in "fiub":
        if path.stat().st_size < offset + count * dtype.itemsize:
            raise ValueError(f"{path.name} is too short")
        return np.memmap(path, dtype.newbyteorder("<"), "r", offset, tuple(tensor.dims))
    with path.open("rb") as file:
        file.seek(offset)
        whole = TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
        whole.raw_data = file.read(int(entries["length"]) if "length" in entries else -1)
    values: np.ndarray = numpy_helper.to_array(whole)
    return values
