"""Files under tables: which table lies in one, and whether it is still what was read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.space.mapped_file import MappedFile, mapping_of

TABLE = np.arange(600, dtype=np.float32).reshape(100, 6)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    np.save(tmp_path / "table.npy", TABLE)
    return tmp_path / "table.npy"


def test_only_what_is_a_view_of_a_mapping_lies_in_a_file(path: Path) -> None:
    mapped = np.load(path, mmap_mode="r")
    for view in (mapped, mapped[3:50], np.asarray(mapped)[::2].T):
        base = mapping_of(view)
        assert base is not None
        assert Path(str(base.filename)) == path
        assert MappedFile.under(view) == MappedFile.at(path)
    for table in (TABLE, mapped.copy(), mapped.astype(np.float64), mapped + 1):
        assert mapping_of(table) is None
        assert MappedFile.under(table) is None


def test_whoever_writes_into_it_is_noticed(path: Path) -> None:
    there = MappedFile.at(path)
    assert there is not None
    assert there.is_intact
    with path.open("r+b") as file:
        file.truncate(200)
    assert not there.is_intact
    longer = MappedFile.at(path)
    assert longer is not None
    with path.open("ab") as file:
        file.write(b"more")
    assert not longer.is_intact


def test_another_file_of_its_name_leaves_it_as_it_was(path: Path, tmp_path: Path) -> None:
    mapped = np.load(path, mmap_mode="r")
    there = MappedFile.under(mapped)
    assert there is not None
    np.save(tmp_path / "other.npy", TABLE + 1)
    (tmp_path / "other.npy").replace(path)
    assert there.is_intact
    assert np.array_equal(mapped, TABLE)
    path.unlink()
    assert there.is_intact
