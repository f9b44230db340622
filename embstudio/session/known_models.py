"""What was found out about a model the last time it was opened, kept for the next time.

Reading a graph and trying the model out takes longer than loading it. Both depend on nothing but the file and the
versions of the programs, so their result is kept under a digest of these. A large file's weights are not digested but
stood for by its size and the time it was changed.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import onnx
import onnxruntime

from embstudio import __version__
from embstudio.anatomy.anatomy import Anatomy
from embstudio.base import paths
from embstudio.base.records import as_plain, from_plain
from embstudio.base.whole_file import write_whole
from embstudio.modelfile.model_file import ModelFile
from embstudio.session.messages import Finding

MOST = 200  # models remembered; the one longest not written is forgotten first
_FORMAT = 7  # changes when what is found in the same graph changes


@dataclass(frozen=True)
class Known:
    """What a reading of the graph and a trial came to. repaired: whether it has to be opened up before it is run."""

    anatomy: Anatomy
    verified: float | None
    findings: tuple[Finding, ...]
    repaired: bool


class KnownModels:
    """A folder with one file a model. Nothing here fails: what cannot be read or written is simply not known."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @classmethod
    def of_the_person(cls) -> KnownModels:
        """Those in the place where the person's system keeps what can be made again."""
        return cls(paths.cache_dir() / "anatomies")

    def find(self, file: ModelFile, provider: str) -> Known | None:
        """What is known of this very file on a provider."""
        try:
            data = json.loads(self._path(file, provider).read_text(encoding="utf-8"))
            return from_plain(Known, data)
        except (OSError, ValueError, RecursionError):
            return None

    def keep(self, file: ModelFile, provider: str, known: Known) -> None:
        """Remember a model. Values that JSON has no words for (∞, NaN) are not kept."""
        with suppress(OSError, ValueError):
            text = json.dumps(as_plain(known), allow_nan=False)
            self._folder.mkdir(parents=True, exist_ok=True)
            with write_whole(self._path(file, provider)) as out:
                out.write(text.encode("utf-8"))
            self._forget()

    def _path(self, file: ModelFile, provider: str) -> Path:
        versions = (_FORMAT, __version__, onnx.__version__, onnxruntime.__version__)
        digest = hashlib.sha256(repr((*versions, provider, file.state)).encode())
        digest.update(file.contents)
        return self._folder / f"{digest.hexdigest()}.json"

    def _forget(self) -> None:
        kept = sorted(self._folder.glob("*.json"), key=lambda path: path.stat().st_mtime, reverse=True)
        for path in kept[MOST:]:
            path.unlink(missing_ok=True)
