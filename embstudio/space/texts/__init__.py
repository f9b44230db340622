"""Files of texts that vectors are made of: lines, or a column of a table."""

from embstudio.space.texts.read import read_texts
from embstudio.space.texts.texts import Texts

__all__ = ["Texts", "read_texts"]
