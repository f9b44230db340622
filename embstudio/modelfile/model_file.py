"""Opening an .onnx file without trusting it: nothing is executed, nothing unpickled, no other file followed.

Weights kept in data files beside the model are not read here (`load_external_data=False`): onnx refuses the symbolic
links that model caches are made of, while onnxruntime, which does the reading when it runs the model, takes them.
"""

from __future__ import annotations

import mmap
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import onnx
from google.protobuf.message import DecodeError  # type: ignore[import-untyped]

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.graph import Graph
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.modelfile.weights_in_place import without_weights

# A smaller file is read whole: it may then be replaced or deleted while its model is open.
_LARGE_FILE_BYTES = 2**25
# protobuf's own limit; larger models keep their weights in files beside them.
_LARGEST_FILE_BYTES = 2**31 - 1
_FOREIGN_STARTS = {
    b"\x89PNG": "a picture (PNG)",
    b"\xff\xd8\xff": "a picture (JPEG)",
    b"PK\x03\x04": "a zip archive (PyTorch checkpoints are zip archives too)",
    b"\x80\x02": "a Python pickle (an old PyTorch checkpoint)",
    b"\x80\x04": "a Python pickle (a PyTorch or scikit-learn checkpoint)",
    b"GGUF": "a GGUF model (llama.cpp)",
    b"\x89HDF": "an HDF5 file (Keras)",
    b"ORTM": "a model in onnxruntime's own .ort format",
    b"\x1f\x8b": "a gzip archive",
    b"%PDF": "a PDF document",
    b"version https://git-lfs": "a Git LFS pointer: the model itself was not downloaded",
    b"<!DOCTYPE": "a web page",
    b"<html": "a web page",
}
_EXPORT_ADVICE = "Open a file with the ending .onnx, as torch.onnx.export or optimum writes it."


class ModelFile:
    """An .onnx file that was read and found whole.

    path:     where it is.
    proto:    onnx's ModelProto; to be read only. The weights of a large file stay in it, stated as external data.
    external: names of the data files its weights are kept in, relative to its folder; empty for most models.
    graph:    the same as plain Python, made when first asked for.

    Raises ModelFileError: missing, a folder, empty, not ONNX, cut off, without graph, inputs, outputs or operator
    versions, or newer than this program.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._contents, self.proto = _load(path)
        _check(self.proto, path)
        self.external = _external_files(self.proto)

    @classmethod
    def of(cls, path: Path, proto: onnx.ModelProto) -> ModelFile:
        """A model put together from several files, of which `path` is the one that was opened."""
        file = cls.__new__(cls)
        file.path, file.proto, file.external = path, proto, _external_files(proto)
        file._contents = bytes(proto.SerializeToString())
        return file

    @cached_property
    def graph(self) -> Graph:
        return graph_of(self.proto, self.path.parent)

    @property
    def state(self) -> tuple[tuple[int, int], ...]:
        """Size and time of change of each file with weights that are not in `contents`. Raises OSError if one is not
        there."""
        found = [(self.path.parent / name).stat() for name in self.external]
        return tuple((each.st_size, each.st_mtime_ns) for each in found)

    @property
    def contents(self) -> bytes:
        """The model as `proto` has it, in bytes."""
        return self._contents


def _fail(what: str, path: Path, advice: str = _EXPORT_ADVICE, detail: str = "") -> NoReturn:
    raise ModelFileError(what, where=str(path), advice=advice, detail=detail)


def _load(path: Path) -> tuple[bytes, onnx.ModelProto]:
    """The file's bytes, or the light ones of a large file, and what they say."""
    if path.is_dir():
        _fail("This is a folder, not a model file.", path, "Choose the .onnx file inside it.")
    if not path.exists():
        _fail("There is no such file.", path, "Check the spelling, or choose the file again.")
    try:
        size = path.stat().st_size
        if size > _LARGEST_FILE_BYTES:
            _fail("This file is larger than an ONNX file can be (2 GB).", path)
        contents = _light(path) if size >= _LARGE_FILE_BYTES else path.read_bytes()
    except OSError as error:
        _fail("The file could not be read.", path, "Check that you may read it.", str(error))
    if not contents:
        _fail("The file is empty.", path, "Copy or download it again.")
    for start, kind in _FOREIGN_STARTS.items():
        if contents.startswith(start):
            _fail(f"This is not an ONNX file: it is {kind}.", path)
    # A ModelProto's fields are numbered 1 to 25; text and most other formats begin with none of them.
    if contents[0] >> 3 not in (1, 2, 3, 4, 5, 6, 7, 8, 14, 20, 25):
        _fail("This is not an ONNX file.", path)
    try:
        return contents, onnx.load_model_from_string(contents)
    except (DecodeError, UnicodeDecodeError, RuntimeError, ValueError) as error:
        # The first field of every exporter's file is the IR version, a small number: 0x08 and then 1 to 14 or so.
        if contents[0] == 0x08 and len(contents) > 1 and contents[1] < 0x20:
            _fail("The ONNX file is damaged or was cut off.", path, "Copy or download it again.", _plain_detail(error))
        _fail("This is not an ONNX file.", path, detail=_plain_detail(error))


def _light(path: Path) -> bytes:
    """A large file without its weights, or all of it where they cannot be left out."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        with memoryview(mapped) as whole:
            found = without_weights(whole, path.name)
        return mapped[:] if found is None else found


def _plain_detail(error: Exception) -> str:
    """A library's words as text; some hold bytes that are no text."""
    return repr(error) if isinstance(error, UnicodeDecodeError) else str(error)


def _check(proto: onnx.ModelProto, path: Path) -> None:
    if not proto.HasField("graph") or not (proto.graph.node or proto.graph.output):
        known = proto.ir_version or proto.opset_import
        if known:
            _fail("The ONNX file holds no graph: it is damaged or was cut off.", path, "Copy or download it again.")
        _fail("This is not an ONNX file.", path)
    if not proto.graph.input:
        _fail("The model has no inputs, so there is nothing to feed it.", path, "Export the model again.")
    if not proto.graph.output:
        _fail("The model has no outputs: the file is damaged or was cut off.", path, "Export the model again.")
    if not proto.opset_import:
        _fail("The model does not say which version of the operators it uses.", path, "Export the model again.")
    if proto.ir_version > onnx.IR_VERSION:
        _fail(
            f"The model's file format (IR version {proto.ir_version}) is newer than this program knows "
            f"({onnx.IR_VERSION}).",
            path, "Export the model with an older onnx, or update embstudio.",
        )  # fmt: skip


def _external_files(proto: onnx.ModelProto) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for tensor in proto.graph.initializer:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            names.update((entry.value, None) for entry in tensor.external_data if entry.key == "location")
    return tuple(names)
