from __future__ import annotations

from pathlib import Path

import onnx
import pytest

from embstudio.anatomy.inside_operators import say_what_is_inside
from embstudio.modelfile.onnx_graph import graph_of

_LOOP = """
<ir_version: 9, opset_import: ["" : 17]>
g (float[b, t, 8] x0, int64 trips, bool go) => (float[b, t, 8] y)
{{
  y = Loop (trips, go, x0) <body = step (int64 i, bool on, float[b, t, 8] x) => (bool still, float[b, t, 8] n) {{
    still = Identity (on)
    {body}
  }}>
}}
"""
_ATTENTION = """
    k = Transpose <perm = [0, 2, 1]> (x)
    s = MatMul (x, k)
    n = If (on) <
        then_branch = yes () => (float[b, t, 8] r) { p = Softmax <axis = -1> (s) r = MatMul (p, x) },
        else_branch = no () => (float[b, t, 8] q) { q = Identity (x) }>
"""


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (_ATTENTION, "There is attention inside 1 Loop, which cannot be opened: its steps depend on the input"),
        ("n = Tanh (x)", "1 Loop with a graph of its own: what happens inside has no points."),
        ("k = Neg (x) s = Softmax (k) n = MatMul (s, x)", "1 Loop with a graph of its own"),
    ],
)
def test_attention_inside_a_loop_is_named(body: str, said: str) -> None:
    graph = graph_of(onnx.parser.parse_model(_LOOP.format(body=body)), Path())
    (sentence,) = say_what_is_inside(graph)
    assert sentence.startswith(said)


def test_operators_without_graphs_inside_are_not_mentioned() -> None:
    text = '<ir_version: 9, opset_import: ["" : 17]> g (float[n] x) => (float[n] y) { y = Abs (x) }'
    assert say_what_is_inside(graph_of(onnx.parser.parse_model(text), Path())) == []
