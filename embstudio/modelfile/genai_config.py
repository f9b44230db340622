"""The genai_config.json that onnxruntime-genai's builder writes beside a model. Imports no onnx."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FILE_NAME = "genai_config.json"


def genai_entries(folder: Path) -> dict[str, Any]:
    """Its table `model`, in a folder; empty where there is no such file that can be read."""
    try:
        entries = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    model = entries.get("model") if isinstance(entries, dict) else None
    return model if isinstance(model, dict) else {}


def decoder_entries(folder: Path) -> dict[str, Any]:
    """Of that, what is said of the decoder: sizes of its cache, its file."""
    decoder = genai_entries(folder).get("decoder")
    return decoder if isinstance(decoder, dict) else {}
