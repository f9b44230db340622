"""Which of the .onnx files in a folder is the model that somebody means who names the folder. Imports no onnx."""

from __future__ import annotations

import re
from pathlib import Path

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.genai_config import decoder_entries

# Names of copies in other precisions, as optimum, transformers.js and onnxruntime write them: model_q4f16.onnx.
_COPY = re.compile(
    r"[._-](quantized|quant|int8|uint8|int4|uint4|fp16|float16|bf16|bnb4|q4|q4f16|q8|qdq|optimized|O[1-4]|avx\w*|arm64"
    r"|no_gather_q4)(?=[._-]|$)",
    re.IGNORECASE,
)
_SUBFOLDER = "onnx"  # where models on the Hub keep theirs


def model_in(folder: Path) -> Path | None:
    """The model of a folder; None where it holds none.

    The one that genai_config.json names; else model.onnx; of a decoder in several files the one for all steps, or for
    the first. Copies in other precisions come last. Raises ModelFileError if several have an equal claim.
    """
    named = decoder_entries(folder).get("filename")
    if isinstance(named, str) and (folder / named).is_file():
        return folder / named
    for place in (folder, folder / _SUBFOLDER):
        files = sorted(place.glob("*.onnx"), key=lambda file: (*_rank(file), file.name))
        if files:
            return _first(files, place)
    return None


def is_named_by_folder(file: Path) -> bool:
    """Is a file called what every model's file is called (model.onnx, decoder_model.onnx), so that only its folder's
    name tells which model it is?"""
    return _rank(file)[1] < _OTHER


def _first(files: list[Path], folder: Path) -> Path:
    best = _rank(files[0])
    equal = [file for file in files if _rank(file) == best]
    if len(equal) == 1 or best[1] < _OTHER or best[0]:
        return files[0]
    names = [file.name for file in equal]
    raise ModelFileError(
        "There are several models in this folder.", where=str(folder),
        advice=f"Open one of its files: {', '.join(names[:8])}{', …' if len(names) > 8 else ''}.",
    )  # fmt: skip


_OTHER = 5


def _rank(file: Path) -> tuple[bool, int]:
    """Whether a file is a copy in another precision, and what part of a model it is by its name."""
    stem = file.stem
    whole = _COPY.sub("", stem)
    if whole == "model":
        part = 0
    elif "merged" in stem:
        part = 1
    elif "decoder" in stem:
        part = 3 if "past" in stem else 2
    elif "encoder" in stem:
        part = 4
    else:
        part = _OTHER
    return stem != whole, part
