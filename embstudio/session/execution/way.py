"""A way to run a model, as a person writes it: `cuda`, `openvino:GPU`, `cpu-unoptimised`, `cpu-fp16`.

No onnxruntime here: the window imports this file before its first paint.
"""

from __future__ import annotations

from dataclasses import dataclass

from embstudio.base.errors import InputError

SUFFIX = "ExecutionProvider"
CPU = f"CPU{SUFFIX}"
UNOPTIMISED, HALF = "-unoptimised", "-fp16"

# What onnxruntime calls them in lower case, where people call them otherwise.
_PEOPLE_SAY = {"dml": "directml", "nvtensorrtrtx": "tensorrt-rtx"}
_TITLES = {
    "cpu": "CPU", "cuda": "CUDA", "tensorrt": "TensorRT", "tensorrt-rtx": "TensorRT RTX", "directml": "DirectML",
    "coreml": "Core ML", "openvino": "OpenVINO", "webgpu": "WebGPU", "rocm": "ROCm", "migraphx": "MIGraphX",
    "qnn": "QNN", "dnnl": "oneDNN", "xnnpack": "XNNPACK", "azure": "Azure", "vitisai": "Vitis AI", "cann": "CANN",
    "nnapi": "NNAPI", "acl": "Arm Compute Library", "armnn": "Arm NN",
}  # fmt: skip


@dataclass(frozen=True)
class Way:
    """name: of the provider in short, "" for the one that embstudio chooses. device: which of its devices, as the
    provider numbers or names them. optimise: whether onnxruntime may simplify the graph first. half: whether weights
    and activations are rounded to float16.
    """

    name: str = ""
    device: str = ""
    optimise: bool = True
    half: bool = False

    @classmethod
    def parse(cls, text: str) -> Way:
        """Raises InputError for what is no such thing; whether there is such a provider is not asked here."""
        rest, way = text.strip(), {"optimise": True, "half": False}
        while True:
            if rest.lower().endswith(UNOPTIMISED):
                rest, way["optimise"] = rest[: -len(UNOPTIMISED)], False
            elif rest.lower().endswith(HALF):
                rest, way["half"] = rest[: -len(HALF)], True
            else:
                break
        name, colon, device = rest.partition(":")
        if (colon and not device) or any(character.isspace() for character in rest) or (text.strip() and not name):
            raise InputError(
                "This is no way to run a model.", where=text,
                advice="Give the name of a provider, such as cpu or cuda, with -unoptimised or -fp16 behind it.",
            )  # fmt: skip
        return cls(short(name), device, **way)

    def __str__(self) -> str:
        device = f":{self.device}" if self.device else ""
        return self.name + device + ("" if self.optimise else UNOPTIMISED) + (HALF if self.half else "")

    @property
    def title(self) -> str:
        """As a person reads it: "CUDA", "CPU, graph as in the file", "CPU, float16"."""
        device = f" {self.device}" if self.device else ""
        as_it_is, half = "" if self.optimise else ", graph as in the file", ", float16" if self.half else ""
        return f"{title(self.name)}{device}{as_it_is}{half}"


def short(provider: str) -> str:
    """`CUDAExecutionProvider`, or `CUDA`, as `cuda`."""
    name = provider.lower().removesuffix(SUFFIX.lower())
    return _PEOPLE_SAY.get(name, name)


def title(provider: str) -> str:
    """`CUDAExecutionProvider`, or `cuda`, as a person reads it."""
    name = short(provider)
    return _TITLES.get(name, provider.removesuffix(SUFFIX)) if name else "chosen for you"
