"""Execution providers of onnxruntime: which there are, which to take, which ran."""

from __future__ import annotations

import onnxruntime

from embstudio.base.errors import UnsupportedModelError

CPU = "CPUExecutionProvider"

# Providers that run any model at full float32 precision without being set up first. Others (TensorRT, CoreML, NNAPI,
# remote ones) compile for minutes, round to half precision or leave this machine: only on request.
_TRUSTED = ("CUDAExecutionProvider", "ROCMExecutionProvider", "MIGraphXExecutionProvider")


def available() -> tuple[str, ...]:
    """The providers that this installation of onnxruntime was built with."""
    return tuple(onnxruntime.get_available_providers())


def choose(wanted: str) -> list[str]:
    """The providers to give a session, the wanted one first and the CPU last; "" chooses.

    Raises UnsupportedModelError if the wanted one is not installed.
    """
    there = available()
    if wanted and wanted not in there:
        raise UnsupportedModelError(
            "This provider is not installed.", where=wanted,
            advice="Choose one of: " + ", ".join(there) + ".",
        )  # fmt: skip
    best = wanted or next((name for name in _TRUSTED if name in there), CPU)
    return [best] if best == CPU else [best, CPU]


def running(session: onnxruntime.InferenceSession) -> str:
    """The provider that runs a session, as onnxruntime says; the CPU where it fell back to it."""
    return str(session.get_providers()[0])
