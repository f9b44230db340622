"""Loop, Scan and If against central differences in onnxruntime, whose double precision onnx's reference has for fewer
forms of them; and what stops a way back."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import NodeProto, TensorProto, helper

from embstudio.base.errors import UnsupportedModelError
from tests.session.differentiate.differences import check, gradients, model_of, onnxruntime_session

RNG = np.random.default_rng(9)
DOUBLE, INT, BOOL = TensorProto.DOUBLE, TensorProto.INT64, TensorProto.BOOL
W = 0.6 * RNG.normal(size=(3, 3))


def values(**kinds: int) -> list:
    """Of any shape, but whole numbers and conditions are single ones."""
    return [helper.make_tensor_value_info(name, kind, None if kind == DOUBLE else []) for name, kind in kinds.items()]


CELL = [
    helper.make_node("MatMul", ["h", "W"], ["carried"]),
    helper.make_node("Add", ["carried", "piece"], ["total"]),
    helper.make_node("Tanh", ["total"], ["h_after"]),
]


def loop(*, condition: str = "go_on") -> NodeProto:
    """h ← tanh(h W + x[i]); collects h², and counts in a state of its own."""
    body = [
        helper.make_node("Gather", ["x", "i"], ["piece"], axis=0),
        *CELL,
        helper.make_node("Mul", ["h_after", "h_after"], ["left"]),
        helper.make_node("Add", ["n", "one"], ["n_after"]),
        helper.make_node("Less", ["n_after", "most"], ["go_on"]),
        helper.make_node("Identity", ["yes"], ["always"]),
    ]
    graph = helper.make_graph(
        body, "body", values(i=INT, yes=BOOL, h=DOUBLE, n=INT),
        values(**{condition: BOOL, "h_after": DOUBLE, "n_after": INT, "left": DOUBLE}),
    )  # fmt: skip
    return helper.make_node("Loop", ["trips", "true", "h0", "zero"], ["last", "counted", "collected"], body=graph)


OUTSIDE = {"W": W, "one": np.array(1), "zero": np.array(0), "most": np.array(3), "trips": np.array(5),
           "true": np.array(True)}  # fmt: skip
FEEDS = {"x": RNG.normal(size=(5, 2, 3)), "h0": RNG.normal(size=(2, 3))}


@pytest.mark.parametrize("outputs", [["last"], ["collected"], ["last", "collected"]])
@pytest.mark.parametrize("condition", ["always", "go_on"])
def test_loop(outputs: list[str], condition: str) -> None:
    found = check(
        loop(condition=condition), FEEDS, OUTSIDE, wrt=["x", "h0"], outputs=outputs, session=onnxruntime_session
    )
    assert found["x"][:, 3:].any() == (condition == "always")


def test_weights_that_a_loop_reads_from_outside() -> None:
    outside = {name: value for name, value in OUTSIDE.items() if name != "W"}
    check(loop(), {**FEEDS, "W": W}, outside, wrt=["W", "x"], outputs=["last"], session=onnxruntime_session)


def test_a_loop_that_is_not_entered_hands_on_its_state() -> None:
    outside = {**OUTSIDE, "trips": np.array(0)}
    found = check(loop(), FEEDS, outside, wrt=["h0"], outputs=["last"], session=onnxruntime_session)
    assert found["h0"].any()


@pytest.mark.parametrize("turned", [0, 1])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("outputs", [["last"], ["collected"], ["last", "collected"]])
def test_scan(outputs: list[str], axis: int, turned: int) -> None:
    body = [*CELL, helper.make_node("Sin", ["h_after"], ["left"])]
    graph = helper.make_graph(body, "body", values(h=DOUBLE, piece=DOUBLE), values(h_after=DOUBLE, left=DOUBLE))
    node = helper.make_node(
        "Scan", ["h0", "x"], ["last", "collected"], body=graph, num_scan_inputs=1, scan_input_axes=[axis],
        scan_input_directions=[turned], scan_output_directions=[0], scan_output_axes=[0],
    )  # fmt: skip
    feeds = {"x": np.moveaxis(FEEDS["x"], 0, axis).copy(), "h0": FEEDS["h0"]}
    check(node, feeds, {"W": W}, wrt=["x", "h0"], outputs=outputs, session=onnxruntime_session)


@pytest.mark.parametrize("chosen", [True, False])
def test_if(chosen: bool) -> None:
    one = helper.make_graph([helper.make_node("Sin", ["x"], ["a"])], "one", [], values(a=DOUBLE))
    other = helper.make_graph([helper.make_node("Mul", ["x", "x"], ["b"])], "other", [], values(b=DOUBLE))
    node = helper.make_node("If", ["c"], ["y"], then_branch=one, else_branch=other)
    check(node, {"x": FEEDS["h0"]}, {"c": np.array(chosen)}, session=onnxruntime_session)


def test_a_loop_within_a_loop() -> None:
    inner = helper.make_graph(
        [helper.make_node("Mul", ["s", "x"], ["product"]), helper.make_node("Sin", ["product"], ["s_after"]),
         helper.make_node("Identity", ["ok"], ["go"])],
        "inner", values(j=INT, ok=BOOL, s=DOUBLE), values(go=BOOL, s_after=DOUBLE),
    )  # fmt: skip
    outer = helper.make_graph(
        [helper.make_node("Loop", ["twice", "", "h"], ["h_after"], body=inner),
         helper.make_node("Identity", ["yes"], ["go_on"])],
        "outer", values(i=INT, yes=BOOL, h=DOUBLE), values(go_on=BOOL, h_after=DOUBLE),
    )  # fmt: skip
    node = helper.make_node("Loop", ["trips", "", "h0"], ["y"], body=outer)
    feeds = {"x": FEEDS["x"][0], "h0": FEEDS["h0"]}
    check(node, feeds, {"trips": np.array(3), "twice": np.array(2)}, wrt=["x", "h0"], session=onnxruntime_session)


# What stops a way back ---------------------------------------------------------------------------------------------


def refused(nodes: list[NodeProto], weights: dict[str, np.ndarray]) -> UnsupportedModelError:
    x = {"x": RNG.normal(size=(2, 3))}
    with pytest.raises(UnsupportedModelError) as caught:
        gradients(model_of(nodes, x, weights, ["y"], 20), x, {"y": np.ones((1, 2, 3))}, ["x"])
    return caught.value


def test_an_operator_without_a_rule_is_named() -> None:
    error = refused([helper.make_node("Sin", ["x"], ["s"]), helper.make_node("Det", ["s"], ["y"], name="here")], {})
    assert "Det" in error.what
    assert error.where == "Det, node 1 (here)"


def test_rounding_is_told_for_what_it_is() -> None:
    scale = {"scale": np.array(0.1), "zero": np.array(0, np.uint8)}
    nodes = [
        helper.make_node("QuantizeLinear", ["x", "scale", "zero"], ["q"]),
        helper.make_node("DequantizeLinear", ["q", "scale", "zero"], ["y"]),
    ]
    error = refused(nodes, scale)
    assert "rounds to whole numbers" in error.what
    assert "full precision" in error.advice


def test_what_does_not_depend_on_the_input_needs_no_rule() -> None:
    nodes = [
        helper.make_node("DequantizeLinear", ["q", "scale"], ["w"]),
        helper.make_node("MatMul", ["x", "w"], ["y"]),
    ]
    weights = {"q": RNG.integers(-9, 9, size=(3, 3)).astype(np.int8), "scale": np.array(0.1, np.float32)}
    x = {"x": RNG.normal(size=(2, 3)).astype(np.float32)}
    found = gradients(model_of(nodes, x, weights, ["y"], 20), x, {"y": np.ones((1, 2, 3))}, ["x"])["x"]
    np.testing.assert_allclose(found[0], np.ones((2, 3)) @ (0.1 * weights["q"].T), rtol=1e-6)


@pytest.mark.parametrize("op", ["Floor", "Sign", "Round"])
def test_what_changes_in_jumps_only_has_a_gradient_of_zero(op: str) -> None:
    nodes = [helper.make_node(op, ["x"], ["f"]), helper.make_node("Mul", ["f", "x"], ["y"])]
    check(nodes, {"x": RNG.normal(size=(2, 3)) + 0.03})


def test_a_gradient_through_whole_numbers_is_zero() -> None:
    nodes = [
        helper.make_node("Cast", ["x"], ["i"], to=INT),
        helper.make_node("Cast", ["i"], ["f"], to=DOUBLE),
        helper.make_node("Mul", ["f", "x"], ["y"]),
    ]
    check(nodes, {"x": 3 * RNG.normal(size=(2, 3))})
