"""The buttons under an error do what the error advises: each is pressed on the file that caused it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load
from embstudio.studio.load_remedies import plain_advice, remedies
from embstudio.studio.set_loading import LoadFailure
from embstudio.studio.vector_sets import OpenSet


def failure_of(path: Path) -> LoadFailure:
    with pytest.raises(VectorFileError) as caught:
        load(path)
    return LoadFailure(path, LoadOptions(), caught.value)


def test_bad_rows_can_be_left_out(tmp_path: Path) -> None:
    path = tmp_path / "bad.txt"
    path.write_text("king 1 2 3\nqueen 4 nan 6\nman 7 8 9\n")
    (remedy,) = remedies(failure_of(path))
    assert load(path, remedy.options).words == ("king", "man")


def test_other_encodings_are_offered(tmp_path: Path) -> None:
    path = tmp_path / "latin.txt"
    path.write_bytes("2 2\ncafé 1 2\nthé 3 4\n".encode("latin-1"))
    latin, escaped = remedies(failure_of(path))
    assert load(path, latin.options).words == ("café", "thé")
    assert load(path, escaped.options).words == ("caf\\xe9", "th\\xe9")


def test_one_of_several_arrays_is_chosen(tmp_path: Path) -> None:
    path = tmp_path / "several.npz"
    np.savez(path, first=np.eye(3, dtype=np.float32), second=np.ones((5, 2), np.float32))
    failure = failure_of(path)
    offered = remedies(failure)
    assert [load(path, each.options).vectors.shape for each in offered] == [(3, 3), (5, 2)]
    assert "--" not in plain_advice(failure)


def test_labels_become_the_metadata_of_the_open_set(tmp_path: Path) -> None:
    vectors, labels = tmp_path / "vectors.txt", tmp_path / "labels.tsv"
    vectors.write_text("king 1 2 3\nqueen 4 5 6\nman 7 8 9\n")
    labels.write_text("word\tcount\nking\t5\nqueen\t6\nman\t7\n")
    failure = failure_of(labels)
    assert remedies(failure) == []
    assert "first" in plain_advice(failure)
    (remedy,) = remedies(failure, OpenSet(vectors, load(vectors), LoadOptions()))
    assert load(remedy.path, remedy.options).metadata["count"] == ("5", "6", "7")


def test_an_empty_file_offers_advice_only(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()
    failure = failure_of(path)
    assert remedies(failure) == []
    assert plain_advice(failure)


def test_the_first_part_of_what_is_too_large() -> None:
    error = VectorFileError("Too large.", advice="Read the first part with --rows, such as --rows 120000. An .npy file "
                                                 "is read from the disk as needed.")  # fmt: skip
    failure = LoadFailure(Path("large.bin"), LoadOptions(encoding="latin-1"), error)
    (remedy,) = remedies(failure)
    assert remedy.options == LoadOptions(rows=120_000, encoding="latin-1")
    assert plain_advice(failure) == "An .npy file is read from the disk as needed."
