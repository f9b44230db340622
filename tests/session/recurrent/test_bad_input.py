"""What recurrent layers cannot take is refused in words that say what and why, and never takes the process down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.__main__ import main
from embstudio.base.errors import InputError, StudioError, UnsupportedModelError
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner

GATES = {"LSTM": 4, "GRU": 3, "RNN": 1}
UNITS, WIDTH, LENGTH = 4, 3, 5
KINDS = tuple(GATES)


def random(*shape: int) -> np.ndarray:
    return np.random.default_rng(len(shape)).normal(size=shape).astype(np.float32)


def opened(
    folder: Path, kind: str, *, fed: tuple[str, ...] = (), hidden: int | None = UNITS, **changed: np.ndarray
) -> Runner:
    """One node that reads X. fed: of "lengths", "h0". changed: weights other than those that fit."""
    rows = GATES[kind] * UNITS
    weights = {"W": random(1, rows, WIDTH), "R": random(1, rows, UNITS), "B": random(1, 2 * rows)} | changed
    types = {"lengths": (TensorProto.INT32, ["batch"]), "h0": (TensorProto.FLOAT, [1, "batch", None])}
    given = {"X", *weights, *fed}
    names = [name if name in given else "" for name in ("X", "W", "R", "B", "lengths", "h0", "c0")]
    node = helper.make_node(kind, names[: 7 if kind == "LSTM" else 6], ["Y", "Y_h"], hidden_size=hidden)
    graph = helper.make_graph(
        [node], "one",
        [helper.make_tensor_value_info("X", TensorProto.FLOAT, ["pos", "batch", WIDTH]),
         *(helper.make_tensor_value_info(name, *types[name]) for name in fed)],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in ("Y", "Y_h")],
        [numpy_helper.from_array(value, name) for name, value in weights.items()],
    )  # fmt: skip
    path = folder / "model.onnx"
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)
    return Runner.open(ModelRef(path))


def traced(runner: Runner, points: tuple[str, ...] = (), **feeds: np.ndarray):  # type: ignore[no-untyped-def]
    return runner.trace(TraceRequest(runner.opened.model, feeds=feeds, points=points))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(0, 1, WIDTH), (LENGTH, 0, WIDTH)])
def test_no_tokens_or_no_sequence(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    with pytest.raises(InputError, match="a feed is empty") as raised:
        traced(opened(tmp_path, kind), X=random(*shape))
    assert str(list(shape)) in raised.value.where


@pytest.mark.parametrize("kind", KINDS)
def test_one_token(tmp_path: Path, kind: str) -> None:
    trace = traced(opened(tmp_path, kind), X=random(1, 1, WIDTH))
    assert len(trace.tokens) == 1
    assert all(array.shape == (1, UNITS) for array in trace.arrays.values())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [LENGTH + 1, -1])
def test_lengths_that_the_text_does_not_have(tmp_path: Path, kind: str, length: int) -> None:
    runner = opened(tmp_path, kind, fed=("lengths",))
    with pytest.raises(InputError, match=f"not from 0 to {LENGTH}"):
        traced(runner, X=random(LENGTH, 1, WIDTH), lengths=np.array([length], np.int32))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("length", [3, 0])
def test_a_shorter_length_is_followed_and_said(tmp_path: Path, kind: str, length: int) -> None:
    runner = opened(tmp_path, kind, fed=("lengths",))
    trace = traced(runner, X=random(LENGTH, 1, WIDTH), lengths=np.array([length], np.int32))
    assert trace.notes == (
        f"By lengths the text has {length} of its {LENGTH} tokens: past those, "
        "recurrent layers that are told so give 0.",
    )
    whole = traced(runner, X=random(LENGTH, 1, WIDTH), lengths=np.array([LENGTH], np.int32))
    assert not whole.notes
    for name, array in trace.arrays.items():
        np.testing.assert_array_equal(array.values[:length], whole[name].values[:length])
        assert not array.values[length:].any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", [(1, 1, UNITS + 3), (1, 2, UNITS)])
def test_a_state_that_does_not_fit(tmp_path: Path, kind: str, shape: tuple[int, ...]) -> None:
    runner = opened(tmp_path, kind, fed=("h0",))
    with pytest.raises(InputError) as raised:
        traced(runner, X=random(LENGTH, 1, WIDTH), h0=random(*shape))
    assert f"takes the state h that it starts from as [1, 1, {UNITS}], and was given {list(shape)}" in raised.value.what


@pytest.mark.parametrize("kind", KINDS)
def test_lengths_for_other_sequences(tmp_path: Path, kind: str) -> None:
    runner = opened(tmp_path, kind, fed=("lengths",))
    with pytest.raises(InputError, match=r"the lengths of the sequences as \[1\], and was given \[2\]"):
        traced(runner, X=random(LENGTH, 1, WIDTH), lengths=np.array([5, 5], np.int32))


ROWS = 4 * UNITS


@pytest.mark.parametrize(
    ("changed", "reason", "refusal"),
    [
        ({"R": random(1, ROWS, 3)}, "its states 4 units", "R as [1, 16, 4], and was given [1, 16, 3]"),
        ({"R": random(1, ROWS - 4, 4)}, "its R has shape [1, 12, 4], where [1, 16, 4] would fit 4 units",
         "R as [1, 16, 4], and was given [1, 12, 4]"),
        ({"B": random(1, ROWS)}, "its B has shape [1, 16], where [1, 32] would fit 4 units", "B as [1, 8*4]"),
        ({"W": random(2, ROWS, WIDTH)}, "its W has shape [2, 16, 3], where [1, 16, any] would fit",
         "W as [1, 16, 3], and was given [2, 16, 3]"),
        ({"h0": random(1, 1, 7)}, "its initial h has shape [1, 1, 7], where [1, any, 4] would fit 4 units",
         "the state h that it starts from as [1, 1, 4], and was given [1, 1, 7]"),
        ({"hidden": 6}, "it states 6 units, and its weights R are for 4", "W as [1, 24, 3]"),
    ],
)  # fmt: skip
def test_a_file_whose_parts_do_not_fit(tmp_path: Path, changed: dict, reason: str, refusal: str) -> None:
    runner = opened(tmp_path, "LSTM", **changed)
    assert not runner.opened.anatomy.recurrent
    (said,) = [each for each in runner.opened.anatomy.unrecognised if "LSTM" in each]
    assert reason.replace("its states", "it states") in said
    with pytest.raises(StudioError) as raised:
        traced(runner, X=random(LENGTH, 1, WIDTH))
    assert refusal in raised.value.what


@pytest.mark.parametrize("kind", KINDS)
def test_a_node_that_does_not_state_its_size_is_told(tmp_path: Path, kind: str) -> None:
    runner = opened(tmp_path, kind, hidden=None)
    assert runner.opened.repairs == (f"1 {kind} told the number of its units, which onnxruntime wants stated.",)
    trace = traced(runner, X=random(LENGTH, 1, WIDTH))
    assert {array.shape for array in trace.arrays.values()} == {(LENGTH, UNITS)}


@pytest.mark.zoo
def test_an_lstm_with_a_projection(zoo: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = zoo / "rnn-LSTM-1proj-dyn" / "model.onnx"
    runner = Runner.open(ModelRef(path))
    (said,) = [each for each in runner.opened.anatomy.unrecognised if "LSTM" in each]
    assert "its memory c has 16 units and its state h 8, as an LSTM with a projection has (PyTorch's proj_size)" in said
    with pytest.raises(
        UnsupportedModelError, match=r"takes the memory c .* as \[1, 2, 8\], and was given \[1, 2, 16\]"
    ):
        runner.trace(TraceRequest(runner.opened.model, ids=(1, 2, 3)))
    assert main(["trace", str(path), "--ids", "1,2,3", "--out", str(tmp_path / "out.npz")]) == 1
    assert "ONNX has no operator: export the model without one" in capsys.readouterr().err


def test_one_length_for_several_sequences(tmp_path: Path) -> None:
    runner = opened(tmp_path, "RNN", fed=("lengths",))
    with pytest.raises(InputError, match=r"the lengths of the sequences as \[3\], and was given \[1\]"):
        traced(runner, X=random(LENGTH, 3, WIDTH), lengths=np.array([5], np.int32))
