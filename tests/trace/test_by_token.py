"""Points that have no value for each token are left out and named."""

from __future__ import annotations

import numpy as np

from embstudio.trace.axes import NamedArray
from embstudio.trace.by_token import by_token
from embstudio.trace.places import place_of, tokens_at
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

TOKENS = tuple(Token(letter, letter, number) for number, letter in enumerate("abcd"))


def trace(tokens: tuple[Token, ...] = TOKENS, **shapes: tuple[int, int]) -> Trace:
    arrays = {name.replace("_", "."): NamedArray(np.zeros(shape), ("pos", "unit")) for name, shape in shapes.items()}
    return Trace("m", "abcd", tokens, arrays, dict.fromkeys(arrays, Provenance.OBSERVED), notes=("before",))


def test_a_trace_that_fits_stays_as_it_is() -> None:
    whole = trace(lstm_0_forward_h=(4, 3))
    assert by_token(whole) is whole


def test_shortened_sequences_are_left_out_and_said() -> None:
    shown = by_token(trace(lstm_0_forward_h=(3, 3), lstm_0_forward_c=(3, 3), embed=(4, 3)))
    assert list(shown.arrays) == list(shown.provenance) == ["embed"]
    assert shown.notes[0] == "before"
    assert "lstm.0.forward.h and 1 more like it, with 3 positions for 4 tokens" in shown.notes[1]


def test_recurrent_layers_whose_steps_are_shared_by_so_many_tokens_stay() -> None:
    shown = by_token(trace(lstm_0_forward_h=(2, 3), lstm_1_reverse_h=(2, 3), logits=(2, 3), embed=(4, 3)))
    assert list(shown.arrays) == ["lstm.0.forward.h", "lstm.1.reverse.h", "embed"]
    assert shown.notes[1].startswith("2 tokens share each step of lstm.0, lstm.1")
    assert "logits, with 2 positions for 4 tokens" in shown.notes[2]
    assert [place_of(shown, "lstm.0.forward.h", token) for token in range(4)] == [0, 0, 1, 1]
    assert tokens_at(shown, "lstm.0.forward.h", 1) == TOKENS[2:]
    assert tokens_at(shown, "embed", 1) == TOKENS[1:2]


def test_without_tokens_nothing_is_left_out() -> None:
    feeds = trace((), lstm_0_forward_h=(2, 3))
    assert by_token(feeds) is feeds
