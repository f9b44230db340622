"""What the tests of vector files share: real files, where they are at hand, and reading them in a line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from embstudio.base.errors import VectorFileError
from embstudio.space.files import LoadOptions, load
from embstudio.space.vector_set import VectorSet
from tests.conftest import PROJECT

EMBEDDINGS = PROJECT.parent / "shared" / "data" / "embeddings"

Load = Callable[..., VectorSet]


@pytest.fixture(scope="session")
def embeddings() -> Path:
    """Real files of vectors, kept beside the zoo; tests that need them are skipped without them."""
    if not EMBEDDINGS.is_dir():
        pytest.skip(f"the files of vectors are not at {EMBEDDINGS}")
    return EMBEDDINGS


@pytest.fixture
def read(tmp_path: Path) -> Load:
    """`read(b"cat 1 2\\n", rows=1)` loads bytes from a file whose name says nothing."""

    def reader(contents: bytes, name: str = "some.file", **options: object) -> VectorSet:
        path = tmp_path / name
        path.write_bytes(contents)
        return load(path, LoadOptions(**options))  # type: ignore[arg-type]

    return reader


@pytest.fixture
def refused(read: Load) -> Callable[..., VectorFileError]:
    """The error that loading some bytes ends with."""

    def reader(contents: bytes, name: str = "some.file", **options: object) -> VectorFileError:
        with pytest.raises(VectorFileError) as caught:
            read(contents, name, **options)
        return caught.value

    return reader
