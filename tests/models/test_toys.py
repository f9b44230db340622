"""The toys say what the notes say: the noted arithmetic in float64, written straight from them, and no other."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from embstudio.modelfile import catalogue
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Trace

THE, DOG, WAS, CUTE, BIG, RAN = (
    np.array(vector)
    for vector in (
        [0.1, 0.5, 0.2], [0.3, 0.7, 0.1], [0.4, 0.2, 0.8], [0.6, 0.9, 0.3], [0.2, 0.6, 0.25], [0.5, 0.3, 0.6],
    )
)  # fmt: skip
LONG = "The dog that I adopted from the pound five years ago won the pet competition."
TOLERANCE = 1e-6  # float32 against float64


def trace(name: str, text: str) -> Trace:
    source = catalogue.find(name)
    runner = Runner.open(ModelRef(source.path, source.tokenizer))
    return runner.trace(TraceRequest(runner.opened.model, text=text))


def close(found: np.ndarray, wanted: Any) -> None:
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE)


def positive(of: Trace) -> np.ndarray:
    logits = of["logits"].values.astype(np.float64)
    return np.asarray(np.exp(logits[:, 1]) / np.exp(logits).sum(1))


def test_rnn_adds_each_word_to_what_its_weights_leave() -> None:
    seen = trace("toy-rnn", "The dog was cute")
    w = np.array([0.8, 0.8, 0.7])
    h1 = THE
    h2 = DOG + w * h1
    h3 = WAS + w * h2
    h4 = CUTE + w * h3
    close(seen["embed"].values, [THE, DOG, WAS, CUTE])
    close(seen["rnn.0.forward.h"].values, [h1, h2, h3, h4])
    close(h2, [0.38, 1.1, 0.24])


def test_rnn_says_85_percent_at_the_end_and_is_less_sure_before() -> None:
    said = positive(trace("toy-rnn", "The dog was cute"))
    close(said[-1], 0.85)
    assert (np.diff(said) > 0).all()
    assert said[0] > 0.5


def test_rnn_has_a_tenth_of_the_dog_left_ten_steps_on() -> None:
    """ "won" is the 12th word; the notes count 13 steps, 0.8^13 = 0.055."""
    with_dog, without = trace("toy-rnn", LONG), trace("toy-rnn", LONG.replace("dog", "zzyzx"))
    part = with_dog["rnn.0.forward.h"].values - without["rnn.0.forward.h"].values
    assert [token.text for token in with_dog.tokens][11] == "won"
    close(part[11], DOG * [0.8**10, 0.8**10, 0.7**10])
    close(part[14], DOG * [0.8**13, 0.8**13, 0.7**13])


def test_lstm_holds_the_noted_memories() -> None:
    seen = trace("toy-lstm", "The dog that")
    c = seen["lstm.0.forward.c"].values
    assert np.round(c.astype(np.float64), 4).tolist() == [
        [0.092, 0.46, 0.164], [0.3496, 1.012, 0.2132], [0.481, 1.366, 0.3286],
    ]  # fmt: skip
    close(c[:2], [[0.092, 0.46, 0.164], [0.3496, 1.012, 0.2132]])
    close(c[2] - 0.8 * c[1], [0.20132, 0.5564, 0.15804])


def test_lstm_gates_are_the_noted_ones_at_every_word() -> None:
    seen = trace("toy-lstm", LONG)
    gates = {name: seen[f"lstm.0.forward.{name}"].values for name in "iofg"}
    steps = len(seen.tokens)
    assert steps == 15
    close(gates["i"], np.tile([0.92, 0.92, 0.82], (steps, 1)))
    close(gates["f"], np.full((steps, 3), 0.8))
    close(gates["o"], np.ones((steps, 3)))
    close(gates["g"], seen["embed"].values)
    close(gates["i"][1] * gates["g"][1], [0.276, 0.644, 0.082])
    close(seen["lstm.0.forward.h"].values, seen["lstm.0.forward.c"].values)


def test_lstm_forgets_as_fast_as_the_rnn() -> None:
    memories = [trace("toy-lstm", text)["lstm.0.forward.c"].values for text in (LONG, LONG.replace("dog", "zzyzx"))]
    close((memories[0] - memories[1])[11], 0.8**10 * np.array([0.276, 0.644, 0.082]))


def test_attention_gives_dog_what_is_noted() -> None:
    seen = trace("toy-attention", "The big dog ran")
    dog = {name: seen[f"blocks.0.attn.{name}"].values[0, 2] for name in ("q", "k", "v", "scores", "pattern", "z")}
    values = np.array([THE, BIG, [0.28, 0.68, 0.09], RAN])
    scores = np.array([0.18, 0.78, 0.95, 0.35])
    weights = np.exp(scores) / np.exp(scores).sum()
    close(dog["q"], [0.29, 0.68, 0.09])
    close(dog["k"], [0.29, 0.69, 0.08])
    close(seen["blocks.0.attn.v"].values[0], values)
    close(dog["scores"], scores)
    close(dog["pattern"], weights)
    close(dog["z"], weights @ values)
    assert np.round(weights, 4).tolist() == [0.1621, 0.2955, 0.3502, 0.1922]
    assert np.round(dog["z"].astype(np.float64), 5).tolist() == [0.26946, 0.55414, 0.25313]
    close(seen["blocks.0.resid_post"].values[2], DOG + weights @ values)
    close(scores @ values, [0.615, 1.309, 0.5265])  # the noted sum, without the softmax


@pytest.mark.parametrize("name", ["toy-rnn", "toy-lstm", "toy-attention"])
def test_case_is_no_matter_and_tokens_know_their_place(name: str) -> None:
    noted, typed = trace(name, "The big dog ran"), trace(name, "the BIG dog, RAN!")
    assert [token.id for token in noted.tokens] == [token.id for token in typed.tokens]
    assert [token.text for token in typed.tokens] == ["the", "BIG", "dog", "RAN"]
