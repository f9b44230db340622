"""Scopes of real models that read a real sentence."""

from __future__ import annotations

from functools import lru_cache

import pytest

from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.stepper.watch.scope import Scope

TURN = "I expected to hate it but loved it"


@lru_cache(maxsize=8)
def scope_of(name: str, text: str = TURN) -> Scope:
    """What there is to speak of when a bundled model has read a text."""
    source = find(name)
    runner = Runner.open(ModelRef(source.path, source.tokenizer))
    trace = runner.trace(TraceRequest(runner.opened.model, text=text))
    labels = source.card.labels if source.card else ()
    tokenizer = runner.opened.tokenizer
    return Scope(trace, labels, tokenizer.vocabulary if tokenizer else (), runner.opened.anatomy.point_names)


@pytest.fixture
def lstm() -> Scope:
    """A recurrent classifier that scores each token."""
    return scope_of("sentiment-lstm")


@pytest.fixture
def words() -> Scope:
    """A transformer that predicts the next word."""
    return scope_of("next-word")
