from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from embstudio.anatomy.reader import read
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.rewrite.guard import MARK
from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.running import assert_same, is_flat, operators, run

_HEADER = '<ir_version: 9, opset_import: ["" : 17]>\n'


def _attend(source: str, result: str, number: int = 0) -> str:
    """Attention of a tensor with itself, in ONNX's text form."""
    return f"""
        k{number} = Transpose <perm = [0, 2, 1]> ({source})
        s{number} = MatMul ({source}, k{number})
        p{number} = Softmax <axis = -1> (s{number})
        {result} = MatMul (p{number}, {source})
    """


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((2, 5, 8)).astype(np.float32)


@pytest.mark.parametrize("flag", [0, 1])
def test_a_constant_condition_leaves_the_branch_it_takes(flag: int, x: np.ndarray) -> None:
    """With what a branch takes from around it, its own weights, and a tensor that it hands through."""
    model = onnx.parser.parse_model(f"""{_HEADER}
    g (float[b, t, 8] x) => (float[b, t, 8] y, float[b, t, 8] again, float[b, t, 8] double)
    {{
      zero = Constant <value = int64 {{{flag}}}> ()
      c = Cast <to = 9> (zero)
      double = Add (x, x)
      y, again = If (c) <
        then_branch = attending () => (float[b, t, 8] r, float[b, t, 8] q)
          <float w = {{2.0}}> {{ q = Identity (x) scaled = Mul (double, w) {_attend("scaled", "r")} }},
        else_branch = plain () => (float[b, t, 8] s, float[b, t, 8] r) {{ s = Neg (x) r = Abs (s) }}>
    }}
    """)
    opened = open_up(model)
    assert is_flat(opened.model)
    assert ("Softmax" in operators(opened.model)) == bool(flag)
    assert opened.repairs == ("1 If whose condition does not depend on the input gave way to the branch it takes.",)
    assert_same(model, opened.model, {"x": x})
    onnx.checker.check_model(opened.model, full_check=True)


def test_names_that_both_branches_and_the_graph_use_stay_apart(x: np.ndarray) -> None:
    """Two Ifs one after the other with the same names inside: the second copy says which branch it comes from."""
    branch = f"same () => (float[b, t, 8] r) {{ {_attend('x', 'r')} }}"
    model = onnx.parser.parse_model(f"""{_HEADER}
    g (float[b, t, 8] x) => (float[b, t, 8] y)
    {{
      yes = Constant <value = bool {{1}}> ()
      a = If (yes) <then_branch = {branch}, else_branch = {branch}>
      b = If (yes) <then_branch = {branch}, else_branch = {branch}>
      y = Add (a, b)
    }}
    """)
    opened = open_up(model).model
    softmaxes = {node.output[0] for node in opened.graph.node if node.op_type == "Softmax"}
    assert softmaxes == {"p0", "same/p0"}
    assert_same(model, opened, {"x": x})


def test_branches_inside_branches_that_follow_from_a_fixed_length(x: np.ndarray) -> None:
    """The width is fixed and the length is not: Shape as a whole is not known, the entry that is asked for is."""
    model = onnx.parser.parse_model(f"""{_HEADER}
    g (float[b, t, 8] x) => (float[b, t, 8] y)
    {{
      lengths = Shape (x)
      place = Constant <value = int64 {{2}}> ()
      width = Gather (lengths, place)
      eight = Constant <value = int64 {{8}}> ()
      is_eight = Equal (width, eight)
      y = If (is_eight) <
        then_branch = outer () => (float[b, t, 8] r) {{
          less = Less (width, eight)
          r = If (less) <
            then_branch = narrow () => (float[b, t, 8] n) {{ n = Identity (x) }},
            else_branch = wide () => (float[b, t, 8] w) {{ {_attend("x", "w")} }}>
        }},
        else_branch = other () => (float[b, t, 8] s) {{ s = Neg (x) }}>
    }}
    """)
    opened = open_up(model)
    assert is_flat(opened.model)
    assert opened.repairs[0].startswith("2 If")
    assert not any(MARK in node.name for node in opened.model.graph.node)
    assert_same(model, opened.model, {"x": x})


@pytest.mark.parametrize(("most", "shown"), [(100, True), (8, False)])
def test_a_condition_on_the_length_is_guarded(most: int, shown: bool, x: np.ndarray) -> None:
    """Opened up for what ordinary texts take; another length must not get numbers of a branch that it does not take."""
    model = onnx.parser.parse_model(f"""{_HEADER}
    g (float[b, t, 8] x) => (float[b, t, 8] y)
    {{
      lengths = Shape <start = 1, end = 2> (x)
      long = Constant <value_ints = [{most}]> ()
      c = Less (lengths, long)
      y = If (c) <
        then_branch = short () => (float[b, t, 8] r) {{ {_attend("x", "r", 1)} }},
        else_branch = windows () => (float[b, t, 8] s) {{ {_attend("x", "s", 2)} }}>
    }}
    """)
    opened = open_up(model)
    assert is_flat(opened.model)
    assert ("p1" in {name for node in opened.model.graph.node for name in node.output}) == shown
    assert "chooses between two computations by 'c'" in opened.repairs[0]
    short, long = ({"x": np.ones((1, length, 8), np.float32)} for length in (most - 1, most))
    assert_same(model, opened.model, short if shown else long)
    with pytest.raises(Exception, match=MARK):
        run(opened.model, long if shown else short)


def test_a_flag_that_is_not_set_is_what_a_model_is_opened_up_for(x: np.ndarray) -> None:
    model = onnx.parser.parse_model(f"""{_HEADER}
    g (float[b, t, 8] x, bool training) => (float[b, t, 8] y)
    {{
      y = If (training) <
        then_branch = on () => (float[b, t, 8] r) {{ {_attend("x", "r", 1)} }},
        else_branch = off () => (float[b, t, 8] s) {{ {_attend("x", "s", 2)} }}>
    }}
    """)
    opened = open_up(model).model
    assert "p2" in {name for node in opened.graph.node for name in node.output}
    assert_same(model, opened, {"x": x, "training": np.array(False)})


def test_a_branch_without_anything_to_see_is_left_alone(x: np.ndarray) -> None:
    model = onnx.parser.parse_model(f"""{_HEADER}
    g (float[b, t, 8] x, bool c) => (float[b, t, 8] y)
    {{
      y = If (c) <
        then_branch = a () => (float[b, t, 8] r) {{ r = Abs (x) }},
        else_branch = b () => (float[b, t, 8] s) {{ s = Neg (x) }}>
    }}
    """)
    opened = open_up(model)
    assert opened.model is model
    assert opened.repairs == ()


def test_what_a_branch_captures_is_renamed_inside_its_own_graphs_too(x: np.ndarray) -> None:
    """A Loop of unknown length in the branch reads a tensor whose name was taken outside."""
    model = onnx.parser.parse_model(f"""{_HEADER}
    g (float[b, t, 8] x, int64 n) => (float[b, t, 8] y)
    {{
      yes = Constant <value = bool {{1}}> ()
      first = If (yes) <
        then_branch = one () => (float[b, t, 8] r) {{ half = Neg (x) {_attend("half", "r")} }},
        else_branch = no () => (float[b, t, 8] s) {{ s = Identity (x) }}>
      y = If (yes) <
        then_branch = two () => (float[b, t, 8] r) {{
          half = Abs (first)
          r = Loop (n, yes, x) <body = again (int64 i, bool go, float[b, t, 8] state)
                                       => (bool still, float[b, t, 8] next) {{
            still = Identity (go)
            next = Add (state, half)
          }}>
        }},
        else_branch = no () => (float[b, t, 8] s) {{ s = Identity (x) }}>
    }}
    """)
    opened = open_up(model).model
    assert "If" not in operators(opened)
    assert_same(model, opened, {"x": x, "n": np.array(3)})


@pytest.mark.zoo
def test_the_branch_that_a_text_takes_shows_its_layers(zoo: Path) -> None:
    folder = zoo / "_deployed" / "sub-if-shape"
    stored = np.load(folder / "reference.npz")
    opened = open_up(onnx.load(folder / "model.onnx")).model
    anatomy = read(graph_of(opened, folder))
    wanted = [anatomy.point(f"blocks.{layer}.attn.pattern").tensor for layer in range(3)]
    wanted += [anatomy.point(f"blocks.{layer}.resid_post").tensor for layer in range(3)]
    opened.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    found = run(opened, {"input_ids": stored["0.in.input_ids"]})
    np.testing.assert_allclose(found["logits"], stored["0.out.logits"], atol=1e-4)
    for layer in range(3):
        np.testing.assert_allclose(found[wanted[layer]][0], stored[f"0.att.self.{layer}"], atol=1e-5)
        np.testing.assert_allclose(found[wanted[3 + layer]][0], stored[f"0.hid.self.{layer + 1}"], atol=1e-4)
