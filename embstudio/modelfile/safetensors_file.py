"""Weights of a .safetensors file."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from embstudio.base.errors import ModelFileError
from embstudio.base.safetensors import read_arrays


def read_safetensors(path: Path) -> dict[str, np.ndarray]:
    """The arrays by name, as `read_arrays` gives them.

    Raises ModelFileError: missing, unreadable, damaged, or a type that numpy lacks.
    """
    try:
        return read_arrays(path)
    except (OSError, ValueError) as error:
        raise ModelFileError(
            "The weights could not be read.", where=str(path), detail=str(error),
            advice="Copy or download the .safetensors file again.",
        ) from error  # fmt: skip
