"""Recurrent nodes in every form as Scans: against the node itself, float64 cells, and onnx's reference evaluator."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from onnx.reference import ReferenceEvaluator

from embstudio.session.recurrent_scan import copy_with_scans
from tests.session.recurrent.one_node import DIRECTIONS, GATES, OneNode, gates_of, run

EXTRAS = [frozenset(chosen) for chosen in ((), ("B", "states"), ("B", "lengths"), ("B", "lengths", "states", "P"))]
UNUSUAL = {
    "lstm": (("HardSigmoid", 0.3, 0.4), ("Softsign", None, None), ("ScaledTanh", 1.5, 0.7)),
    "gru": (("HardSigmoid", 0.3, 0.4), ("Elu", 0.8, None)),
    "rnn": (("LeakyRelu", 0.1, None),),
}
FORMS = [
    OneNode(kind, direction, 17, extras, layout, clip, UNUSUAL[kind] if unusual else (), flags)
    for kind, direction, extras, layout, clip, unusual in product(
        GATES, DIRECTIONS, EXTRAS, (0, 1), (None, 0.7), (False, True)
    )
    for flags in (
        {"gru": ({}, {"linear_before_reset": 1}), "lstm": ({}, {"input_forget": 1})}.get(kind, ({},))
    )
]  # fmt: skip


def named(form: OneNode) -> str:
    words = [form.kind, form.direction, "+".join(sorted(form.extras)), *form.flags]
    words += ["batch first"] * form.layout + ["clip"] * (form.clip is not None) + ["unusual"] * bool(form.activations)
    return "-".join(filter(None, words))


def check(form: OneNode, *, atol: float = 1e-5) -> None:
    """Gates and outputs of the rewritten graph against float64, and against the node where onnxruntime has one."""
    model, feeds = form.model()
    before = model.SerializeToString()
    copy = copy_with_scans(model, [form.layer])
    assert model.SerializeToString() == before
    assert not copy.notes
    own, seen = gates_of(copy, feeds)
    for name, value in form.outputs().items():
        assert own[name].dtype == form.dtype
        np.testing.assert_allclose(own[name], value, rtol=1e-5, atol=atol)
    expected = form.gates()
    assert set(seen) == {f"{form.kind}.0.{way}.{gate}" for way, gates in expected.items() for gate in gates}
    for way, gates in expected.items():
        for gate, value in gates.items():
            np.testing.assert_allclose(seen[f"{form.kind}.0.{way}.{gate}"], value, rtol=1e-5, atol=atol)
    if not form.layout and form.dtype is np.float32:  # onnxruntime has no other
        for name, plain in run(before, feeds).items():
            np.testing.assert_allclose(own[name], plain, rtol=1e-5, atol=atol)


@pytest.mark.parametrize("form", FORMS, ids=named)
def test_gates_and_outputs(form: OneNode) -> None:
    check(form)


@pytest.mark.parametrize(
    "activation",
    [("Relu", None, None), ("Tanh", None, None), ("Sigmoid", None, None), ("Affine", 0.6, 0.2),
     ("LeakyRelu", None, None), ("ThresholdedRelu", 0.4, None), ("ScaledTanh", 1.4, 0.6), ("HardSigmoid", None, None),
     ("HardSigmoid", 0.3, 0.4), ("Elu", None, None), ("Elu", 0.5, None), ("Softsign", None, None),
     ("Softplus", None, None)],
    ids=str,
)  # fmt: skip
@pytest.mark.parametrize("place", [("rnn", 0), ("gru", 0), ("gru", 1), ("lstm", 0), ("lstm", 1), ("lstm", 2)], ids=str)
def test_every_activation_in_every_place(activation: tuple, place: tuple[str, int]) -> None:
    kind, at = place
    usual = {"rnn": ["Tanh"], "gru": ["Sigmoid", "Tanh"], "lstm": ["Sigmoid", "Tanh", "Tanh"]}[kind]
    given: list[tuple[str, float | None, float | None]] = [(name, None, None) for name in usual]
    given[at] = activation
    check(OneNode(kind, "bidirectional", clip=1.5, activations=tuple(given)), atol=2e-5)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("opset", [7, 8, 9, 10, 11, 13, 18, 22])
@pytest.mark.parametrize("extras", [frozenset("B"), frozenset({"B", "lengths", "states"})], ids=["B", "lengths"])
def test_every_operator_set(kind: str, opset: int, extras: frozenset[str]) -> None:
    check(OneNode(kind, "bidirectional", opset, extras))


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize(("dtype", "atol"), [(np.float16, 2e-3), (np.float64, 1e-12)])
def test_half_and_double_precision(kind: str, dtype: type, atol: float) -> None:
    form = OneNode(kind, "bidirectional", extras=frozenset({"B", "states", "lengths", "P"}), dtype=dtype)
    check(form, atol=atol)


@pytest.mark.parametrize("kind", GATES)
def test_half_precision_is_rounded_only_where_it_leaves_the_node(kind: str) -> None:
    form = OneNode(kind, dtype=np.float16)
    model, feeds = form.model()
    own, seen = gates_of(copy_with_scans(model, [form.layer]), feeds)
    for gate, value in form.gates()["forward"].items():
        assert seen[f"{kind}.0.forward.{gate}"].dtype == np.float32
        np.testing.assert_allclose(seen[f"{kind}.0.forward.{gate}"], value, atol=1e-5)
    for name, plain in run(model.SerializeToString(), feeds).items():
        np.testing.assert_allclose(own[name].astype(np.float32), plain.astype(np.float32), atol=1e-3)


@pytest.mark.parametrize("kind", GATES)
@pytest.mark.parametrize("layout", [0, 1])
def test_weights_that_come_in_as_inputs(kind: str, layout: int) -> None:
    check(OneNode(kind, "bidirectional", layout=layout, weights_as_inputs=True, extras=frozenset({"B", "P"})))


@pytest.mark.parametrize("kind", GATES)
def test_the_reference_evaluator_runs_the_rewritten_graph_too(kind: str) -> None:
    form = OneNode(kind, extras=frozenset({"B", "lengths"}), clip=0.7)
    model, feeds = form.model()
    evaluated = ReferenceEvaluator(copy_with_scans(model, [form.layer]).model).run(["Y", "Y_h"], feeds)
    for name, value in zip(["Y", "Y_h"], evaluated, strict=True):
        np.testing.assert_allclose(value, form.outputs()[name], atol=1e-5)


@pytest.mark.parametrize("lengths", [[0, 6, 1], [0, 0, 0]])
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("kind", GATES)
def test_sequences_of_no_tokens_leave_nothing(kind: str, direction: str, lengths: list[int]) -> None:
    form = OneNode(kind, direction, extras=frozenset({"B", "lengths", "states"}))
    model, feeds = form.model()
    feeds["lengths"] = np.array(lengths, np.int32)
    own, seen = gates_of(copy_with_scans(model, [form.layer]), feeds)
    for name, plain in run(model.SerializeToString(), feeds).items():
        np.testing.assert_allclose(own[name], plain, atol=1e-5)
    assert all(not value[:, 0].any() for value in seen.values())


@pytest.mark.parametrize(("kind", "activations", "reason"), [("rnn", ["Cube"], "the activation Cube"),
                                                             ("lstm", ["Tanh"], "1 activations of 3")])  # fmt: skip
def test_what_no_specification_knows_is_left_alone_and_said(kind: str, activations: list[str], reason: str) -> None:
    form = OneNode(kind)
    model, _ = form.model()
    model.graph.node[0].attribute.add(name="activations", type=8, strings=[name.encode() for name in activations])
    copy = copy_with_scans(model, [form.layer])
    assert not copy.points
    assert reason in copy.notes[0]
    assert copy.model.graph.node == model.graph.node
