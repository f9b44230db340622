"""A model of an old operator set brought to a newer one that has the operators we write with."""

from __future__ import annotations

import onnx
from onnx import version_converter


def at_least(model: onnx.ModelProto, version: int) -> onnx.ModelProto | None:
    """A copy with ONNX's operators of at least `version`; None if the model has them, or cannot be converted."""
    if all(entry.version >= version for entry in model.opset_import if entry.domain in ("", "ai.onnx")):
        return None
    try:
        return version_converter.convert_version(model, version)
    except Exception:  # its C++ raises RuntimeError and others of its own for what it cannot convert
        return None
