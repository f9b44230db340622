"""Models whose graphs do not tell which axis is which are opened after a run that does."""

from __future__ import annotations

from pathlib import Path

import pytest

from embstudio.anatomy.reader import read
from embstudio.modelfile.model_file import ModelFile
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner


@pytest.mark.zoo
@pytest.mark.parametrize(
    ("name", "counts"),
    [("bert-ts-sdpa", (4, 4, 8)), ("llama-ts-sdpa", (4, 2, 8)), ("_deployed/keras-tf2onnx-bert", (4, 4, 8))],
)
def test_a_run_names_the_axes_that_the_graph_leaves_open(zoo: Path, name: str, counts: tuple[int, int, int]) -> None:
    path = zoo / name / "model.onnx"
    assert read(ModelFile(path).graph).unranked
    opened = Runner.open(ModelRef(path)).opened
    found = {(each.heads, each.kv_heads, each.d_head) for block in opened.anatomy.blocks for each in block.attention}
    assert found == {counts}
    assert {finding.law for finding in opened.findings} >= {"q kᵀ = raw scores", "pattern v = z"}
    assert all(finding.holds for finding in opened.findings)
