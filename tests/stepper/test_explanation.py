"""What is said of a value against float64: cells and attention made here, and the bundled models run for real."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from embstudio.formulas import cells
from embstudio.formulas.activations import Activation
from embstudio.formulas.attention import attention, causal_mask
from embstudio.modelfile.catalogue import find
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.stepper.explanation import explain
from embstudio.stepper.probe import Probe
from embstudio.stepper.working import Piece, Working, symbols
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace

LENGTH, WIDTH, UNITS, HEADS, D_HEAD = 6, 5, 4, 4, 8
rng = np.random.default_rng(11)


def trace_of(arrays: dict[str, tuple[np.ndarray, tuple[str, ...]]]) -> Trace:
    named = {name: NamedArray(values.astype(np.float32), axes) for name, (values, axes) in arrays.items()}
    tokens = tuple(Token(f"t{at}", f"t{at}", at) for at in range(LENGTH))
    return Trace("made here", "", tokens, named, dict.fromkeys(named, Provenance.OBSERVED))


def recurrent(kind: str, gates: int, *, reverse: bool = False, **start: np.ndarray) -> Trace:
    W, R = rng.normal(size=(gates * UNITS, WIDTH)), rng.normal(size=(gates * UNITS, UNITS))
    B = rng.normal(size=2 * gates * UNITS)
    parts = getattr(cells, kind)(rng.normal(size=(LENGTH, WIDTH)), W, R, B, reverse=reverse, **start)
    way = "reverse" if reverse else "forward"
    return trace_of({f"{kind}.0.{way}.{name}": (values, ("pos", "unit")) for name, values in parts.items()})


def only(trace: Trace, point: str, *index: int) -> Working:
    (working,) = explain(trace, Probe(point, index)).workings
    return working


def values(working: Working) -> list[float]:
    return [piece.value for piece in working.numbers if piece.value is not None]


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("pos", range(LENGTH))
def test_the_memory_adds_up(reverse: bool, pos: int) -> None:
    trace = recurrent("lstm", 4, reverse=reverse)
    at = f"lstm.0.{'reverse' if reverse else 'forward'}"
    before = pos + 1 if reverse else pos - 1
    f, i, g = (float(trace[f"{at}.{part}"].values[pos, 2]) for part in "fig")
    c = float(trace[f"{at}.c"].values[before, 2]) if 0 <= before < LENGTH else 0.0
    working = only(trace, f"{at}.c", pos, 2)
    assert values(working) == [f, c, i, g]
    assert working.result == f * c + i * g
    assert working.agrees
    assert ("before the first" in working.note) == (pos == (LENGTH - 1 if reverse else 0))


def test_what_does_not_add_up_is_said() -> None:
    trace = recurrent("lstm", 4, c=np.full(UNITS, 2.0))
    working = only(trace, "lstm.0.forward.c", 0, 1)
    assert working.agrees is False
    f = float(trace["lstm.0.forward.f"].values[0, 1])
    assert working.difference == pytest.approx(2 * f, rel=1e-5)
    assert only(trace, "lstm.0.forward.c", 1, 1).agrees


def test_the_hidden_state_and_the_gates() -> None:
    trace = recurrent("lstm", 4)
    o, c = (float(trace[f"lstm.0.forward.{part}"].values[3, 1]) for part in "oc")
    working = only(trace, "lstm.0.forward.h", 3, 1)
    assert working.result == pytest.approx(o * math.tanh(c), abs=1e-15)
    assert working.agrees
    gate = only(trace, "lstm.0.forward.o", 3, 1)
    assert 1 / (1 + math.exp(-gate.result)) == pytest.approx(o, abs=1e-12)
    assert gate.agrees is None
    assert "backwards" in gate.note
    g = float(trace["lstm.0.forward.g"].values[3, 1])
    assert math.tanh(only(trace, "lstm.0.forward.g", 3, 1).result) == pytest.approx(g, abs=1e-12)


def test_a_saturated_gate_has_no_working() -> None:
    one = trace_of({"lstm.0.forward.f": (np.ones((LENGTH, 1)), ("pos", "unit"))})
    assert explain(one, Probe("lstm.0.forward.f", (0, 0))).workings == ()


def test_gru_and_rnn() -> None:
    gru = recurrent("gru", 3)
    for pos in range(LENGTH):
        z, n = (float(gru[f"gru.0.forward.{part}"].values[pos, 0]) for part in "zn")
        h = float(gru["gru.0.forward.h"].values[pos - 1, 0]) if pos else 0.0
        working = only(gru, "gru.0.forward.h", pos, 0)
        assert working.result == (1 - z) * n + z * h
        assert working.agrees
    rnn = recurrent("rnn", 1)
    assert only(rnn, "rnn.0.forward.h", 2, 3).agrees
    relu = recurrent("rnn", 1, activation=cells.relu)  # type: ignore[arg-type]
    pos, unit = np.argwhere(relu["rnn.0.forward.a"].values > 0.5)[0].tolist()
    working = only(relu, "rnn.0.forward.h", pos, unit)
    assert "max" in working.formula[-2].text + working.formula[-3].text + working.formula[1].text
    assert working.agrees


@pytest.fixture(params=[HEADS, 2], ids=["own keys", "grouped"])
def attending(request: pytest.FixtureRequest) -> Trace:
    """Causal attention with as many key/value heads as heads, and with fewer."""
    q = rng.normal(size=(HEADS, LENGTH, D_HEAD))
    k, v = rng.normal(size=(2, request.param, LENGTH, D_HEAD))
    each = HEADS // request.param
    step = attention(q, k.repeat(each, 0), v.repeat(each, 0), mask=causal_mask(LENGTH))
    at = "blocks.1.attn."
    return trace_of({
        at + "q": (q, ("head", "query", "d_head")),
        at + "k": (k, ("kv_head", "key", "d_head")),
        at + "v": (v, ("kv_head", "key", "d_head")),
        at + "scores": (step.scores, ("head", "query", "key")),
        at + "pattern": (step.pattern, ("head", "query", "key")),
        at + "z": (step.z, ("head", "query", "d_head")),
    })  # fmt: skip


def test_attention_adds_up_for_every_head(attending: Trace) -> None:
    for head in range(HEADS):
        score = only(attending, "blocks.1.attn.scores", head, 4, 2)
        q = attending["blocks.1.attn.q"].values[head, 4].astype(float)
        kv = head * attending["blocks.1.attn.k"].shape[0] // HEADS
        assert score.result == pytest.approx(q @ attending["blocks.1.attn.k"].values[kv, 2] / math.sqrt(D_HEAD))
        assert score.agrees
        weight = only(attending, "blocks.1.attn.pattern", head, 4, 2)
        row = np.exp(attending["blocks.1.attn.scores"].values[head, 4].astype(float))
        assert weight.result == pytest.approx(row[2] / row.sum(), abs=1e-15)
        assert weight.agrees
        blend = only(attending, "blocks.1.attn.z", head, 4, 3)
        assert blend.agrees
        shown = values(blend)
        assert sum(a * b for a, b in zip(shown[0:6:2], shown[1:6:2], strict=True)) + shown[6] == pytest.approx(
            float(attending["blocks.1.attn.z"].values[head, 4, 3]), abs=1e-6
        )


def test_a_masked_key_is_called_masked(attending: Trace) -> None:
    working = only(attending, "blocks.1.attn.scores", 0, 1, 4)
    assert working.observed is None
    assert "mask" in working.note
    assert only(attending, "blocks.1.attn.pattern", 0, 1, 4).result == 0


def test_a_sink_takes_its_part(attending: Trace) -> None:
    name = "blocks.1.attn.scores"
    scores = attending[name].values.astype(np.float64)
    sink = 0.7
    weights = np.exp(scores) / (np.exp(scores).sum(-1, keepdims=True) + np.exp(sink))
    axes = ("head", "query", "key")
    trace = trace_of({name: (scores, axes), "blocks.1.attn.pattern": (weights, axes)})
    working = only(trace, "blocks.1.attn.pattern", 1, LENGTH - 1, 2)
    assert working.agrees
    assert working.result == pytest.approx(weights[1, -1, 2], rel=1e-6)
    assert values(working)[-1] == pytest.approx(np.exp(sink), rel=1e-3)  # four digits are written
    assert "sink" in working.note


def test_a_scale_that_is_already_in_the_queries_and_one_that_is_unknown(attending: Trace) -> None:
    def with_queries(factor: float) -> Trace:
        arrays = {name: (array.values, array.axes) for name, array in attending.arrays.items()}
        arrays["blocks.1.attn.q"] = (arrays["blocks.1.attn.q"][0] * factor, ("head", "query", "d_head"))
        return trace_of(arrays)

    scaled = only(with_queries(1 / math.sqrt(D_HEAD)), "blocks.1.attn.scores", 0, 4, 2)
    assert scaled.agrees
    assert "already" in scaled.note
    other = only(with_queries(0.3), "blocks.1.attn.scores", 0, 4, 2)
    assert other.agrees is False
    assert "remains" in other.note


def test_residual_sums_in_order_and_in_parallel() -> None:
    pre, attn, mlp = rng.normal(size=(3, LENGTH, WIDTH))
    axes = ("pos", "d_model")
    parts = {"resid_pre": pre, "attn.out": attn, "resid_mid": pre + attn, "mlp.out": mlp}
    for post, terms in ((pre + attn + mlp, 2), (pre + attn + mlp, 3)):
        held = {f"blocks.0.{name}": (part, axes) for name, part in parts.items()}
        if terms == 3:
            held["blocks.0.resid_mid"] = (pre, axes)  # nothing between them: attention and MLP side by side
        trace = trace_of({**held, "blocks.0.resid_post": (post, axes)})
        working = only(trace, "blocks.0.resid_post", 2, 1)
        assert len(values(working)) == terms
        assert working.agrees
    normed = trace_of({**{f"blocks.0.{name}": (part, axes) for name, part in parts.items()},
                       "blocks.0.resid_post": (0.5 * (pre + attn + mlp), axes)})  # fmt: skip
    assert only(normed, "blocks.0.resid_post", 2, 1).agrees is False


def test_logits_become_a_probability() -> None:
    logits = rng.normal(size=(LENGTH, 9)) * 4
    trace = trace_of({"logits": (logits, ("pos", "vocab"))})
    row = np.exp(logits[3].astype(np.float32).astype(float))
    explained = explain(trace, Probe("logits", (3, 5)), {"vocab": ["a", "b", "c", "d", "e", "F"]})
    assert explained.workings[0].result == pytest.approx(row[5] / row.sum(), abs=1e-15)
    assert [(each.axis, each.index, each.label) for each in explained.coordinates] == [
        ("pos", 3, "t3"),
        ("vocab", 5, "F"),
    ]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_exact_text_gives_the_value_back(dtype: type) -> None:
    held = NamedArray(rng.normal(size=(LENGTH, 3)).astype(dtype), ("pos", "d_model"))
    tokens = tuple(Token(str(at), str(at), at) for at in range(LENGTH))
    trace = Trace("", "", tokens, {"embed": held}, {"embed": Provenance.RECOMPUTED})
    told = explain(trace, Probe("embed", (4, 2)))
    assert dtype(told.exactly) == held.values[4, 2]
    assert told.value == float(held.values[4, 2])
    assert (told.dtype, told.source.split()[0]) == (np.dtype(dtype).name, "worked")


def test_symbols_of_a_formula_know_what_they_stand_for() -> None:
    pieces = symbols("cₜ = fₜ ⊙ cₜ₋₁ + tanh(iₜ)", frozenset("cfi"))
    assert [(piece.text, piece.role) for piece in pieces if piece.role] == [
        ("cₜ", "c"),
        ("fₜ", "f"),
        ("cₜ₋₁", "c"),
        ("iₜ", "i"),
    ]
    assert "".join(piece.text for piece in pieces) == "cₜ = fₜ ⊙ cₜ₋₁ + tanh(iₜ)"
    assert symbols("W_q", frozenset("q")) == (Piece("W_q"),)


def test_a_value_that_is_not_there() -> None:
    trace = recurrent("rnn", 1)
    with pytest.raises(KeyError):
        explain(trace, Probe("lstm.0.forward.c", (0, 0)))
    with pytest.raises(IndexError):
        explain(trace, Probe("rnn.0.forward.h", (LENGTH, 0)))


@pytest.mark.parametrize("model", ["sentiment-lstm", "sentiment-rnn", "next-word"])
def test_every_sum_of_a_bundled_model_agrees(model: str) -> None:
    source = find(model)
    ref = ModelRef(source.path, source.tokenizer)
    trace = Runner.open(ref).trace(TraceRequest(ref, text="The big dog ran because it was not happy"))
    compared = 0
    for point, array in trace.arrays.items():
        for _ in range(6):
            index = tuple(int(rng.integers(size)) for size in array.shape)
            for working in explain(trace, Probe(point, index)).workings:
                if working.agrees is not None:
                    compared += 1
                    # Between the embedding and the first block the position's vector is added.
                    assert working.agrees or point == "blocks.0.resid_pre", (point, index, working)
                    assert working.agrees or "position" in working.note
    assert compared >= 6


def test_the_lstm_of_pytorch(data: Path) -> None:
    with np.load(data / "rnn-LSTM-1-ts" / "reference.npz") as stored:
        ids, gates = stored["ids"][0], {name: stored[name][0].astype(float) for name in "ifogch"}
    ref = ModelRef(data / "rnn-LSTM-1-ts" / "model.onnx")
    trace = Runner.open(ref).trace(TraceRequest(ref, ids=tuple(map(int, ids))))
    c = gates["f"][3, 7] * gates["c"][2, 7] + gates["i"][3, 7] * gates["g"][3, 7]
    working = only(trace, "lstm.0.forward.c", 3, 7)
    assert working.result == pytest.approx(c, abs=1e-6)
    assert working.agrees


def test_a_pooled_vector_was_held_against_nothing_and_does_not_say_so() -> None:
    values = {"pooled": NamedArray(np.ones(3, np.float32), ("d_model",))}
    for provenance, said in ((Provenance.RECOMPUTED, "vectors of the tokens"), (Provenance.OBSERVED, "returned this")):
        trace = Trace("m", "t", (), values, {"pooled": provenance})
        assert said in explain(trace, Probe("pooled", (1,))).source


def test_an_activation_that_is_known_takes_the_place_of_the_usual_one() -> None:
    trace = recurrent("lstm", 4)
    o, c = (float(trace[f"lstm.0.forward.{part}"].values[3, 1]) for part in "oc")
    told = explain(trace, Probe("lstm.0.forward.h", (3, 1)), activation=Activation.named("Affine", 2.0, 0.5))
    (working,) = told.workings
    assert working.result == pytest.approx(o * (2 * c + 0.5), abs=1e-12)
    assert "".join(piece.text for piece in told.formula) == "hₜ = oₜ ⊙ Affine(cₜ)"
    gate = explain(trace, Probe("lstm.0.forward.f", (3, 1)), activation=Activation.named("HardSigmoid"))
    assert gate.workings == (), "σ is not worked backwards where it is not σ"
    assert "".join(piece.text for piece in gate.formula) == "fₜ = HardSigmoid(W_f xₜ + R_f hₜ₋₁ + b_f)"


def test_a_state_that_is_the_sum_itself_is_not_taken_for_relu() -> None:
    a = np.abs(rng.normal(size=(LENGTH, UNITS)))
    trace = trace_of({f"rnn.0.forward.{part}": (a, ("pos", "unit")) for part in "ah"})
    (working,) = explain(trace, Probe("rnn.0.forward.h", (2, 3)), activation=Activation.named("Affine")).workings
    assert "".join(piece.text for piece in working.formula) == "h = Affine(a)"
    assert working.agrees
