"""A provider that was asked for and did not run the model: why, and what helps, in plain words.

No onnxruntime here: the window imports this file before its first paint.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.session.execution.reasons import DOCS, explained
from embstudio.session.execution.way import short, title

# What `embstudio add` brings a provider with, and otherwise the package, and where there is one.
_ADDED = {
    "cuda": "cuda", "tensorrt": "cuda", "directml": "directml", "openvino": "openvino", "webgpu": "webgpu",
    "migraphx": "migraphx",
}  # fmt: skip
_PACKAGES = {"rocm": "onnxruntime-rocm", "qnn": "onnxruntime-qnn"}
_PLACES = {"directml": "Windows", "coreml": "macOS", "qnn": "Windows on ARM"}


@dataclass(frozen=True)
class Fallback:
    """wanted, ran: providers as onnxruntime calls them. reason, cure: sentences. detail: onnxruntime's own words.
    asked: whether a person asked for it; otherwise it was taken since it is there.
    """

    wanted: str
    ran: str
    reason: str
    cure: str
    detail: str = ""
    asked: bool = True

    def __str__(self) -> str:
        how = "asked for" if self.asked else "tried first"
        return f"{title(self.wanted)} was {how}, and the model runs on {title(self.ran)}. {self.reason} {self.cure}"


def not_built_in(wanted: str, ran: str, wheel: str, *, packaged: bool = False) -> Fallback:
    """The installed onnxruntime knows no such provider. wheel: the package it comes from. packaged: whether this is
    the program that runs from a folder, to which pip adds nothing."""
    name = short(wanted)
    reason = f"The onnxruntime that is installed ({wheel}) was built without it."
    where = f" on {_PLACES[name]}" if name in _PLACES else ""
    if packaged:
        cure = f"The packaged program has no other: install embstudio with pip. {DOCS}"
    elif name in _ADDED:
        cure = f"Put one in its place that has it{where}: embstudio add {_ADDED[name]}"
    elif name in _PACKAGES:
        new = _PACKAGES[name]
        cure = f"Install {new} in its place{where}: pip uninstall -y {wheel.split()[0]}, then pip install {new}."
    elif where:
        cure = f"It comes with the onnxruntime for {_PLACES[name]}."
    else:
        cure = f"It needs another build of onnxruntime. {DOCS}"
    return Fallback(wanted, ran, reason, cure)


def took_nothing(wanted: str, ran: str) -> Fallback:
    """The provider is there, and onnxruntime gave it none of the model's operations."""
    return Fallback(
        wanted, ran, "It is there, but it can run none of this model's operations.",
        "Nothing is wrong; choose the CPU, or another provider, for this model.",
    )  # fmt: skip


def failed(wanted: str, ran: str, said: str, *, asked: bool = True) -> Fallback:
    """The provider could not be started, or refused the model. said: by onnxruntime and the libraries below it."""
    reason, cure = explained(said)
    return Fallback(wanted, ran, reason, cure, said.strip(), asked)
