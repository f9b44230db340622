"""A probe points at one number of a trace, or does not fit it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from embstudio.stepper.probe import Probe
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

POINT = "blocks.0.attn.pattern"
VALUES = np.random.default_rng(3).random((2, 3, 3)).astype(np.float32)


@pytest.fixture
def trace() -> Trace:
    arrays = {POINT: NamedArray(VALUES, ("head", "query", "key"))}
    tokens = tuple(Token(text, text, id_) for id_, text in enumerate("abc"))
    return Trace("m", "abc", tokens, arrays, {POINT: Provenance.OBSERVED})


def test_the_value_is_exact(trace: Trace) -> None:
    for index in np.ndindex(2, 3, 3):
        probe = Probe(POINT, index)
        assert probe.fits(trace)
        assert probe.value(trace) == float(VALUES[index])


@pytest.mark.parametrize("index", [(2, 0, 0), (0, 3, 0), (0, 0, -1), (0, 0), (0, 0, 0, 0), ()])
def test_an_index_outside_does_not_fit(trace: Trace, index: tuple[int, ...]) -> None:
    assert not Probe(POINT, index).fits(trace)


def test_a_point_that_the_trace_does_not_hold_does_not_fit(trace: Trace) -> None:
    probe = Probe("blocks.1.attn.pattern", (0, 0, 0))
    assert not probe.fits(trace)
    with pytest.raises(KeyError):
        probe.value(trace)


def test_an_index_outside_has_no_value(trace: Trace) -> None:
    with pytest.raises(IndexError):
        Probe(POINT, (2, 0, 0)).value(trace)


def test_a_probe_goes_along_with_a_step_of_the_text(trace: Trace) -> None:
    assert Probe(POINT, (1, 0, 0)).carried(trace, 0, 2) == Probe(POINT, (1, 2, 0))
    elsewhere = Probe(POINT, (1, 1, 0))
    assert elsewhere.carried(trace, 0, 2) == elsewhere
    assert Probe(POINT, (1, 0, 0)).carried(trace, 0, 3) == Probe(POINT, (1, 0, 0))
    missing = Probe("blocks.1.attn.pattern", (1, 0, 0))
    assert missing.carried(trace, 0, 2) == missing


def test_a_probe_in_the_decoder_does_not_follow_the_source(trace: Trace) -> None:
    name = "decoder.blocks.0.cross_attn.pattern"
    arrays = {name: NamedArray(VALUES, ("head", "query", "key"))}
    target = tuple(Token(text, text, id_) for id_, text in enumerate("xyz"))
    decoded = replace(trace, arrays=arrays, provenance={name: Provenance.OBSERVED}, target=target)
    assert Probe(name, (1, 0, 0)).carried(decoded, 0, 2) == Probe(name, (1, 0, 0))


def test_probes_at_the_same_number_are_the_same() -> None:
    assert Probe(POINT, (1, 2, 0)) == Probe(POINT, (1, 2, 0)) != Probe(POINT, (1, 2, 1))
