"""What is kept on the way: whole blocks only, of the same thing only."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.session.text_vectors.part_file import PartFile

OF = {"model": "m", "input": "i"}


def block(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    return random.normal(size=(rows, 3)).astype(np.float32), random.integers(0, 3, rows).astype(np.uint8)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A part with blocks of 4 and 2 rows."""
    part = PartFile(tmp_path / "v.npz.part", OF, 3)
    part.add(*block(4, 1))
    part.add(*block(2, 2))
    return part.path


def test_what_was_kept_is_there_again(path: Path) -> None:
    part = PartFile(path, OF, 3)
    (first, states), (second, more) = block(4, 1), block(2, 2)
    assert part.done == 6
    assert np.array_equal(part.vectors, np.concatenate([first, second]))
    assert np.array_equal(part.states, np.concatenate([states, more]))


@pytest.mark.parametrize("lost", [1, 9, 25, 26, 33])
def test_a_block_cut_off_in_the_middle_is_written_again(path: Path, lost: int) -> None:
    os.truncate(path, path.stat().st_size - lost)
    part = PartFile(path, OF, 3)
    assert part.done == 4
    part.add(*block(5, 3))
    assert np.array_equal(PartFile(path, OF, 3).vectors, np.concatenate([block(4, 1)[0], block(5, 3)[0]]))


def test_a_block_with_a_wrong_byte_is_not_taken(path: Path) -> None:
    contents = bytearray(path.read_bytes())
    contents[-5] ^= 1
    path.write_bytes(contents)
    assert PartFile(path, OF, 3).done == 4


def test_a_count_of_rows_that_is_none_asks_for_no_memory(path: Path) -> None:
    with path.open("ab") as file:
        file.write(b"\xff" * 8)
    assert PartFile(path, OF, 3).done == 6


@pytest.mark.parametrize(
    ("of", "width", "said"),
    [({**OF, "model": "n"}, 3, "another model"), ({**OF, "input": "j"}, 3, "another input"), (OF, 4, "another width")],
)
def test_a_part_of_something_else_is_refused(path: Path, of: dict[str, str], width: int, said: str) -> None:
    before = path.read_bytes()
    with pytest.raises(VectorFileError, match=said):
        PartFile(path, of, width)
    assert path.read_bytes() == before


@pytest.mark.parametrize("contents", [b"", b"hello\n", b"[1]\n", b"\xff\xfe\0\0"])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, contents: bytes) -> None:
    path = tmp_path / "v.npz.part"
    path.write_bytes(contents)
    with pytest.raises(VectorFileError, match="no file of this kind"):
        PartFile(path, OF, 3)
    assert path.read_bytes() == contents


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(VectorFileError, match="could not be kept"):
        PartFile(tmp_path / "no" / "v.npz.part", OF, 3)
