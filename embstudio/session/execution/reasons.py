"""What onnxruntime and the libraries below it say when a provider cannot be used, as a reason and a cure.

The sentences that are looked for were met with onnxruntime 1.24 to 1.32 on Linux, or are in its source (Windows).
"""

from __future__ import annotations

import re

DOCS = "docs/providers.md says what it needs."

_LIBRARY = re.compile(r"(lib[\w+-]+\.so[.\d]*): cannot open shared object|depends on \"?([\w+.-]+\.dll)", re.IGNORECASE)
_VERSION = re.compile(r"\.so\.(\d+)|_(\d+)\.dll")
_FAMILIES = (
    (("cublas", "cudart", "cufft", "curand", "nvrtc"), "CUDA"),
    (("cudnn",), "cuDNN"),
    (("nvinfer", "nvonnxparser"), "TensorRT"),
    (("vulkan",), "Vulkan"),
    (("openvino",), "OpenVINO"),
    (("amdhip", "rocblas", "migraphx"), "ROCm"),
)
_CUDA_CURE = "Fetch the libraries that belong to this onnxruntime with: embstudio add cuda"
_TENSORRT_CURE = "Install them with: pip install tensorrt. CUDA alone is enough to run on the card."
_CURES = {
    "CUDA": _CUDA_CURE,
    "cuDNN": _CUDA_CURE,
    "TensorRT": _TENSORRT_CURE,
    "Vulkan": "Install it with the system's packages (Debian: apt install libvulkan1 mesa-vulkan-drivers).",
}
# (what is said, reason, cure), the first match wins.
_DRIVER = (
    re.compile(r"libcuda\.so[.\d]*: cannot open|nvcuda\.dll"),
    "There is no driver of an NVIDIA card on this computer.",
    "CUDA needs such a card and its driver (nvidia-smi shows both); otherwise choose the CPU.",
)
_SAID = (
    (re.compile(r"no supported adapters|failed to get a(?: WebGPU)? adapter", re.IGNORECASE),
     "There is no graphics card that it can use here.",
     "Install the card's driver, on Linux with its part for Vulkan."),
    (re.compile(r"CUDA driver version is insufficient"),
     "The driver of the graphics card is too old for this CUDA.",
     "Install a newer NVIDIA driver."),
    (re.compile(r"no CUDA-capable device|cudaErrorNoDevice|invalid device ordinal"),
     "CUDA finds no graphics card that it can use.",
     "It needs an NVIDIA card and its driver: nvidia-smi shows both."),
    (re.compile(r"no kernel image is available"),
     "This onnxruntime was not built for a graphics card of this age.",
     "Choose the CPU, or an older onnxruntime-gpu."),
    (re.compile(r"install TensorRT libraries"),
     "The libraries of TensorRT are not found.",
     _TENSORRT_CURE),
    (re.compile(r"out of memory|OUT_OF_MEMORY|failed to allocate", re.IGNORECASE),
     "The device does not have enough memory for this model.",
     "Close what else uses it, or take a smaller model."),
    (re.compile(r"Require cuDNN|GPU requirements page|LoadLibrary failed with error 126[^\n]*(?:cuda|tensorrt)"),
     "CUDA or cuDNN is missing, or is another version than this onnxruntime was built for.",
     _CUDA_CURE),
)  # fmt: skip


def explained(said: str) -> tuple[str, str]:
    """(reason, cure), sentences."""
    missing = _LIBRARY.search(said)
    if missing and not _DRIVER[0].search(said):
        return _missing(missing[1] or missing[2])
    for pattern, reason, cure in (_DRIVER, *_SAID):
        if pattern.search(said):
            return reason, cure
    if said.strip():
        return "It could not be started, or it refused the model; the details are onnxruntime's own words.", DOCS
    return "onnxruntime does not say why.", DOCS


def _missing(library: str) -> tuple[str, str]:
    family = next((name for parts, name in _FAMILIES if any(part in library.lower() for part in parts)), "")
    version = _VERSION.search(library)
    number = f" {version[1] or version[2]}" if version and family == "CUDA" else ""
    whose = f", which is part of {family}{number}," if family else ""
    return f"The library {library}{whose} is not found.", _CURES.get(family, DOCS)
