"""The Trace: the values at a model's points for one input, each with its axes and where it came from."""

from __future__ import annotations

import json
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

import numpy as np

from embstudio.base.errors import TraceFileError
from embstudio.base.whole_file import write_whole
from embstudio.trace.axes import NamedArray
from embstudio.trace.readout import Readout
from embstudio.trace.token import Token
from embstudio.trace.token_table import columns_of, take_tokens
from embstudio.trace.window import Window

FORMAT = "embstudio trace"
VERSION = 2  # 1 had the tokens of one sequence only, without segments
_META = "meta"
_TARGET, _PAST = "target.", "past."  # in front of the columns of those tokens
# All that zipfile, zlib, numpy and json raise for files that are damaged or something else, and the look-ups here.
_UNREADABLE = (OSError, ValueError, LookupError, TypeError, AttributeError, EOFError, NotImplementedError,
               zipfile.BadZipFile, zlib.error, struct.error)  # fmt: skip


class Provenance(StrEnum):
    """Where a value comes from."""

    OBSERVED = "observed"  # onnxruntime returned it
    RECOMPUTED = "recomputed"  # worked out from weights and observed inputs, and checked against an observed output


@dataclass(frozen=True)
class Trace:
    """What a model did with one input. Arrays have no batch axis.

    tokens: what was fed to the model, or to its encoder. target: what was fed to the decoder of an encoder-decoder.
    past:   tokens that came before and are there as cached keys and values only: they stand first on the key axis of
            self-attention, and nowhere else.

    Raises ValueError if a point has no provenance.
    """

    model: str
    text: str
    tokens: tuple[Token, ...]
    arrays: Mapping[str, NamedArray]
    provenance: Mapping[str, Provenance]
    provider: str = ""
    milliseconds: float = 0.0  # of the run itself, tokenizing and copying excluded
    notes: tuple[str, ...] = field(default=())  # what a person must know, e.g. that the text was cut
    target: tuple[Token, ...] = ()
    past: tuple[Token, ...] = ()
    window: Window | None = None  # which part of a text that is too long; None where all of it was run
    omitted: Mapping[str, int] = field(default_factory=dict)  # bytes of the points there was no room for, by name
    unasked: tuple[str, ...] = ()  # points that the model has and the request left out by name; not saved
    readout: Readout | None = None  # of the scores of classes; None where neither the graph nor anybody says

    def __post_init__(self) -> None:
        missing = [name for name in self.arrays if name not in self.provenance]
        if missing:
            raise ValueError(f"points without provenance: {missing}")

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, point: object) -> bool:
        return point in self.arrays

    def __getitem__(self, point: str) -> NamedArray:
        return self.arrays[point]

    def along(self, point: str, axis: str) -> tuple[Token, ...]:
        """The tokens along a token axis ("pos", "query", "key") of a point."""
        stack, _, rest = point.partition(".")
        decoded = bool(self.target) and stack != "encoder"
        if axis == "key" and "cross_attn" in rest.split("."):
            return self.tokens
        own = self.target if decoded else self.tokens
        return (*self.past, *own) if axis == "key" and stack != "encoder" else own

    @property
    def nbytes(self) -> int:
        """Bytes captured, all points together."""
        return sum(array.nbytes for array in self.arrays.values())

    def points(self, *parts: str) -> list[str]:
        """Names of the points held that contain every one of the given dotted parts: `points("attn", "pattern")`."""
        return [name for name in self.arrays if set(parts) <= set(name.split("."))]


def save_trace(trace: Trace, path: Path) -> None:
    """Write a trace as .npz: one array a point, `tokens`, `ids`, `spans`, …, and `meta` (JSON with axes, provenance).

    The tokens of a decoder and those in a cache are written alike, as `target.tokens`, `past.tokens`, …. Nothing in
    it is pickled. The file appears whole or not at all. Raises TraceFileError.
    """
    meta = {
        "format": FORMAT,
        "version": VERSION,
        "model": trace.model,
        "text": trace.text,
        "provider": trace.provider,
        "milliseconds": trace.milliseconds,
        "notes": list(trace.notes),
        "omitted": dict(trace.omitted),
        "readout": str(trace.readout) if trace.readout else None,
        "window": [trace.window.start, trace.window.size, trace.window.total] if trace.window else None,
        "axes": {name: list(array.axes) for name, array in trace.arrays.items()},
        "provenance": {name: str(trace.provenance[name]) for name in trace.arrays},
    }
    contents = {name: array.values for name, array in trace.arrays.items()}
    contents |= columns_of(trace.tokens)
    for prefix, tokens in ((_TARGET, trace.target), (_PAST, trace.past)):
        if tokens:
            contents |= columns_of(tokens, prefix)
    contents[_META] = np.array(json.dumps(meta, ensure_ascii=False))
    try:
        with write_whole(path) as out:
            np.savez(out, **contents)  # type: ignore[arg-type]  # numpy's stub takes keywords as flags
    except OSError as error:
        raise TraceFileError(
            "The trace could not be written.", where=str(path), detail=str(error),
            advice="Choose a folder that exists, that you may write to, and with room on the disk.",
        ) from error  # fmt: skip


def load_trace(path: Path) -> Trace:
    """Read a trace written by `save_trace`. Raises TraceFileError for anything else."""
    try:
        # Opened here: numpy leaves a file open that turns out not to be a zip archive.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            contents = {name: stored[name] for name in stored.files}
        meta = json.loads(str(contents.pop(_META)))
        if meta["format"] != FORMAT or meta["version"] > VERSION:
            raise ValueError(f"format {meta['format']!r} version {meta['version']}")
        tokens = take_tokens(contents)
        target, past = (
            take_tokens(contents, prefix) if f"{prefix}tokens" in contents else () for prefix in (_TARGET, _PAST)
        )
        window = meta.get("window")
        return Trace(
            model=meta["model"],
            text=meta["text"],
            tokens=tokens,
            arrays={name: NamedArray(contents[name], tuple(axes)) for name, axes in meta["axes"].items()},
            provenance={name: Provenance(value) for name, value in meta["provenance"].items()},
            provider=meta["provider"],
            milliseconds=meta["milliseconds"],
            notes=tuple(meta["notes"]),
            target=target,
            past=past,
            window=Window(*map(int, window)) if window else None,
            omitted={str(name): int(size) for name, size in meta.get("omitted", {}).items()},
            readout=Readout(meta["readout"]) if meta.get("readout") else None,
        )
    except _UNREADABLE as error:
        raise TraceFileError(
            "This is not a trace that embstudio can read.", where=str(path), detail=str(error),
            advice="Open a file written by `embstudio trace` of this version or an older one.",
        ) from error  # fmt: skip
