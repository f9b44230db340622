from __future__ import annotations

import onnxruntime
import pytest

from embstudio.base.errors import UnsupportedModelError
from embstudio.session.providers import CPU, available, choose


def test_the_cpu_is_always_there_and_always_last() -> None:
    assert set(available()) == set(onnxruntime.get_available_providers())
    assert choose("")[-1] == CPU
    assert choose(CPU) == [CPU]
    for name in available():
        assert choose(name)[0] == name


def test_one_that_is_not_installed() -> None:
    with pytest.raises(UnsupportedModelError, match="not installed") as told:
        choose("TeapotExecutionProvider")
    assert CPU in told.value.advice
