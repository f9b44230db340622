"""Recurrent operators that onnxruntime refuses, after opening up: held against float64 cells."""

from __future__ import annotations

from itertools import product

import numpy as np
import onnx
import pytest

from embstudio.session.rewrite.open_up import open_up
from tests.session.recurrent.one_node import DIRECTIONS, GATES, OneNode, run

FORMS = [
    OneNode(kind, direction, extras=extras, layout=layout, dtype=dtype)
    for kind, direction, extras, (layout, dtype) in product(
        GATES,
        DIRECTIONS,
        (frozenset("B"), frozenset({"B", "lengths", "states", "P"})),
        ((1, np.float32), (0, np.float64), (1, np.float64)),
    )
]


def refused(model: onnx.ModelProto, feeds: dict[str, np.ndarray]) -> bool:
    try:
        run(model.SerializeToString(), feeds)
    except Exception:  # onnxruntime's own, which have no base of theirs
        return True
    return False


@pytest.mark.parametrize(
    "form",
    FORMS,
    ids=lambda form: f"{form.kind}-{form.direction}-{len(form.extras)}-{form.layout}-{form.dtype.__name__}",
)
def test_what_onnxruntime_refuses_runs_once_it_is_opened_up(form: OneNode) -> None:
    model, feeds = form.model()
    assert refused(model, feeds)
    opened = open_up(model)
    assert [node.op_type for node in opened.model.graph.node].count(form.kind.upper()) == 1
    found = run(opened.model.SerializeToString(), feeds)
    for name, value in form.outputs().items():
        assert found[name].dtype == form.dtype
        np.testing.assert_allclose(found[name], value, atol=1e-5)


def test_what_was_done_is_said() -> None:
    turned = open_up(OneNode("gru", layout=1).model()[0])
    assert turned.repairs == (
        "1 GRU with the batch first turned round: onnxruntime runs it with the tokens first only.",
    )
    narrowed = open_up(OneNode("lstm", dtype=np.float64).model()[0])
    assert narrowed.repairs == ("1 LSTM in double precision computed in single precision, the only one that "
                                "onnxruntime has.",)  # fmt: skip


def test_a_node_that_runs_as_it_is_is_left_alone() -> None:
    for form in (OneNode("lstm"), OneNode("gru", dtype=np.float16)):
        model, _ = form.model()
        assert open_up(model).model is model
