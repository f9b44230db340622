"""A table given to another process: here both sides are in one."""

from __future__ import annotations

import multiprocessing
from multiprocessing.shared_memory import SharedMemory
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

from embstudio.space.aside import handover
from embstudio.space.aside.handover import Handover, take

TABLE = np.random.default_rng(0).normal(size=(300, 7)).astype(np.float32)


def taken(table: np.ndarray) -> tuple[np.ndarray, handover.Parcel]:
    """What arrives on the other side, and how it got there."""
    ours, theirs = multiprocessing.Pipe()
    given = Handover(table)
    sender = Thread(target=given.send, args=(ours,))
    sender.start()
    arrived, block = take(given.parcel, theirs)
    copy = arrived.copy()
    del arrived
    if block is not None:
        block.close()
    sender.join()
    given.close()
    return copy, given.parcel


def test_through_shared_memory() -> None:
    arrived, parcel = taken(TABLE[::2])
    assert np.array_equal(arrived, TABLE[::2])
    assert parcel.place
    assert parcel.offset is None
    with pytest.raises(FileNotFoundError):
        SharedMemory(parcel.place)  # it was given back


def test_through_the_pipe_where_there_is_no_shared_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError("no room")

    monkeypatch.setattr(handover, "SharedMemory", full)
    monkeypatch.setattr(handover, "_PIECE", 1000)
    arrived, parcel = taken(TABLE)
    assert np.array_equal(arrived, TABLE)
    assert not parcel.place


def test_a_mapped_file_is_mapped_there_too(tmp_path: Path) -> None:
    np.save(tmp_path / "table.npy", TABLE)
    for part in (slice(None), slice(20, 100)):
        mapped = np.asarray(np.load(tmp_path / "table.npy", mmap_mode="r"))[part]
        arrived, parcel = taken(mapped)
        assert np.array_equal(arrived, TABLE[part])
        assert parcel.place == str(tmp_path / "table.npy")


def test_a_mapped_file_that_was_replaced_is_not(tmp_path: Path) -> None:
    np.save(tmp_path / "table.npy", TABLE)
    mapped = np.load(tmp_path / "table.npy", mmap_mode="r")
    np.save(tmp_path / "other.npy", TABLE + 1)
    (tmp_path / "other.npy").replace(tmp_path / "table.npy")
    arrived, parcel = taken(mapped)
    assert np.array_equal(arrived, TABLE)
    assert parcel.offset is None


@pytest.mark.parametrize("columns", [slice(0, 3), slice(None, None, -1)])
def test_a_mapped_file_not_in_one_piece(tmp_path: Path, columns: slice) -> None:
    np.save(tmp_path / "table.npy", TABLE)
    arrived, _ = taken(np.load(tmp_path / "table.npy", mmap_mode="r")[:, columns])
    assert np.array_equal(arrived, TABLE[:, columns])
