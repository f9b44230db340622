"""A lean session says the same as the plain one, and is used where the plain one would keep too much."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.modelfile import catalogue
from embstudio.session.budget import BYTES
from embstudio.session.engine import LEAN_KEPT
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.session.stop import Stop


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["bert-dyn-sdpa", "gpt2-ts-sdpa", "gemma2-ts-eager", "bart-full-ts-sdpa"])
def test_the_values_are_those_of_the_plain_session(zoo: Path, name: str) -> None:
    engine = (runner := Runner.open(ModelRef(zoo / name / "model.onnx")))._engine
    rows = runner.opened.anatomy.embeddings[0].rows
    feeds = runner._feeder.trial(16, rows).feeds
    plain = engine.run(feeds, [point.tensor for point in engine.points], Stop())
    own = engine.run(feeds, engine.outputs, Stop())
    for place, point in enumerate(engine.points):
        if point.name.endswith((".pattern", ".resid_post", ".scores")):
            (lean,) = engine.run(feeds, [point.tensor], Stop(), lean=True)
            np.testing.assert_allclose(lean, plain[place], atol=1e-5, err_msg=point.name)
    for one, other in zip(own, engine.run(feeds, engine.outputs, Stop(), lean=True), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-5)
    assert len(engine._lean) == LEAN_KEPT


def test_a_long_text_is_run_lean_and_a_short_one_is_not() -> None:
    model = ModelRef(catalogue.find("next-word").path)
    runner = Runner.open(model)
    anatomy = runner.opened.anatomy
    weights = BYTES * anatomy.parameters["total"]
    assert anatomy.max_positions is not None
    for length in (6, anatomy.max_positions):
        ids = tuple(n % anatomy.embeddings[0].rows for n in range(length))
        whole = runner.trace(TraceRequest(model, ids=ids))
        assert not runner._engine._lean
        budget = 2 * BYTES * 4 * length**2
        few = runner.trace(TraceRequest(model, ids=ids, points=("*.pattern",), budget_bytes=budget, layer=3))
        assert bool(runner._engine._lean) == (whole.nbytes - few.nbytes > max(weights, budget))
        runner._engine._lean.clear()
        for name, array in few.arrays.items():
            np.testing.assert_allclose(array.values, whole[name].values, atol=1e-5)
    assert whole.nbytes - few.nbytes > max(weights, budget)  # or the longest text has shown nothing
