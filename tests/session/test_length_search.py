"""A graph that states any length and has one written down inside, as tracing leaves it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.base.errors import UnsupportedModelError
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner


def model(folder: Path, shape: list[int], places: int = 1) -> ModelRef:
    """Vectors looked up by ids, with that of a place added, put into a shape."""
    rng = np.random.default_rng(3)
    weights = [numpy_helper.from_array(rng.normal(size=(40, 8)).astype(np.float32), "table"),
               numpy_helper.from_array(np.array(shape), "shape"),
               numpy_helper.from_array(np.array([places - 1]), "place")]  # fmt: skip
    nodes = [helper.make_node("Gather", ["table", "ids"], ["vectors"]),
             helper.make_node("Gather", ["vectors", "place"], ["there"], axis=1),
             helper.make_node("Add", ["vectors", "there"], ["sum"]),
             helper.make_node("Reshape", ["sum", "shape"], ["out"])]  # fmt: skip
    ends = [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", "length"]),
            helper.make_tensor_value_info("out", TensorProto.FLOAT, ["batch", "length", 8])]  # fmt: skip
    graph = helper.make_graph(nodes, "traced", ends[:1], ends[1:], weights)
    path = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return ModelRef(path)


@pytest.mark.parametrize("places", [1, 9])
def test_the_length_is_found_and_padded_to(tmp_path: Path, places: int) -> None:
    """Also where a shorter text fails at a place that it does not have, which sounds like a wrong token."""
    ref = model(tmp_path, [1, 9, 8], places)
    runner = Runner.open(ref)
    trace = runner.trace(TraceRequest(ref, ids=(4, 5, 6)))
    assert [token.id for token in trace.tokens] == [4, 5, 6, 0, 0, 0, 0, 0, 0]
    assert any("exactly 9 tokens" in note for note in trace.notes)
    long = runner.trace(TraceRequest(ref, ids=tuple(range(12))))
    assert len(long) == 9
    assert any("exported for no more" in note for note in long.notes)


def test_a_model_that_takes_tokens_two_at_a_time_is_given_an_even_number(tmp_path: Path) -> None:
    ref = model(tmp_path, [1, -1, 2, 8])
    trace = Runner.open(ref).trace(TraceRequest(ref, ids=(4, 5, 6)))
    assert [token.id for token in trace.tokens] == [4, 5, 6, 0]
    assert any("multiples of 2 tokens: 1 padding token was added" in note for note in trace.notes)


def test_a_model_that_fails_at_every_length_says_what_it_said(tmp_path: Path) -> None:
    ref = model(tmp_path, [7, 11, 13])
    with pytest.raises(UnsupportedModelError, match="stopped with an error"):
        Runner.open(ref).trace(TraceRequest(ref, ids=(4, 5, 6)))


def test_a_model_of_any_length_is_left_as_it_is(tmp_path: Path) -> None:
    ref = model(tmp_path, [1, -1, 8])
    trace = Runner.open(ref).trace(TraceRequest(ref, ids=(4, 5, 6)))
    assert (len(trace), trace.notes) == (3, ())
