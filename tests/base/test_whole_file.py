"""Old contents or new, never a part of either, and nothing left lying about."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from embstudio.base.whole_file import write_whole


def test_a_block_that_ends_well_replaces(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")
    with write_whole(path) as out:
        out.write(b"new")
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_the_old(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"old")

    def fail() -> None:
        with write_whole(path) as out:
            out.write(b"half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_block_that_fails_leaves_no_new_file(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), write_whole(tmp_path / "f"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"), write_whole(tmp_path / "nowhere" / "f"):
        pass


def test_a_folder_of_that_name_stays_and_no_draft_is_left(tmp_path: Path) -> None:
    folder = tmp_path / "taken"
    folder.mkdir()
    with pytest.raises(OSError, match="taken"), write_whole(folder) as out:
        out.write(b"new")
    assert list(tmp_path.iterdir()) == [folder]
    assert folder.is_dir()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no umask")
@pytest.mark.parametrize("mask", [0o022, 0o077])
def test_the_persons_umask_says_who_may_read_it(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        with write_whole(tmp_path / "f") as out:
            out.write(b"new")
    finally:
        os.umask(before)
    assert (tmp_path / "f").stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.parametrize("name", ["x" * 300, "", "a\x00b"])
def test_a_name_that_no_file_can_have_raises_and_leaves_nothing(tmp_path: Path, name: str) -> None:
    with pytest.raises((OSError, ValueError)), write_whole(tmp_path / name) as out:
        out.write(b"new")
    assert list(tmp_path.iterdir()) == []
