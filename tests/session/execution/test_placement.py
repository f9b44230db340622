"""Which provider runs what, held against the graph that onnxruntime itself writes down after its simplifications."""

from __future__ import annotations

from pathlib import Path

import onnx
import onnxruntime
import pytest

from embstudio.base.paths import models_dir
from embstudio.session.execution.placement import Part, Placement, say_part, say_placement
from embstudio.session.messages import ModelRef
from embstudio.session.runner import Runner

CPU = "CPUExecutionProvider"


def bundled(name: str) -> Path:
    return models_dir() / name / "model.onnx"


@pytest.mark.parametrize("name", ["sentiment-lstm", "sentiment-transformer", "words"])
def test_every_operation_is_counted_once(name: str, tmp_path: Path) -> None:
    opened = Runner.open(ModelRef(bundled(name))).opened
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(tmp_path / "simplified.onnx")
    onnxruntime.InferenceSession(bundled(name), options, providers=[CPU])
    nodes = onnx.load(tmp_path / "simplified.onnx").graph.node
    assert opened.placement is not None
    assert opened.placement.of(CPU) == opened.placement.total == len(nodes)
    assert not opened.placement.mixed
    assert not opened.placement.elsewhere


def test_parts_are_the_models_own() -> None:
    placement = Runner.open(ModelRef(bundled("sentiment-transformer"))).opened.placement
    assert placement is not None
    assert [part.name for part in placement.parts] == ["embedding", "layer 0", "layer 1", "output"]
    counts = [dict(part.counts)[CPU] for part in placement.parts]
    assert sum(counts) <= placement.total
    assert min(counts[1:3]) > 10 * max(counts[0], counts[3]) // 2  # attention and MLP, beside a look-up and a product
    lstm = Runner.open(ModelRef(bundled("sentiment-lstm"))).opened.placement
    assert lstm is not None
    assert [part.name for part in lstm.parts] == ["embedding", "LSTM 0", "output"]


def test_in_words() -> None:
    counts = (("CUDAExecutionProvider", 561), (CPU, 13))
    assert say_placement(Placement(counts)) == "CUDA: 561 operations, CPU: 13"
    assert say_placement(Placement(counts[:1])) == "CUDA: all 561 operations"
    assert say_placement(Placement(((CPU, 1),))) == "CPU: its one operation"
    assert say_placement(None) == ""
    assert say_part(Part("layer 0", counts)) == "CUDA 561, CPU 13"
