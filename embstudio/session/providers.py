"""Execution providers of onnxruntime: which there are, which to take, which ran."""

from __future__ import annotations

import onnxruntime

from embstudio.base.errors import UnsupportedModelError
from embstudio.session.execution.way import CPU as CPU
from embstudio.session.execution.way import Way, short

Providers = list[str | tuple[str, dict[str, str]]]

# Providers that run any model at full float32 precision without being set up first. Others (TensorRT, CoreML, NNAPI,
# remote ones) compile for minutes, round to half precision or leave this machine: only on request.
_TRUSTED = ("CUDAExecutionProvider", "ROCMExecutionProvider", "MIGraphXExecutionProvider")
_DEVICE_OPTIONS = {"openvino": "device_type"}  # what others call device_id


def available() -> tuple[str, ...]:
    """The providers that this installation of onnxruntime was built with."""
    return tuple(onnxruntime.get_available_providers())


def named(way: Way) -> str:
    """The provider of a way, as onnxruntime calls it; the best one that there is for a way without a name.

    Raises UnsupportedModelError for a name that no build of onnxruntime has.
    """
    there = available()
    if not way.name:
        return next((name for name in _TRUSTED if name in there), CPU)
    known = (*there, *onnxruntime.get_all_providers())
    found = next((name for name in known if short(name) == way.name), None)
    if found is None:
        raise UnsupportedModelError(
            "This provider is not installed.", where=way.name,
            advice="Choose one of: " + ", ".join(map(short, there)) + ".",
        )  # fmt: skip
    return str(found)


def with_cpu(provider: str, device: str = "") -> Providers:
    """The providers to give a session: this one, and the CPU for what it cannot run. device: one of its devices."""
    if provider == CPU:
        return [CPU]
    option = _DEVICE_OPTIONS.get(short(provider), "device_id")
    return [(provider, {option: device}) if device else provider, CPU]


def running(session: onnxruntime.InferenceSession) -> str:
    """The provider that runs a session, as onnxruntime says; the CPU where it fell back to it."""
    return str(session.get_providers()[0])
