"""Reasons and cures, for what onnxruntime really said on computers without a GPU (copied from there)."""

from __future__ import annotations

import pytest

from embstudio.session.execution.fallback import Fallback, failed, not_built_in, took_nothing

CPU = "CPUExecutionProvider"
LOAD = (
    "provider_bridge_ort.cc:2043 onnxruntime::Provider& onnxruntime::ProviderLibrary::Get() [ONNXRuntimeError] : 1 : "
    "FAIL : Failed to load library /x/onnxruntime/capi/libonnxruntime_providers_{}.so with error: {}: cannot open "
    "shared object file: No such file or directory"
)
WEBGPU = (
    "webgpu_context.cc:65 status == wgpu::RequestAdapterStatus::Success was false. Failed to get a WebGPU adapter: "
    "No supported adapters"
)


@pytest.mark.parametrize(
    ("provider", "said", "reason", "cure"),
    [
        ("CUDA", LOAD.format("cuda", "libcublasLt.so.13"), "libcublasLt.so.13, which is part of CUDA 13,", "add cuda"),
        ("CUDA", LOAD.format("cuda", "libcudnn.so.9"), "libcudnn.so.9, which is part of cuDNN,", "embstudio add cuda"),
        ("CUDA", LOAD.format("cuda", "libcuda.so.1"), "no driver of an NVIDIA card", "nvidia-smi"),
        ("Tensorrt", LOAD.format("tensorrt", "libnvinfer.so.10"), "part of TensorRT", "pip install tensorrt"),
        ("WebGpu", f"Warning: Couldn't load Vulkan: libvulkan.so.1: cannot open shared object file\n{WEBGPU}",
         "libvulkan.so.1, which is part of Vulkan,", "apt install libvulkan1"),
        ("WebGpu", WEBGPU, "no graphics card that it can use", "driver"),
        ("CUDA", "CUDA failure 35: CUDA driver version is insufficient for CUDA runtime version", "too old", "newer"),
        ("CUDA", "CUDA failure 100: no CUDA-capable device is detected", "finds no graphics card", "nvidia-smi"),
        ("OpenVINO", "something that nobody has met before", "the details are onnxruntime's own words", "providers.md"),
        ("OpenVINO", "", "does not say why", "providers.md"),
    ],
)  # fmt: skip
def test_what_is_said_becomes_a_reason_and_a_cure(provider: str, said: str, reason: str, cure: str) -> None:
    found = failed(f"{provider}ExecutionProvider", CPU, said)
    assert reason in found.reason
    assert cure in found.cure
    assert found.detail == said


def test_one_that_the_wheel_was_built_without() -> None:
    found = not_built_in("CUDAExecutionProvider", CPU, "onnxruntime 1.32.0")
    assert "onnxruntime 1.32.0" in found.reason
    assert found.cure.endswith("embstudio add cuda")
    qnn = not_built_in("QNNExecutionProvider", CPU, "onnxruntime 1.32.0")
    assert "on Windows on ARM: pip uninstall -y onnxruntime, then pip install onnxruntime-qnn" in qnn.cure
    assert "embstudio add" not in not_built_in("CUDAExecutionProvider", CPU, "x 1", packaged=True).cure
    assert "macOS" in not_built_in("CoreMLExecutionProvider", CPU, "x 1").cure


def test_the_whole_as_one_sentence_after_the_other() -> None:
    assert str(took_nothing("AzureExecutionProvider", CPU)).startswith(
        "Azure was asked for, and the model runs on CPU. It is there, but"
    )
    nobody = Fallback("CUDAExecutionProvider", CPU, "Why.", "What helps.", asked=False)
    assert str(nobody) == "CUDA was tried first, and the model runs on CPU. Why. What helps."
