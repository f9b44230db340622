"""Which value is shown when nobody points at one."""

from __future__ import annotations

import numpy as np

from embstudio.stepper.cursor import Place
from embstudio.stepper.probe import Probe
from embstudio.stepper.telling import probe_at, telling_probe
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

rng = np.random.default_rng(2)
SHAPES = {"pos": 4, "unit": 6, "head": 3, "query": 4, "key": 4, "d_model": 5}


def trace_of(*points: tuple[str, tuple[str, ...]]) -> Trace:
    arrays = {name: NamedArray(rng.random([SHAPES[axis] for axis in axes]), axes) for name, axes in points}
    tokens = tuple(Token(str(at), str(at), at) for at in range(4))
    return Trace("", "", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED))


def test_the_memory_of_an_lstm_in_the_layer_of_the_cursor() -> None:
    gates = [(f"lstm.{layer}.forward.{part}", ("pos", "unit")) for layer in (0, 1) for part in "hc"]
    trace = trace_of(("embed", ("pos", "d_model")), *gates)
    assert telling_probe(trace, Place(token=2, layer=1, unit=5)) == Probe("lstm.1.forward.c", (2, 5))
    assert telling_probe(trace, Place(token=2, layer=7, unit=5)) == Probe("lstm.0.forward.c", (2, 5))


def test_the_strongest_key_of_a_head() -> None:
    trace = trace_of(("embed", ("pos", "d_model")), ("blocks.0.attn.pattern", ("head", "query", "key")))
    key = int(np.argmax(trace["blocks.0.attn.pattern"].values[2, 3]))
    assert telling_probe(trace, Place(token=3, head=2)) == Probe("blocks.0.attn.pattern", (2, 3, key))


def test_the_vector_of_the_word() -> None:
    assert telling_probe(trace_of(("embed", ("pos", "d_model"))), Place(token=3)) == Probe("embed", (3, 0))


def test_nothing_in_an_empty_trace() -> None:
    assert telling_probe(trace_of(), Place()) is None
    assert probe_at(trace_of(), "embed", Place()) is None
