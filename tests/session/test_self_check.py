"""What opening a model finds out about its own numbers, and about the copy it works on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from embstudio.modelfile.model_file import ModelFile
from embstudio.session.opening import open_model


@pytest.fixture
def bert(data: Path) -> Path:
    return data / "bert-ts-sdpa" / "model.onnx"


def test_a_real_export_is_found_right(bert: Path) -> None:
    opening = open_model(ModelFile(bert), "")
    laws = {finding.law: finding for finding in opening.findings}
    assert {"q kᵀ = raw scores", "softmax(scores) = pattern", "rows of the pattern sum to 1",
            "pattern v = z"} <= set(laws)  # fmt: skip
    assert all(finding.holds and finding.worst < 1e-5 for finding in laws.values())
    sums = laws.pop("sums of the residual stream")
    assert sums.places == 2 * len(opening.anatomy.blocks)
    assert all(finding.places == len(opening.anatomy.blocks) for finding in laws.values())


def test_a_model_whose_weights_are_not_numbers_is_found_out(bert: Path, tmp_path: Path) -> None:
    proto = onnx.load(bert)
    for tensor in proto.graph.initializer:
        if len(tensor.dims) == 2 and tensor.dims[0] == tensor.dims[1]:
            broken = numpy_helper.to_array(tensor).copy()
            broken[:] = np.nan
            tensor.CopyFrom(numpy_helper.from_array(broken, tensor.name))
    path = tmp_path / "model.onnx"
    path.write_bytes(proto.SerializeToString())
    assert not all(finding.holds for finding in open_model(ModelFile(path), "").findings)
