"""Files of vectors: one format a module, each told by what is in the file."""

from embstudio.space.files.load import load
from embstudio.space.files.options import LoadOptions
from embstudio.space.files.save import save

__all__ = ["LoadOptions", "load", "save"]
