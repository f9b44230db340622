"""A provider that was asked for and did not run the model: why, and what helps, in plain words.

No onnxruntime here: the window imports this file before its first paint.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from embstudio.session.execution.way import short, title

# Which package brings a provider, and where there is one.
_PACKAGES = {
    "cuda": "onnxruntime-gpu", "tensorrt": "onnxruntime-gpu", "directml": "onnxruntime-directml",
    "openvino": "onnxruntime-openvino", "webgpu": "onnxruntime-webgpu", "migraphx": "onnxruntime-migraphx",
    "rocm": "onnxruntime-rocm", "qnn": "onnxruntime-qnn",
}  # fmt: skip
_PLACES = {"directml": "Windows", "coreml": "macOS", "qnn": "Windows on ARM"}
_DOCS = "docs/providers.md says which one fits this computer."

# lib…so.12: … · …_12.dll
_LIBRARY = re.compile(
    r"(lib[\w+.-]*\.so[.\d]*|lib[\w+.-]*\.dylib|[\w+-]+\.dll)(?=:? |\"|'|$)(?!.*onnxruntime_providers)"
)
_MISSING = re.compile(r"(lib[\w+-]+\.so[.\d]*): cannot open shared object|depends on \"?([\w+.-]+\.dll)", re.I)
_FAMILIES = (
    (("cublas", "cudart", "cufft", "curand", "nvrtc", "cuda-"), "CUDA"),
    (("cudnn",), "cuDNN"),
    (("nvinfer", "nvonnxparser"), "TensorRT"),
    (("vulkan",), "Vulkan"),
    (("openvino",), "OpenVINO"),
    (("amdhip", "rocblas", "migraphx", "hip"), "ROCm"),
)
_VERSION = re.compile(r"\.so\.(\d+)|_(\d+)\.dll")


@dataclass(frozen=True)
class Fallback:
    """wanted, ran: providers as onnxruntime calls them. reason, cure: sentences. detail: onnxruntime's own words."""

    wanted: str
    ran: str
    reason: str
    cure: str
    detail: str = ""

    def __str__(self) -> str:
        return f"{title(self.wanted)} was asked for, and the model runs on {title(self.ran)}. {self.reason} {self.cure}"


def not_built_in(wanted: str, ran: str, wheel: str) -> Fallback:
    """The installed onnxruntime knows no such provider. wheel: the package it comes from."""
    name = short(wanted)
    package, place = _PACKAGES.get(name), _PLACES.get(name)
    reason = f"The onnxruntime that is installed ({wheel}) was built without it."
    if package:
        where = f" on {place}" if place else ""
        cure = (
            f"Install {package} in its place{where}: pip uninstall -y {wheel.split()[0]}, then pip install {package}."
        )
    elif place:
        cure = f"It comes with the onnxruntime for {place}."
    else:
        cure = f"It needs another build of onnxruntime. {_DOCS}"
    return Fallback(wanted, ran, reason, cure)


def took_nothing(wanted: str, ran: str) -> Fallback:
    """The provider is there, and onnxruntime gave it none of the model's operations."""
    return Fallback(
        wanted, ran, "It is there, but it can run none of this model's operations.",
        "Nothing is wrong; choose the CPU, or another provider, for this model.",
    )  # fmt: skip


def failed(wanted: str, ran: str, said: str) -> Fallback:
    """The provider could not be started, or refused the model. said: by onnxruntime and the libraries below it."""
    reason, cure = _explained(short(wanted), said)
    return Fallback(wanted, ran, reason, cure, said.strip())


def _explained(name: str, said: str) -> tuple[str, str]:
    missing = _MISSING.search(said)
    if missing:
        library = missing[1] or missing[2]
        family = next((title for parts, title in _FAMILIES if any(part in library.lower() for part in parts)), "")
        version = _VERSION.search(library)
        major = f" {version[1] or version[2]}" if version and family in ("CUDA", "cuDNN", "TensorRT") else ""
        whose = f" of {family}{major}" if family else ""
        return f"The library {library}{whose} is not found.", _install(name, family, major)
    if re.search(r"no supported adapters|Failed to get a WebGPU adapter|Failed to get adapter", said, re.I):
        return "There is no graphics card that it can use here.", (
            "Install the card's driver (on Linux with Vulkan: libvulkan1 and the driver's Vulkan part)."
        )
    if re.search(r"no CUDA-capable device|CUDA driver version is insufficient|cudaGetDeviceCount|CUDA failure", said):
        insufficient = "insufficient" in said
        return (
            "The driver of the graphics card is too old for this CUDA."
            if insufficient
            else "CUDA finds no graphics card that it can use.",
            "Install a newer NVIDIA driver."
            if insufficient
            else "It needs an NVIDIA card and its driver; look at nvidia-smi.",
        )
    if name in ("tensorrt", "tensorrt-rtx") and "install TensorRT" in said:
        return (
            "The libraries of TensorRT are not found.",
            "Install them with: pip install tensorrt. CUDA alone is enough to run on the card.",
        )
    if re.search(r"out of memory|CUDA_ERROR_OUT_OF_MEMORY|failed to allocate", said, re.I):
        return (
            "The device does not have enough memory for this model.",
            "Close what else uses it, or take a smaller model.",
        )
    if re.search(r"Require cuDNN|install all dependencies as mentioned in the GPU requirements", said):
        return "CUDA or cuDNN is missing, or is another version than this onnxruntime was built for.", _install(
            name, "CUDA", ""
        )
    if said.strip():
        return "It could not be started; the details say what onnxruntime said.", _DOCS
    return "onnxruntime does not say why.", _DOCS


def _install(name: str, family: str, major: str) -> str:
    number = major.strip()
    if family in ("CUDA", "cuDNN") and name in ("cuda", "tensorrt"):
        return (
            "Install the libraries beside onnxruntime: pip install 'onnxruntime-gpu[cuda,cudnn]'"
            + (f" (it wants {family} {number})" if number else "")
            + "; docs/providers.md says more."
        )
    if family == "TensorRT":
        return "Install them with: pip install tensorrt. CUDA alone is enough to run on the card."
    if family == "Vulkan":
        return "Install it with the system's packages (Debian: apt install libvulkan1 mesa-vulkan-drivers)."
    return _DOCS
