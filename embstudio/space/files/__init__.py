"""Files of vectors: one format a module, each told by what is in the file."""

from embstudio.space.files.load import load
from embstudio.space.files.options import LoadOptions

__all__ = ["LoadOptions", "load"]
