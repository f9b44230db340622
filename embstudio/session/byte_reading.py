"""Whether a model that came without a tokenizer reads bytes: seen by its input's type and its table's rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from embstudio.anatomy.anatomy import Anatomy
from embstudio.modelfile.tokenizing.utf8_bytes import BYT5, PERCEIVER, ByteTokenizer

_BYTES = 256
# ByT5's table has three special tokens before the bytes and mostly 125 places behind them.
_LAYOUTS = (("ByT5", replace(BYT5, after=())), ("ByT5", BYT5), ("Perceiver", PERCEIVER))
_OF_ROWS = {layout.rows: (name, layout) for name, layout in _LAYOUTS}
_AS = "There is no tokenizer beside the model, and {reason}. Open it again with its tokenizer if that is not so."


def byte_reader(model_path: Path, anatomy: Anatomy) -> ByteTokenizer | None:
    """A tokenizer of bytes, with a note that says why; None for a model whose structure does not say so.

    Bytes are what an input of type uint8 takes as ids, and what a table of 256 rows, or one of as many as ByT5's (259,
    384) or Perceiver's (262), is for.
    """
    types = [tensor.dtype for tensor in anatomy.inputs if tensor.name == anatomy.ids_input or anatomy.ids_input is None]
    integers = [dtype for dtype in types if "int" in dtype]
    rows = anatomy.embeddings[0].rows if anatomy.embeddings else None
    if integers == ["uint8"] and rows in (None, _BYTES):
        reason = "its input takes bytes: they are those of the text in UTF-8"
        return ByteTokenizer(model_path, doubts=(_AS.format(reason=reason),))
    if rows == _BYTES:
        reason = "its table has 256 rows, one for each byte: texts are fed as their bytes in UTF-8"
        return ByteTokenizer(model_path, doubts=(_AS.format(reason=reason),))
    if rows in _OF_ROWS:
        name, layout = _OF_ROWS[rows]
        reason = f"its table has {rows} rows, as {name}'s: texts are fed as their bytes in UTF-8, in the way of {name}"
        return ByteTokenizer(model_path, layout, (_AS.format(reason=reason),))
    return None
