from __future__ import annotations

import onnxruntime
import pytest

from embstudio.base.errors import UnsupportedModelError
from embstudio.session.execution.way import Way
from embstudio.session.providers import CPU, available, named, with_cpu


def test_the_cpu_is_always_there_and_always_last() -> None:
    assert set(available()) == set(onnxruntime.get_available_providers())
    assert named(Way()) in available()
    assert with_cpu(CPU) == [CPU]
    for name in available():
        assert named(Way.parse(name)) == name
        assert with_cpu(name)[-1] == CPU


def test_one_that_is_not_installed_is_known_by_name_all_the_same() -> None:
    assert named(Way.parse("cuda")) == "CUDAExecutionProvider"
    assert named(Way.parse("DmlExecutionProvider")) == named(Way.parse("directml")) == "DmlExecutionProvider"


def test_one_that_nobody_has_heard_of() -> None:
    with pytest.raises(UnsupportedModelError, match="not installed") as told:
        named(Way.parse("TeapotExecutionProvider"))
    assert "cpu" in told.value.advice


def test_a_device_of_a_provider_is_handed_over_as_the_provider_calls_it() -> None:
    assert with_cpu("OpenVINOExecutionProvider", "GPU") == [("OpenVINOExecutionProvider", {"device_type": "GPU"}), CPU]
    assert with_cpu("CUDAExecutionProvider", "1") == [("CUDAExecutionProvider", {"device_id": "1"}), CPU]
