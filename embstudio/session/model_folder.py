"""Writing a model with what lies beside it, and over nothing that is another model's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from embstudio.base.errors import VectorFileError
from embstudio.base.whole_file import write_whole


def write_model(path: Path, model: bytes, beside: Mapping[str, object]) -> None:
    """Write an .onnx, and beside it files by name, as JSON.

    Who replaces a model replaces what is beside it too, unless other models are in the folder. Raises VectorFileError:
    a file of such a name is another model's, or the folder cannot be written to.
    """
    try:
        for name, content in beside.items():
            _check_own(path, path.with_name(name), content)
        with write_whole(path) as out:
            out.write(model)
        for name, content in beside.items():
            with write_whole(path.with_name(name)) as out:
                out.write(json.dumps(content, ensure_ascii=False).encode("utf-8"))
    except OSError as error:
        raise VectorFileError("The model could not be saved.", where=str(path), detail=str(error),
                              advice="Choose a folder that can be written to.") from error  # fmt: skip


def _check_own(path: Path, file: Path, content: object) -> None:
    alone = path.exists() and not any(other != path for other in path.parent.glob("*.onnx"))
    if not file.exists() or alone or _same(file, content):
        return
    raise VectorFileError(
        f"There is a {file.name} in this folder, and another model may need it.", where=str(path.parent),
        advice="Save the model in a folder of its own.",
    )  # fmt: skip


def _same(file: Path, content: object) -> bool:
    try:
        return bool(json.loads(file.read_bytes()) == content)
    except ValueError:
        return False
