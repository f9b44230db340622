"""What a trace will weigh, against what it weighs, and how long a text may be."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.modelfile import catalogue
from embstudio.session import budget
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner


@pytest.mark.parametrize("name", ["sentiment-lstm", "sentiment-rnn", "next-word", "words"])
def test_the_estimate_is_what_a_trace_weighs(name: str) -> None:
    model = ModelRef(catalogue.find(name).path)
    runner = Runner.open(model)
    request = TraceRequest(model, ids=(1, 2, 3, 4, 5), points=())
    weight = runner.trace(request).nbytes
    exactly = runner.trace(TraceRequest(model, ids=request.ids, budget_bytes=weight))
    assert exactly.nbytes == weight
    assert not exactly.omitted
    if len(exactly.arrays) > 1:
        assert runner.trace(TraceRequest(model, ids=request.ids, budget_bytes=weight - 1)).omitted


def test_only_the_layer_that_is_looked_at_is_captured_whole_beyond_what_is_taken_ahead() -> None:
    model = ModelRef(catalogue.find("next-word").path)
    runner = Runner.open(model)
    ids = tuple(range(1, 60))
    whole = runner.trace(TraceRequest(model, ids=ids))
    trace = runner.trace(TraceRequest(model, ids=ids, layer=4, ahead_bytes=0))
    own = {name for name in whole.arrays if name.startswith("blocks.4.")}
    assert own <= set(trace.arrays)
    assert {*whole.points("resid_post"), *whole.points("mlp", "out"), *whole.points("attn", "out")} <= set(trace.arrays)
    assert trace.points("pattern") == ["blocks.4.attn.pattern"]
    some = runner.trace(TraceRequest(model, ids=ids, layer=4, ahead_bytes=3 * whole.nbytes // 4))
    assert trace.nbytes < some.nbytes <= 3 * whole.nbytes // 4
    assert some.omitted == {name: whole[name].nbytes for name in whole.arrays if name not in some}
    beyond = runner.trace(TraceRequest(model, ids=ids, layer=99, ahead_bytes=0))
    assert {name for name in beyond.arrays if name.startswith("blocks.11.")} == {
        name for name in whole.arrays if name.startswith("blocks.11.")
    }


def test_the_longest_text_is_the_one_whose_attention_fits() -> None:
    anatomy = Runner.open(ModelRef(catalogue.find("next-word").path)).opened.anatomy
    heads = anatomy.blocks[0].attention[0].heads
    assert heads is not None
    length = budget.longest(anatomy, 10**7)
    assert length is not None
    both = [2 * np.zeros((heads, size, size), np.float32).nbytes for size in (length, length + 1)]
    assert both[0] <= 10**7 < both[1]


def test_a_recurrent_model_takes_any_length(data: Path) -> None:
    anatomy = Runner.open(ModelRef(data / "rnn-GRU-1-ts" / "model.onnx")).opened.anatomy
    assert budget.longest(anatomy, 1) is None


@pytest.mark.zoo
def test_a_model_without_a_position_table_is_given_what_fits(zoo: Path) -> None:
    runner = Runner.open(ModelRef(zoo / "llama-ts-sdpa" / "model.onnx"))
    assert runner.opened.anatomy.max_positions is None
    request = TraceRequest(runner.opened.model, ids=(1,) * 500, points=("embed",), budget_bytes=2**20)
    trace = runner.trace(request)
    assert len(trace) == budget.longest(runner.opened.anatomy, 2**20) < 500
    assert "would not fit into the memory" in trace.notes[0]
