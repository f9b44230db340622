"""Whether a model that came without a tokenizer reads bytes: seen by its input's type and its table's rows."""

from __future__ import annotations

from pathlib import Path

from embstudio.anatomy.anatomy import Anatomy
from embstudio.modelfile.tokenizing.utf8_bytes import ByteTokenizer

_BYTES = 256
# ByT5's table: three special tokens, the bytes, and (in transformers' tokenizer and Google's files) 125 more places.
_BYT5 = (259, 384)
_AS = "There is no tokenizer beside the model, and {reason}. Open it again with its tokenizer if that is not so."


def byte_reader(model_path: Path, anatomy: Anatomy) -> ByteTokenizer | None:
    """A tokenizer of bytes, with a note that says why; None for a model whose structure does not say so.

    Bytes are what an input of type uint8 takes as ids, and what a table of 256 rows, or of ByT5's 259 or 384, is for.
    """
    types = [tensor.dtype for tensor in anatomy.inputs if tensor.name == anatomy.ids_input or anatomy.ids_input is None]
    integers = [dtype for dtype in types if "int" in dtype]
    rows = anatomy.embeddings[0].rows if anatomy.embeddings else None
    if integers == ["uint8"] and rows in (None, _BYTES):
        reason = "its input takes bytes: they are those of the text in UTF-8"
        return ByteTokenizer(model_path, notes=(_AS.format(reason=reason),))
    if rows == _BYTES:
        reason = "its table has 256 rows, one for each byte: texts are fed as their bytes in UTF-8"
        return ByteTokenizer(model_path, notes=(_AS.format(reason=reason),))
    if rows in _BYT5:
        reason = (
            f"its table has {rows} rows as ByT5's: texts are fed as their bytes in UTF-8, each 3 higher, and an end"
        )
        return ByteTokenizer.byt5(model_path, (_AS.format(reason=reason),))
    return None
