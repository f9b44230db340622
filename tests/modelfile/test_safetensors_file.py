"""Files written byte by byte from the description of the format."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.safetensors_file import read_safetensors


def write(path: Path, header: dict[str, Any], data: bytes) -> Path:
    written = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(written)) + written + data)
    return path


def test_arrays_of_several_types(tmp_path: Path) -> None:
    numbers = np.arange(6, dtype="<f4").reshape(2, 3)
    data = b"\x01" + numbers.tobytes() + struct.pack("<2e", 1.5, -2) + struct.pack("<H", 0x3FC0)
    path = write(
        tmp_path / "w.safetensors",
        {
            "__metadata__": {"format": "pt"},
            "flag": {"dtype": "BOOL", "shape": [1], "data_offsets": [0, 1]},
            "numbers": {"dtype": "F32", "shape": [2, 3], "data_offsets": [1, 25]},  # not aligned
            "half": {"dtype": "F16", "shape": [2], "data_offsets": [25, 29]},
            "brain": {"dtype": "BF16", "shape": [], "data_offsets": [29, 31]},
        },
        data,
    )
    arrays = read_safetensors(path)
    assert list(arrays) == ["flag", "numbers", "half", "brain"]
    assert arrays["flag"].tolist() == [True]
    assert np.array_equal(arrays["numbers"], numbers)
    assert arrays["half"].tolist() == [1.5, -2]
    assert arrays["brain"].dtype == np.float32
    assert float(arrays["brain"]) == 1.5


@pytest.mark.parametrize(
    ("header", "data"),
    [
        ({"a": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}, b"1234"),
        ({"a": {"dtype": "F32", "shape": [3], "data_offsets": [0, 8]}}, b"12345678"),
        ({"a": {"dtype": "F32", "shape": [-2], "data_offsets": [0, -8]}}, b"12345678"),
        ({"a": {"dtype": "F8", "shape": [2], "data_offsets": [0, 2]}}, b"12"),
        ({"a": {"dtype": "F32"}}, b""),
        ({"a": 3}, b""),
    ],
)
def test_headers_that_promise_other_data_are_refused(tmp_path: Path, header: dict[str, Any], data: bytes) -> None:
    with pytest.raises(ModelFileError, match="weights could not be read"):
        read_safetensors(write(tmp_path / "w.safetensors", header, data))


@pytest.mark.parametrize(
    "contents", [b"", b"abc", b"\xff" * 40, struct.pack("<Q", 3) + b"{{{", struct.pack("<Q", 2) + b"[]"]
)
def test_other_files_are_refused(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(contents)
    with pytest.raises(ModelFileError) as caught:
        read_safetensors(path)
    assert caught.value.where == str(path)
    with pytest.raises(ModelFileError):
        read_safetensors(tmp_path / "none.safetensors")


@pytest.mark.zoo
def test_the_weights_of_a_deployed_model(zoo: Path) -> None:
    arrays = read_safetensors(zoo / "_deployed" / "st5-mean-dense-norm" / "2_Dense" / "model.safetensors")
    assert {name: array.shape for name, array in arrays.items()} == {"linear.bias": (16,), "linear.weight": (16, 32)}
