"""Norms of Jacobians that float64 cannot hold."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import helper

from embstudio.session.differentiate.log_norms import log_norms
from embstudio.session.stop import Stop
from tests.session.differentiate.differences import differentiator, model_of

WIDTH = 3


@pytest.mark.parametrize("factor", [1e-9, 1e-4, 1.0, 1e4, 1e9])
def test_a_long_chain_keeps_its_size(factor: float) -> None:
    """v = f⁶⁰ x₀ + f³⁰ x₁ + x₂: the powers from 1e-540 to 1e540, and a token that v does not hang on."""
    x = np.zeros((4, WIDTH))
    weights = {"f": np.array(factor), **{f"at{t}": np.array([t]) for t in range(4)}}
    nodes = [helper.make_node("Gather", ["x", f"at{t}"], [f"x{t}"], axis=0) for t in range(4)]
    carried = "x0"
    for step in range(60):
        nodes.append(helper.make_node("Mul", [carried, "f"], [f"h{step}"]))
        carried = f"h{step}"
        if step == 29:
            nodes.append(helper.make_node("Add", [carried, "x1"], ["joined"]))
            carried = "joined"
    nodes.append(helper.make_node("Add", [carried, "x2"], ["v"]))
    model = model_of(nodes, {"x": x}, weights, ["v"], 20)
    at = differentiator(model).linearise({"x": x}, ["v"], ["x"], Stop())
    found = log_norms(at, "v", np.arange(WIDTH), "x", np.arange(x.size).reshape(x.shape), Stop())
    size = np.log10(np.sqrt(WIDTH))
    expected = np.array([60, 30, 0]) * np.log10(factor) + size
    np.testing.assert_allclose(found[:3], expected, atol=1e-9)
    assert found[3] == -np.inf


def test_norms_of_rows_worked_out_apart_are_joined() -> None:
    x, W = np.zeros((2, 5)), np.random.default_rng(1).normal(size=(5, 40))
    model = model_of([helper.make_node("MatMul", ["x", "W"], ["y"])], {"x": x}, {"W": W}, ["y"], 20)
    at = differentiator(model).linearise({"x": x}, ["y"], ["x"], Stop())
    numbers = np.arange(10).reshape(2, 5)
    told: list[float] = []
    found = log_norms(at, "y", np.arange(40, 80), "x", numbers, Stop(), told.append, at_once=8 * 200)
    assert len(told) > 1
    np.testing.assert_allclose(found, [-np.inf, np.log10(np.linalg.norm(W))], atol=1e-12)
