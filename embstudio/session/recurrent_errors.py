"""What onnxruntime's recurrent operators refuse, in plain words with the sizes that do not fit."""

from __future__ import annotations

import re

from embstudio.base.errors import InputError, StudioError, UnsupportedModelError

_SHAPE = re.compile(r"Input (\w+) must have shape \{([^}]*)\}\. ?Actual: ?\{([^}]*)\}")
_LENGTHS = re.compile(r"Invalid value/s in sequence_lens.*seq_length=(\d+)")
_NODE = re.compile(r"while running (\w+) node\. Name:'([^']*)'")
_PARTS = {
    "sequence_lens": "the lengths of the sequences", "initial_h": "the state h that it starts from",
    "initial_c": "the memory c that it starts from",
}  # fmt: skip


def recurrent_words(text: str) -> tuple[type[StudioError], str, str] | None:
    """The kind of error, what happened, and advice, for an error's text; None if it is of no recurrent operator."""
    lengths = _LENGTHS.search(text)
    if lengths is not None:
        most = lengths.group(1)
        return (
            InputError,
            f"The length of a sequence is not from 0 to {most}, the number of tokens that there are.",
            "Give lengths up to that, or a longer text.",
        )
    shape = _SHAPE.search(text)
    if shape is None:
        return None
    part, wanted, found = shape.groups()
    node = _NODE.search(text)
    who = f"The {node.group(1)}{f' ‘{node.group(2)}’' if node.group(2) else ''}" if node else "A recurrent layer"
    what = f"{who} takes {_PARTS.get(part, part)} as [{_spaced(wanted)}], and was given [{_spaced(found)}]."
    if part == "initial_c" and int(found.split(",")[-1]) > int(wanted.split(",")[-1]):
        return (
            UnsupportedModelError,
            what,
            "A memory wider than the state is that of an LSTM with a projection (PyTorch's proj_size), for which "
            "ONNX has no operator: export the model without one.",
        )
    if part in _PARTS:
        return InputError, what, "Feed what fits the layer; where it is in the file, export the model again."
    return UnsupportedModelError, what, "The parts of the layer do not fit together; export the model again."


def _spaced(lengths: str) -> str:
    return ", ".join(lengths.split(","))
