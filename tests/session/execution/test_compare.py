"""How far two runs are apart, held against numpy on the two traces, and on arrays made by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import InputError, UnsupportedModelError
from embstudio.base.paths import models_dir
from embstudio.session.execution.compare import apart, compare
from embstudio.session.execution.parity import COARSE_TOLERANCE, TOLERANCE, Parity, ParityRequest
from embstudio.session.execution.say_parity import say_first, say_parting, say_place
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.models import Models
from embstudio.session.runner import Runner
from embstudio.session.stop import Cancelled, Stop
from embstudio.trace.axes import NamedArray

TEXT = "The dog that I adopted was cute"
POS = ("pos", "d_model")


def bundled(name: str) -> Path:
    return models_dir() / name / "model.onnx"


def ask(name: str, b: str, **rest: object) -> Parity:
    a = ModelRef(bundled(name), provider="cpu")
    request = TraceRequest(a, text=TEXT, **rest)  # type: ignore[arg-type]
    found = Models().answer(ParityRequest(a, request, ModelRef(bundled(name), provider=b), key=3), Stop())
    assert isinstance(found, Parity)
    assert found.key == 3
    return found


@pytest.mark.parametrize("name", ["sentiment-transformer", "sentiment-lstm"])
def test_each_point_is_compared_once_with_numpys_numbers(name: str) -> None:
    found = ask(name, "cpu-fp16")
    a, b = (Runner.open(ModelRef(bundled(name), provider=way)) for way in ("cpu", "cpu-fp16"))
    one, two = (runner.trace(TraceRequest(runner.opened.model, text=TEXT)) for runner in (a, b))
    assert [point.name for point in found.points] == list(a.opened.anatomy.point_names)
    assert (found.missing, found.titles, found.tolerance) == ((), ("CPU", "CPU, float16"), COARSE_TOLERANCE)
    for point in found.points:
        x, y = one[point.name].values.astype(np.float64), two[point.name].values.astype(np.float64)
        assert point.count == x.size
        assert point.largest == np.abs(y - x).max()
        assert (point.a, point.b) == (x[point.place], y[point.place])
        assert abs(point.b - point.a) == point.largest
        assert point.share == pytest.approx(np.linalg.norm(y - x) / np.linalg.norm(x), rel=1e-9)
    assert max(point.share for point in found.points) > 1e-4
    assert found.parting is None


def test_a_point_at_a_time_comes_to_the_same_as_all_at_once() -> None:
    """With room for one layer's attention only, as many runs are made as it takes."""
    whole, bits = (
        ask("sentiment-transformer", "cpu-fp16"),
        ask("sentiment-transformer", "cpu-fp16", budget_bytes=20_000),
    )
    assert bits.points == whole.points


def test_optimised_and_as_in_the_file_agree() -> None:
    found = ask("next-word-shared", "cpu-unoptimised")
    assert found.tolerance == TOLERANCE
    assert found.parting is None
    assert "They agree" in say_parting(found)
    assert say_first(found) == f"Both put the same answer first at all {len(found.tokens)} tokens."


@pytest.mark.zoo
def test_a_file_in_float16_is_given_what_float16_rounds(zoo: Path) -> None:
    path = zoo / "bert-opt-tf4+fp16" / "model.onnx"
    a, b = (ModelRef(path, provider=way) for way in ("cpu", "cpu-unoptimised"))
    request = TraceRequest(a, ids=(1, 2, 3, 4, 5, 6))
    found = compare(ParityRequest(a, request, b), Runner.open(a), Runner.open(b))
    assert found.tolerance == COARSE_TOLERANCE


@pytest.mark.zoo
@pytest.mark.parametrize(
    "name", ["modernbert-opt-tf4", "gpt-oss-ts-eager", "bart-full-dyn23-sdpa", "rnn-GRU-1-ts", "mixtral-dyn-sdpa"]
)
def test_exports_of_others_in_float16(zoo: Path, name: str) -> None:
    """Operators, functions and branches as exporters write them: all come out rounded, and none as something else."""
    a, b = (ModelRef(zoo / name / "model.onnx", provider=way) for way in ("cpu", "cpu-fp16"))
    request = TraceRequest(a, ids=(1, 2, 3, 4, 5, 6))
    found = compare(ParityRequest(a, request, b), Runner.open(a), Runner.open(b))
    assert found.missing == ()
    assert found.worst is not None
    assert 1e-4 < found.worst.share < COARSE_TOLERANCE


def test_a_provider_that_falls_back_is_not_compared() -> None:
    with pytest.raises(UnsupportedModelError, match="does not run this model"):
        ask("sentiment-lstm", "qnn")


def test_models_that_read_other_tokens_are_not_compared() -> None:
    a, b = (Runner.open(ModelRef(bundled(name))) for name in ("next-word", "sentiment-transformer"))
    request = TraceRequest(a.opened.model, text=TEXT)
    with pytest.raises(InputError, match="different tokens"):
        compare(ParityRequest(a.opened.model, request, b.opened.model), a, b)


def test_it_can_be_stopped() -> None:
    runner = Runner.open(ModelRef(bundled("sentiment-lstm")))
    stop = Stop()
    stop.set()
    with pytest.raises(Cancelled):
        compare(ParityRequest(runner.opened.model, TraceRequest(runner.opened.model, text=TEXT), runner.opened.model),
                runner, runner, stop)  # fmt: skip


def array(*rows: list[float]) -> NamedArray:
    return NamedArray(np.array(rows, np.float32), POS)


def test_by_hand() -> None:
    point = apart("embed", array([3, 4], [0, 0]), array([3, 4], [0, 2]))
    assert (point.largest, point.place, point.a, point.b, point.share) == (2, (1, 1), 0, 2, 0.4)
    assert say_place(point) == "pos 1, d_model 1"
    same = apart("embed", array([3, 4]), array([3, 4]))
    assert (same.largest, same.share) == (0, 0)
    nothing = apart("embed", array([0, 0]), array([0, 0]))
    assert nothing.share == 0
    from_nothing = apart("embed", array([0, 0]), array([0, 1]))
    assert from_nothing.share == float("inf")


def test_what_is_no_number_in_one_only_is_infinitely_far() -> None:
    inf, nan = float("inf"), float("nan")
    assert apart("embed", array([1, inf, nan]), array([1, inf, nan])).largest == 0
    for one, two in ((1.0, inf), (nan, 1.0), (inf, -inf)):
        point = apart("embed", array([1, one]), array([1, two]))
        assert (point.largest, point.place) == (inf, (0, 1))


def test_scores_that_both_mask_do_not_count() -> None:
    axes = ("head", "query", "key")
    a = NamedArray(np.array([[[1, -3.4e38], [2, -np.inf]]], np.float32), axes)
    b = NamedArray(np.array([[[1, -65504], [2, -65504]]], np.float32), axes)
    assert apart("blocks.0.attn.scores", a, b).largest == 0
    assert apart("blocks.0.attn.scores", a, NamedArray(np.zeros((1, 2, 2), np.float32), axes)).largest > 1


def test_the_answer_that_comes_first() -> None:
    a = NamedArray(np.array([[1, 2], [3, 0], [0, 1]], np.float32), ("pos", "vocab"))
    b = NamedArray(np.array([[1, 2], [0, 3], [0, 1]], np.float32), ("pos", "vocab"))
    point = apart("logits", a, b)
    assert (point.same_first, point.rows) == (2, 3)
