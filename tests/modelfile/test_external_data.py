"""Weights in data files: read as onnx reads them, from the model's own folder and nowhere else."""

from __future__ import annotations

from pathlib import Path

import ml_dtypes
import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from embstudio.modelfile.external_data import data_path, read_external


def external(tensor: TensorProto, location: str, offset: int) -> TensorProto:
    """The tensor with its bytes left to a data file."""
    kept = TensorProto(name=tensor.name, data_type=tensor.data_type, dims=tensor.dims)
    kept.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", offset), ("length", len(tensor.raw_data))):
        kept.external_data.add(key=key, value=str(value))
    return kept


@pytest.mark.parametrize(
    "values",
    [np.arange(12, dtype=np.float32).reshape(3, 4), np.array(7, np.int64), np.zeros((0, 3), np.float32),
     np.linspace(-2, 2, 9).astype(np.float16), np.array([True, False]), np.arange(5).astype(ml_dtypes.bfloat16)],
    ids=str,
)  # fmt: skip
def test_values_are_those_that_were_stored(tmp_path: Path, values: np.ndarray) -> None:
    tensor = numpy_helper.from_array(values, "w")
    (tmp_path / "weights").write_bytes(b"in front" + tensor.raw_data)
    found = read_external(external(tensor, "weights", 8), tmp_path)
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


def test_a_file_that_is_too_short(tmp_path: Path) -> None:
    tensor = numpy_helper.from_array(np.arange(12, dtype=np.float32), "w")
    (tmp_path / "weights").write_bytes(tensor.raw_data[:-1])
    with pytest.raises(ValueError, match="too short"):
        read_external(external(tensor, "weights", 0), tmp_path)


@pytest.mark.parametrize("location", ["../w", "a/../../w", "/etc/passwd", "C:\\w", "..\\w", "\\\\host\\w"])
def test_no_way_out_of_the_folder(tmp_path: Path, location: str) -> None:
    with pytest.raises(ValueError, match="outside"):
        data_path(tmp_path, location)
    with pytest.raises(ValueError, match="outside"):
        read_external(external(onnx.helper.make_tensor("w", 1, [1], b"1234", raw=True), location, 0), tmp_path)
