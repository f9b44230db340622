"""Every model of the zoo runs from token ids alone, and then says what it says to the feeds that PyTorch was given.

The parts of models in several files are in test_family.py.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Trace
from tests.conftest import ZOO
from tests.zoo.case import Step, ZooCase, zoo_cases

pytestmark = pytest.mark.zoo

PARTS = ("opt-s2s-t5-decoder", "opt-s2s-t5-merged", "opt-s2s-t5-withpast")
# Pieces of models that take vectors: there is nothing to look up by ids.
OF_VECTORS = ("attention_distilbert", "attention_past_state", "attention_past_state.u8s8")
CASES = [case for case in zoo_cases(ZOO) if case.name not in (*PARTS, *OF_VECTORS)]
RECURRENT = sorted(path.parent.name for path in ZOO.glob("rnn-*/model.onnx") if "proj" not in path.parent.name)


def request(runner: Runner, first: Step, step: Step) -> TraceRequest:
    """The ids of a step as a person would give them: those of the step before it, if it goes on from a cache, are to
    be read first."""
    model, ids_input = runner.opened.model, runner.opened.anatomy.ids_input
    fed = {name: value[0].tolist() for name, value in step.feeds.items() if value.dtype.kind == "i" and value.ndim == 2}
    ids = fed.get(ids_input or "") or next(iter(fed.values()))
    if step is not first and any(value.ndim > 2 for value in step.feeds.values()):
        before = first.feeds[ids_input or ""][0].tolist()
        return TraceRequest(model, ids=(*before, *ids), cached=len(before))
    if "decoder_input_ids" in fed:
        return TraceRequest(model, ids=tuple(ids), second_ids=tuple(fed["decoder_input_ids"]))
    types = fed.get("token_type_ids", [0] * len(ids))
    pair = types.index(1) if 1 in types else len(ids)
    return TraceRequest(model, ids=tuple(ids[:pair]), second_ids=tuple(ids[pair:]) or None)


def same(trace: Trace, other: Trace) -> None:
    assert list(trace.arrays) == list(other.arrays)
    for name, array in trace.arrays.items():
        np.testing.assert_allclose(array.values, other[name].values, rtol=1e-5, atol=1e-5, err_msg=name)


def same_as_in_one_run(trace: Trace, whole: Trace) -> None:
    """A run with a cache gives each new token the attention that it gets when all are run together."""
    assert trace.past
    assert (*trace.past, *trace.tokens) == whole.tokens
    patterns = trace.points("pattern")
    assert patterns
    for name in patterns:
        rows = whole[name].values[:, -len(trace) :]
        np.testing.assert_allclose(trace[name].values, rows, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_ids_are_enough(zoo: Path, case: ZooCase) -> None:
    runner = Runner.open(ModelRef(case.path))
    assert not any("trial run" in note for note in runner.opened.notes)
    rows = runner.opened.anatomy.embeddings[0].rows if runner.opened.anatomy.embeddings else 3
    if not case.steps:
        trace = runner.trace(TraceRequest(runner.opened.model, ids=tuple(n % rows for n in (1, 2, 3))))
        assert len(trace.past) + len(trace) == 3
    for step in case.steps:
        asked = request(runner, case.steps[0], step)
        trace = runner.trace(asked)
        if asked.cached:
            same_as_in_one_run(trace, runner.trace(replace(asked, cached=0)))
        if case.exact or not asked.cached:  # the cache that was stored is not a quantised model's own
            same(trace, runner.trace(TraceRequest(runner.opened.model, feeds=step.feeds)))
        for name, pattern in step.patterns.items() if case.exact else ():
            found = name if name in trace else name.removeprefix("encoder.")
            if found in trace:  # what is not found is the matter of other tests
                np.testing.assert_allclose(trace[found].values, pattern, atol=1e-4, err_msg=name)


@pytest.mark.parametrize("name", RECURRENT)
def test_ids_are_enough_for_recurrent_models(zoo: Path, name: str) -> None:
    runner = Runner.open(ModelRef(zoo / name / "model.onnx"))
    ids = tuple(range(9))  # those exported with a fixed length take nine
    trace = runner.trace(TraceRequest(runner.opened.model, ids=ids))
    assert [token.id for token in trace.tokens] == list(ids)


@pytest.mark.parametrize("name", OF_VECTORS)
def test_what_takes_vectors_says_so(zoo: Path, name: str) -> None:
    runner = Runner.open(ModelRef(zoo / "_public" / f"{name}.onnx"))
    with pytest.raises(InputError, match=r"vectors of \d+ numbers, not text"):
        runner.trace(TraceRequest(runner.opened.model, ids=(1, 2)))
