"""The zoo in one shape: each model with what to feed it and what PyTorch computed for that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_MODES = ("ts-eager", "ts-sdpa", "dyn-eager", "dyn-sdpa", "dyn23-sdpa", "opt-tf4")
# What their numbers differ from PyTorch's by is the precision: they are held against themselves.
_COARSE = ("+fp16", "+int8", "+q4", "int4", "qdq-", "qop-", "qattention-")
_STACKS = {"self": "", "enc": "encoder.", "dec": "decoder.", "cross": "decoder."}
# Known of these files, not of a reader: the first lost the cap on its scores, so that it is another model than the
# one PyTorch ran; the reference of the second holds scores, and its stream with the axes turned.
ANOTHER_MODEL = frozenset({"gemma2-opt-tf4"})
SCORES_IN_REFERENCE = frozenset({"squeezebert"})


@dataclass(frozen=True)
class Step:
    """One run: the graph's inputs, and by point name what PyTorch has there, without batch."""

    feeds: Mapping[str, np.ndarray]
    patterns: Mapping[str, np.ndarray]
    stream: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class ZooCase:
    """One model. exact: single precision, so that its numbers are PyTorch's; steps: empty without a reference."""

    architecture: str
    mode: str
    path: Path
    steps: tuple[Step, ...]
    exact: bool

    @property
    def name(self) -> str:
        return f"{self.architecture}-{self.mode}" if self.mode else self.architecture


def zoo_cases(zoo: Path) -> list[ZooCase]:
    """Every transformer of the zoo: plain exports and their variants, deployed files, public ones."""
    return [*_exports(zoo), *_deployed(zoo), *_public(zoo)] if zoo.is_dir() else []


def _exports(zoo: Path) -> Iterator[ZooCase]:
    for folder in sorted(zoo.iterdir()):
        exporter = folder.name.partition("+")[0]
        mode = next((mode for mode in _MODES if exporter.endswith("-" + mode)), None)
        if mode is None or folder.name.startswith("rnn-"):
            continue
        architecture = exporter.removesuffix("-" + mode)
        reference = zoo / f"{architecture}-ref{'-tf4' if mode == 'opt-tf4' else ''}" / "reference.npz"
        stored = _read(reference)
        yield ZooCase(
            architecture,
            folder.name.removeprefix(architecture + "-"),
            folder / "model.onnx",
            (_step(stored, "0", "0", architecture),),
            not any(word in folder.name for word in _COARSE) and exporter not in ANOTHER_MODEL,
        )


def _deployed(zoo: Path) -> Iterator[ZooCase]:
    for folder in sorted((zoo / "_deployed").iterdir()):
        if folder.name.endswith("-lstm"):
            continue
        stored = _read(folder / "reference.npz")
        steps = [step for step in ("0", "1") if any(key.startswith(f"{step}.in.") for key in stored)]
        exact = not any(word in folder.name for word in _COARSE)
        yield ZooCase(
            folder.name, "", folder / "model.onnx", tuple(_step(stored, f"{n}.in", n, "") for n in steps), exact
        )


def _public(zoo: Path) -> Iterator[ZooCase]:
    for path in sorted((zoo / "_public").glob("*.onnx")):
        if "LSTM" not in path.name and "nnsplit" not in path.name:
            yield ZooCase(path.stem, "", path, (), exact=False)


def _read(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _step(stored: Mapping[str, np.ndarray], feeds: str, run: str, architecture: str) -> Step:
    fed = {key.removeprefix(feeds + "."): value for key, value in stored.items() if key.startswith(feeds + ".")}
    patterns, stream = {}, {}
    for key, value in stored.items():
        words = key.split(".")
        if words[0] != run or words[1] not in ("att", "hid"):
            continue
        _, kind, stack, layer = words
        if kind == "att" and architecture not in SCORES_IN_REFERENCE:
            part = "cross_attn" if stack == "cross" else "attn"
            patterns[f"{_STACKS[stack]}blocks.{layer}.{part}.pattern"] = value.reshape(value.shape[-3:])
        elif kind == "hid":
            turned = value.reshape(value.shape[-2:])
            place = f"blocks.{layer}.resid_pre" if f"{run}.hid.{stack}.{int(layer) + 1}" in stored else "last"
            # SqueezeBERT's are [d_model, pos], but for the first.
            positions = next(iter(fed.values())).shape[-1]
            aside = architecture in SCORES_IN_REFERENCE and turned.shape[0] != positions
            stream[f"{_STACKS[stack]}{place}"] = turned.T if aside else turned
    return Step({name: value for name, value in fed.items() if name.partition(".")[0] not in ("att", "hid", "out")},
                patterns, stream)  # fmt: skip
