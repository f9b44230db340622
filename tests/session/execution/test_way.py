from __future__ import annotations

import pytest

from embstudio.base.errors import InputError
from embstudio.session.execution.way import Way, short, title


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("", Way()),
        ("cpu", Way("cpu")),
        ("CPUExecutionProvider", Way("cpu")),
        ("Dml", Way("directml")),
        ("openvino:GPU", Way("openvino", "GPU")),
        ("cpu-unoptimised", Way("cpu", optimise=False)),
        ("cuda:1-fp16", Way("cuda", "1", half=True)),
        ("cpu-FP16-unoptimised", Way("cpu", optimise=False, half=True)),
        ("-fp16", None),
        ("cuda:", None),
        ("two words", None),
    ],
)
def test_what_people_write(text: str, way: Way | None) -> None:
    if way is None:
        with pytest.raises(InputError):
            Way.parse(text)
    else:
        assert Way.parse(text) == way
        assert Way.parse(str(way)) == way


def test_names_as_people_read_them() -> None:
    assert (title("CUDAExecutionProvider"), title("directml"), title("")) == ("CUDA", "DirectML", "chosen for you")
    assert title("SomethingNewExecutionProvider") == "SomethingNew"
    assert short("NvTensorRTRTXExecutionProvider") == "tensorrt-rtx"
    assert Way("openvino", "GPU", half=True).title == "OpenVINO GPU, float16"
