"""Files of texts that vectors are made of: lines, or a column of a table."""

from embstudio.space.texts.read import columns_of, read_texts
from embstudio.space.texts.texts import Texts

__all__ = ["Texts", "columns_of", "read_texts"]
