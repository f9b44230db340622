from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, numpy_helper

from embstudio.anatomy.reader import read
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.running import assert_same, is_flat, operators, run

# One layer of attention with a weight of its own: x, w → n.
_LAYER = """
    q = MatMul (x, w)
    k = Transpose <perm = [0, 2, 1]> (x)
    s = MatMul (q, k)
    p = Softmax <axis = -1> (s)
    z = MatMul (p, x)
    n = Add (x, z)
"""
_LAYERS = 3


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((2, 5, 8)).astype(np.float32)


@pytest.fixture
def stack() -> np.ndarray:
    return (0.2 * np.random.default_rng(2).standard_normal((_LAYERS, 8, 8))).astype(np.float32)


def _layers(x: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The layers one after the other, in float64."""
    stream = x.astype(np.float64)
    for weight in weights:
        scores = stream @ weight @ stream.swapaxes(1, 2)
        pattern = np.exp(scores - scores.max(axis=-1, keepdims=True))
        stream = stream + pattern / pattern.sum(axis=-1, keepdims=True) @ stream
    return stream


def _with(model: onnx.ModelProto, **weights: np.ndarray) -> onnx.ModelProto:
    model.graph.initializer.extend(numpy_helper.from_array(value, name) for name, value in weights.items())
    return model


@pytest.mark.parametrize("opset", [11, 13, 17, 21])
@pytest.mark.parametrize("backwards", [0, 1])
@pytest.mark.parametrize("axis", [0, 1, -1])
def test_a_scan_over_stacked_weights(opset: int, backwards: int, axis: int, x: np.ndarray, stack: np.ndarray) -> None:
    """Any axis of stacked weights, forwards or backwards; a state that goes through; a result of every step."""
    model = _with(
        onnx.parser.parse_model(f"""
    <ir_version: 7, opset_import: ["" : {opset}]>
    g (float[b, t, 8] x0) => (float[b, t, 8] y, float[b, t, 8] kept, float[b, t, l, 8] steps)
    {{
      y, kept, steps = Scan <num_scan_inputs = 1, scan_input_axes = [{axis}], scan_input_directions = [{backwards}],
                             scan_output_axes = [2], scan_output_directions = [{1 - backwards}],
        body = layer (float[b, t, 8] x, float[b, t, 8] old, float[8, 8] w)
               => (float[b, t, 8] n, float[b, t, 8] same, float[b, t, 8] z)
        <float two = {{2.0}}> {{ {_LAYER.replace("z = MatMul (p, x)", "h = MatMul (p, x) z = Mul (h, two)")}
           same = Identity (old) }}> (x0, x0, stack)
    }}
    """),
        stack=np.ascontiguousarray(np.moveaxis(stack, 0, axis)),
    )
    opened = open_up(model)
    assert is_flat(opened.model)
    assert opened.repairs == ("A Scan over 3 steps with attention inside is written out step by step.",)
    assert_same(model, opened.model, {"x0": x})
    onnx.checker.check_model(opened.model)


def test_layers_of_a_scan_get_weights_of_their_own(x: np.ndarray, stack: np.ndarray) -> None:
    model = _with(
        onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17]>
    g (float[b, t, 8] x0) => (float[b, t, 8] y)
    {{ y = Scan <num_scan_inputs = 1, body = layer (x, w) => (n) {{ {_LAYER} }}> (x0, stack) }}
    """),
        stack=stack,
    )
    model.graph.node[0].name = "layers"
    opened = open_up(model).model
    assert [tensor.name for tensor in opened.graph.initializer] == [f"layers.{step}/w" for step in range(_LAYERS)]
    for tensor, weight in zip(opened.graph.initializer, stack, strict=True):
        np.testing.assert_array_equal(numpy_helper.to_array(tensor), weight)
    patterns = [node.output[0] for node in opened.graph.node if node.op_type == "Softmax"]
    assert patterns == ["layers.0/p", "layers.1/p", "layers.2/p"]
    np.testing.assert_allclose(run(opened, {"x0": x})["y"], _layers(x, stack), rtol=1e-4)


def test_stacked_weights_in_another_file_stay_there(tmp_path: Path, x: np.ndarray, stack: np.ndarray) -> None:
    """Each layer's is a stretch of the same file, before there even is one."""
    model = onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17]>
    g (float[b, t, 8] x0) => (float[b, t, 8] y)
    {{ y = Scan <num_scan_inputs = 1, body = layer (x, w) => (n) {{ {_LAYER} }}> (x0, stack) }}
    """)
    tensor = TensorProto(name="stack", data_type=TensorProto.FLOAT, dims=stack.shape)
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in {"location": "w.bin", "offset": "64", "length": str(stack.nbytes)}.items():
        tensor.external_data.add(key=key, value=value)
    model.graph.initializer.append(tensor)
    opened = open_up(model).model
    (tmp_path / "w.bin").write_bytes(bytes(64) + stack.tobytes())
    assert len(opened.graph.initializer) == _LAYERS
    np.testing.assert_allclose(run(opened, {"x0": x}, tmp_path)["y"], _layers(x, stack), rtol=1e-4)


_LOOP = """
<ir_version: 9, opset_import: ["" : 17]>
g (float[b, t, 8] x0, int64 given) => (float[b, t, 8] y, float[l, b, t, 8] steps)
{{
  three = Constant <value = int64 {{3}}> ()
  many = Constant <value = int64 {{9223372036854775807}}> ()
  yes = Constant <value = bool {{1}}> ()
  y, steps = Loop ({trips}, {condition}, x0) <body = layer (int64 i, bool go, float[b, t, 8] x)
                                                     => (bool still, float[b, t, 8] n, float[b, t, 8] z) {{
    w = Gather (stack, i)
    {layer}
    {still}
  }}>
}}
"""


@pytest.mark.parametrize(
    ("trips", "condition", "still"),
    [
        ("three", "yes", "still = Identity (go)"),
        ("three", "", "still = Identity (yes)"),
        ("many", "yes", "one = Constant <value = int64 {1}> () after = Add (i, one) still = Less (after, three)"),
    ],
)
def test_a_loop_of_a_fixed_number_of_steps(
    trips: str, condition: str, still: str, x: np.ndarray, stack: np.ndarray
) -> None:
    """By its trip count, or by a condition that follows from the number of the step."""
    text = _LOOP.format(trips=trips, condition=condition, layer=_LAYER, still=still)
    model = _with(onnx.parser.parse_model(text), stack=stack)
    opened = open_up(model)
    assert is_flat(opened.model)
    assert opened.repairs == ("A Loop of 3 steps with attention inside is written out step by step.",)
    feeds = {"x0": x, "given": np.array(1)}
    assert_same(model, opened.model, feeds)
    np.testing.assert_allclose(run(opened.model, feeds)["y"], _layers(x, stack), rtol=1e-4)
    assert len(opened.model.graph.initializer) == _LAYERS, "each layer's weight is one of its own"


@pytest.mark.parametrize(
    ("trips", "condition", "still"),
    [
        ("given", "yes", "still = Identity (go)"),
        ("three", "yes", "still = Less (i, given)"),
        ("many", "yes", "still = Identity (go)"),
    ],
)
def test_a_loop_whose_length_depends_on_the_input_is_left_alone(
    trips: str, condition: str, still: str, stack: np.ndarray
) -> None:
    text = _LOOP.format(trips=trips, condition=condition, layer=_LAYER, still=still)
    model = _with(onnx.parser.parse_model(text), stack=stack)
    opened = open_up(model)
    assert opened.model is model
    assert opened.repairs == ()


def test_a_loop_without_attention_is_left_alone(x: np.ndarray) -> None:
    """A recurrent layer written as a Loop would become a graph as long as the text."""
    model = onnx.parser.parse_model("""
    <ir_version: 9, opset_import: ["" : 17]>
    g (float[b, t, 8] x0) => (float[b, t, 8] y)
    {
      three = Constant <value = int64 {3}> ()
      yes = Constant <value = bool {1}> ()
      y = Loop (three, yes, x0) <body = step (int64 i, bool go, float[b, t, 8] x) => (bool still, float[b, t, 8] n) {
        still = Identity (go)
        h = Tanh (x)
        n = Mul (h, x)
      }>
    }
    """)
    assert open_up(model).model is model


def test_operators_inside_one_another_are_opened_from_the_outside(x: np.ndarray, stack: np.ndarray) -> None:
    """A Scan inside a branch, whose body chooses by a constant between layers that are functions."""
    model = _with(
        onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17, "own" : 1]>
    g (float[b, t, 8] x0) => (float[b, t, 8] y)
    {{
      no = Constant <value = bool {{0}}> ()
      y = If (no) <
        then_branch = plain () => (float[b, t, 8] r) {{ r = Identity (x0) }},
        else_branch = deep () => (float[b, t, 8] r) {{
          r = Scan <num_scan_inputs = 1, body = layer (x, w) => (n) {{
            n = If (no) <
              then_branch = skip () => (float[b, t, 8] m) {{ m = Identity (x) }},
              else_branch = take () => (float[b, t, 8] m) {{ m = own.layer (x, w) }}>
          }}> (x0, stack)
        }}>
    }}
    <domain: "own", opset_import: ["" : 17]>
    layer (x, w) => (n) {{ {_LAYER} }}
    """),
        stack=stack,
    )
    opened = open_up(model).model
    assert is_flat(opened)
    assert operators(opened).count("Softmax") == _LAYERS
    np.testing.assert_allclose(run(opened, {"x0": x})["y"], _layers(x, stack), rtol=1e-4)


def test_a_scan_that_would_become_enormous_is_left_alone() -> None:
    weights = np.zeros((300, 8, 8), np.float32)
    model = _with(
        onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17]>
    g (float[b, t, 8] x0) => (float[b, t, 8] y)
    {{ y = Scan <num_scan_inputs = 1, body = layer (x, w) => (n) {{ {_LAYER} }}> (x0, stack) }}
    """),
        stack=weights,
    )
    assert open_up(model).model is model


@pytest.mark.zoo
def test_layers_in_a_scan_show_what_pytorch_has(zoo: Path) -> None:
    folder = zoo / "_deployed" / "sub-scan-layers"
    stored = np.load(folder / "reference.npz")
    opened = open_up(onnx.load(folder / "model.onnx")).model
    anatomy = read(graph_of(opened, folder))
    assert len(anatomy.blocks) == 3
    wanted = [anatomy.point(f"blocks.{layer}.attn.pattern").tensor for layer in range(3)]
    wanted += [anatomy.point(f"blocks.{layer}.resid_post").tensor for layer in range(3)]
    opened.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    found = run(opened, {"input_ids": stored["0.in.input_ids"]})
    np.testing.assert_allclose(found["logits"], stored["0.out.logits"], atol=1e-4)
    for layer in range(3):
        np.testing.assert_allclose(found[wanted[layer]][0], stored[f"0.att.self.{layer}"], atol=1e-5)
        np.testing.assert_allclose(found[wanted[3 + layer]][0], stored[f"0.hid.self.{layer + 1}"], atol=1e-4)


def test_what_depends_on_the_number_of_the_step_is_decided_in_each(x: np.ndarray, stack: np.ndarray) -> None:
    """The first layer is not causal, the others are, and a Softmax may be inside a branch of its own."""
    body = _LAYER.replace("p = Softmax <axis = -1> (s)", """
        zero = Constant <value = int64 {0}> ()
        first = Equal (i, zero)
        p = If (first) <
            then_branch = all () => (float[b, t, t] r) { r = Softmax <axis = -1> (s) },
            else_branch = lower () => (float[b, t, t] r) { m = Trilu <upper = 0> (s) r = Softmax <axis = -1> (m) }>
    """)  # fmt: skip
    text = _LOOP.format(trips="three", condition="yes", layer=body, still="still = Identity (go)")
    model = _with(onnx.parser.parse_model(text), stack=stack)
    opened = open_up(model).model
    assert is_flat(opened)
    assert operators(opened).count("Trilu") == _LAYERS - 1
    assert_same(model, opened, {"x0": x, "given": np.array(1)})


def test_a_counter_that_the_loop_carries_along(x: np.ndarray, stack: np.ndarray) -> None:
    """As TensorFlow's while loops come: the trip count is a limit only, the counter a state of the loop's own."""
    model = _with(
        onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 15]>
    g (float[b, t, 8] x0) => (int32 last, float[b, t, 8] y)
    {{
      most = Constant <value = int64 {{10}}> ()
      start = Constant <value = int32 {{0}}> ()
      three = Constant <value = int32 {{3}}> ()
      begins = Less (start, three)
      last, y = Loop (most, begins, start, x0) <
        body = layer (int64 trip, bool go, int32 i, float[b, t, 8] x) => (bool still, int32 j, float[b, t, 8] n) {{
          one = Constant <value = int32 {{1}}> ()
          j = Add (i, one)
          still = Less (j, three)
          w = Gather (stack, i)
          {_LAYER}
      }}>
    }}
    """),
        stack=stack,
    )
    opened = open_up(model).model
    assert is_flat(opened)
    assert_same(model, opened, {"x0": x})
    np.testing.assert_allclose(run(opened, {"x0": x})["y"], _layers(x, stack), rtol=1e-4)


def test_steps_from_token_to_token_are_not_layers(x: np.ndarray) -> None:
    """A recurrent network that attends to the whole text at each token, of a fixed length: Scan and Loop."""
    attend = """
        scores = MatMul (memory, h)
        p = Softmax <axis = 1> (scores)
        t = Transpose <perm = [0, 2, 1]> (p)
        read = MatMul (t, memory)
        turned = Transpose <perm = [0, 2, 1]> (read)
        sum = Add (turned, token)
        n = Tanh (sum)
    """
    scan = onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17]>
    g (float[1, 5, 8] memory, float[5, 1, 8, 1] tokens, float[1, 8, 1] h0) => (float[1, 8, 1] last)
    {{ last = Scan <num_scan_inputs = 1, body = step (h, token) => (n) {{ {attend} }}> (h0, tokens) }}
    """)
    loop = onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17]>
    g (float[1, 5, 8] memory, float[5, 1, 8, 1] tokens, float[1, 8, 1] h0) => (float[1, 8, 1] last)
    {{
      five = Constant <value = int64 {{5}}> ()
      yes = Constant <value = bool {{1}}> ()
      last = Loop (five, yes, h0) <body = step (int64 i, bool go, float[1, 8, 1] h) => (bool still, float[1, 8, 1] n) {{
        still = Identity (go)
        token = Gather (tokens, i)
        {attend}
      }}>
    }}
    """)
    for model in (scan, loop):
        assert open_up(model).model is model


def test_layers_with_a_cache_of_their_own_are_layers(x: np.ndarray, stack: np.ndarray) -> None:
    """Stacked caches come from the input, beside stacked weights; what each layer returns is stacked again."""
    model = _with(
        onnx.parser.parse_model("""
    <ir_version: 9, opset_import: ["" : 17]>
    g (float[b, t, 8] x0, float[3, b, s, 8] past) => (float[b, t, 8] y, float[3, b, u, 8] present)
    {
      y, present = Scan <num_scan_inputs = 2, body = layer (x, w, old) => (n, whole) {
        q = MatMul (x, w)
        whole = Concat <axis = 1> (old, x)
        k = Transpose <perm = [0, 2, 1]> (whole)
        s = MatMul (q, k)
        p = Softmax <axis = -1> (s)
        z = MatMul (p, whole)
        n = Add (x, z)
      }> (x0, stack, past)
    }
    """),
        stack=stack,
    )
    opened = open_up(model).model
    assert is_flat(opened)
    assert_same(model, opened, {"x0": x, "past": np.ones((3, 2, 4, 8), np.float32)})
    assert_same(model, opened, {"x0": x, "past": np.ones((3, 2, 0, 8), np.float32)})
