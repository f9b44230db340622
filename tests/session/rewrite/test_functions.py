from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

from embstudio.anatomy.reader import read
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.running import assert_same, is_flat, operators, run

_ATTENDING = """
<ir_version: 9, opset_import: ["" : 17, "own" : 1]>
g (float[b, t, 8] x) => (float[b, t, 8] y)
{
  y = own.attend <scale = 0.5> (x)
}
<domain: "own", opset_import: ["" : 17, "own" : 1]>
attend <scale> (x) => (y)
{
  k = Transpose <perm = [0, 2, 1]> (x)
  s = MatMul (x, k)
  f = Constant <value_float : float = @scale> ()
  t = Mul (s, f)
  p = own.soft <axis : int = 2> (t)
  y = MatMul (p, x)
}
<domain: "own", opset_import: ["" : 17]>
soft <axis> (x) => (y) { y = Softmax <axis : int = @axis> (x) }
"""


@pytest.fixture
def x() -> np.ndarray:
    return np.random.default_rng(1).standard_normal((2, 5, 8)).astype(np.float32)


def test_functions_that_call_functions_are_written_out_with_their_attributes(x: np.ndarray) -> None:
    model = onnx.parser.parse_model(_ATTENDING)
    opened = open_up(model)
    assert is_flat(opened.model)
    assert operators(opened.model) == ["Transpose", "MatMul", "Constant", "Mul", "Softmax", "MatMul"]
    assert opened.repairs == ("1 call of the model's own functions written out in place.",)
    assert_same(model, opened.model, {"x": x})
    assert model.functions, "the model that was given stays as it is"


def test_a_function_written_for_an_older_operator_set_is_converted(x: np.ndarray) -> None:
    model = onnx.parser.parse_model("""
    <ir_version: 9, opset_import: ["" : 18, "own" : 1]>
    g (float[b, t, 8] x) => (float[b, t] y) { y = own.negative_mean (x) }
    <domain: "own", opset_import: ["" : 17]>
    negative_mean (x) => (y)
    {
      s = Neg (x)
      y = ReduceMean <axes = [2], keepdims = 0> (s)
    }
    """)
    opened = open_up(model).model
    assert is_flat(opened)
    np.testing.assert_allclose(run(opened, {"x": x})["y"], -x.mean(axis=2), atol=1e-6)


def test_weights_in_another_file_are_not_read(tmp_path: Path, x: np.ndarray) -> None:
    """The inliner never sees them: they keep the place in the file that the model states."""
    weights = np.random.default_rng(2).standard_normal((64, 8, 8)).astype(np.float32)
    model = onnx.parser.parse_model("""
    <ir_version: 9, opset_import: ["" : 17, "own" : 1]>
    g (float[b, t, 8] x) => (float[b, t, 8] y)
    {
      zero = Constant <value = int64 {0}> ()
      w = Gather (stack, zero)
      y = own.project (x, w)
    }
    <domain: "own", opset_import: ["" : 17]>
    project (x, w) => (y) { y = MatMul (x, w) }
    """)
    tensor = TensorProto(name="stack", data_type=TensorProto.FLOAT, dims=weights.shape)
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="weights.bin")
    model.graph.initializer.append(tensor)
    opened = open_up(model).model  # while there is no such file at all
    assert is_flat(opened)
    assert opened.graph.initializer[0] == tensor
    (tmp_path / "weights.bin").write_bytes(weights.tobytes())
    np.testing.assert_allclose(run(opened, {"x": x}, tmp_path)["y"], x @ weights[0], atol=1e-5)


def test_large_weights_and_constants_come_back_as_they_were(x: np.ndarray) -> None:
    model = onnx.parser.parse_model(_ATTENDING)
    table = np.random.default_rng(3).standard_normal((8, 512)).astype(np.float32)
    model.graph.initializer.append(numpy_helper.from_array(table, "table"))
    constant = helper.make_node("Constant", [], ["back"], value=numpy_helper.from_array(table.T.copy()))
    del model.graph.output[:]
    model.graph.node.extend(
        [
            constant,
            helper.make_node("MatMul", ["y", "table"], ["wide"]),
            helper.make_node("MatMul", ["wide", "back"], ["z"]),
        ]
    )
    model.graph.output.append(helper.make_tensor_value_info("z", TensorProto.FLOAT, ["b", "t", 8]))
    opened = open_up(model).model
    assert [tensor.name for tensor in opened.graph.initializer] == ["table"]
    assert [value.name for value in opened.graph.input] == ["x"]
    np.testing.assert_allclose(run(opened, {"x": x})["z"], run(model, {"x": x})["z"], rtol=1e-5)


@pytest.mark.parametrize("version", [23, 24])
def test_attention_of_onnx_is_written_out_inside_a_branch_too(version: int, x: np.ndarray) -> None:
    model = onnx.parser.parse_model(f"""
    <ir_version: 10, opset_import: ["" : {version}]>
    g (float[b, t, 8] x) => (float[b, t, 8] y)
    {{
      first = Constant <value_ints = [0]> ()
      last = Constant <value_ints = [4]> ()
      axis = Constant <value_ints = [2]> ()
      half = Slice (x, first, last, axis)
      always = Constant <value = bool {{1}}> ()
      y = If (always) <
        then_branch = yes () => (float[b, t, 8] r)
          {{ r = Attention <q_num_heads = 4, kv_num_heads = 2, is_causal = 1, softcap = 3.0> (x, half, half) }},
        else_branch = no () => (float[b, t, 8] s) {{ s = Identity (x) }}>
    }}
    """)
    opened = open_up(model).model
    assert is_flat(opened)
    assert "Softmax" in operators(opened)
    assert "Attention" not in operators(opened)
    np.testing.assert_allclose(run(opened, {"x": x})["y"], _grouped(x, heads=4, groups=2, cap=3.0), atol=1e-5)


def _grouped(x: np.ndarray, heads: int, groups: int, cap: float) -> np.ndarray:
    """Causal attention of x with the first half of itself as keys and values, in float64."""
    batch, length, width = x.shape
    size = width // heads
    q = x.astype(np.float64).reshape(batch, length, heads, size).transpose(0, 2, 1, 3)
    k = x[..., : groups * size].astype(np.float64).reshape(batch, length, groups, size).transpose(0, 2, 1, 3)
    k = np.repeat(k, heads // groups, axis=1)
    scores = cap * np.tanh(q @ k.swapaxes(2, 3) / np.sqrt(size) / cap)
    scores = np.where(np.tri(length, dtype=bool), scores, -np.inf)
    pattern = np.exp(scores - scores.max(axis=-1, keepdims=True))
    pattern /= pattern.sum(axis=-1, keepdims=True)
    return (pattern @ k).transpose(0, 2, 1, 3).reshape(x.shape)


def test_a_rotation_that_onnxruntime_refuses_is_said_to_be_repaired() -> None:
    model = onnx.parser.parse_model("""
    <ir_version: 10, opset_import: ["" : 23]>
    g (float[b, 2, t, 4] x, float[1, t, 2] cos, float[1, t, 2] sin) => (float[b, 2, t, 4] y)
    {
      c = Identity (cos)
      s = Identity (sin)
      y = RotaryEmbedding (x, c, s)
    }
    """)
    angles = np.arange(6).reshape(1, 3, 2).astype(np.float32)
    numbers = np.random.default_rng(4).standard_normal((2, 2, 3, 4)).astype(np.float32)
    feeds = {"x": numbers, "cos": np.cos(angles), "sin": np.sin(angles)}
    with pytest.raises(Exception, match="RotaryEmbedding"):
        run(model, feeds)
    opened = open_up(model)
    assert any("onnxruntime refuses a RotaryEmbedding" in said for said in opened.repairs)
    first, second = numbers[..., :2], numbers[..., 2:]
    cos, sin = (feeds[name][:, None] for name in ("cos", "sin"))
    rotated = np.concatenate([first * cos - second * sin, first * sin + second * cos], axis=-1)
    np.testing.assert_allclose(run(opened.model, feeds)["y"], rotated, atol=1e-6)


@pytest.mark.parametrize("which", ["mask", "cache"])
def test_attention_of_onnx_agrees_with_its_reference(which: str) -> None:
    extra = {"mask": "float[t, s] m", "cache": "float[t, s] m, float[b, 2, p, 4] pk, float[b, 2, p, 4] pv"}[which]
    call = {"mask": "y = Attention (q, k, v, m)", "cache": "y, rk, rv = Attention (q, k, v, m, pk, pv)"}[which]
    outputs = "float[b, 2, t, 4] y" + {"mask": "", "cache": ", float[b, 2, s, 4] rk, float[b, 2, s, 4] rv"}[which]
    model = onnx.parser.parse_model(f"""
    <ir_version: 10, opset_import: ["" : 23]>
    g (float[b, 2, t, 4] q, float[b, 2, u, 4] k, float[b, 2, u, 4] v, {extra}) => ({outputs}) {{ {call} }}
    """)
    numbers = np.random.default_rng(5)
    made = {name: numbers.standard_normal((1, 2, 3, 4)).astype(np.float32) for name in ("q", "k", "v", "pk", "pv")}
    made["m"] = numbers.standard_normal((3, 6 if which == "cache" else 3)).astype(np.float32)
    feeds = {value.name: made[value.name] for value in model.graph.input}
    names = [value.name for value in model.graph.output]
    expected = dict(zip(names, ReferenceEvaluator(model).run(names, feeds), strict=True))
    found = run(open_up(model).model, feeds)
    for name in names:
        np.testing.assert_allclose(found[name], expected[name], atol=1e-5)


@pytest.mark.zoo
@pytest.mark.parametrize("step", ["0", "1"])
def test_every_export_of_operator_set_23_runs_and_gives_what_pytorch_gives(zoo: Path, step: str) -> None:
    """Two sequences at once (step 1) are what onnxruntime refuses of the rotary ones as they are."""
    files = sorted(zoo.glob("*-dyn23-sdpa/model.onnx"))
    assert len(files) > 10
    for file in files:
        stored = np.load(zoo / f"{file.parent.name.removesuffix('-dyn23-sdpa')}-ref" / "reference.npz")
        opened = open_up(onnx.load(file)).model
        anatomy = read(graph_of(opened, file.parent))
        own = [value.name for value in opened.graph.output]
        tensors = dict.fromkeys(point.tensor for point in anatomy.points if point.tensor not in own)
        opened.graph.output.extend(onnx.ValueInfoProto(name=tensor) for tensor in tensors)
        found = run(opened, {value.name: stored[f"{step}.{value.name}"] for value in opened.graph.input})
        np.testing.assert_allclose(found[own[0]], stored[f"{step}.out"], atol=1e-4, err_msg=file.parent.name)
        patterns = [name for name in stored.files if name.startswith(f"{step}.att.")]
        assert sum(point.name.endswith("pattern") for point in anatomy.points) == len(patterns) > 0
        for name in patterns:
            assert _nearest(found.values(), stored[name]) <= 1e-4, (file.parent.name, name)


def _nearest(values: Iterable[np.ndarray], wanted: np.ndarray) -> float:
    same_shape = [value for value in values if value.shape == wanted.shape]
    return min((float(np.abs(value - wanted).max()) for value in same_shape), default=np.inf)


@pytest.mark.parametrize("branch", [False, True])
@pytest.mark.parametrize("ranks", [3, 4])
def test_attention_behind_an_operator_that_onnx_does_not_know(ranks: int, branch: bool, x: np.ndarray) -> None:
    """onnx cannot tell the types there, for which the function is written; onnxruntime can."""
    split = "s = Constant <value_ints = [0, 0, 2, 4]> () u = Reshape (g, s) h = Transpose <perm = [0, 2, 1, 3]> (u)"
    join = "v = Transpose <perm = [0, 2, 1, 3]> (a) e = Constant <value_ints = [0, 0, 8]> () y = Reshape (v, e)"
    body = {
        3: "h = Identity (g) y = Attention <q_num_heads = 2, kv_num_heads = 2> (h, h, h)",
        4: f"{split} a = Attention (h, h, h) {join}",
    }[ranks]
    inner = f"g = com.microsoft.FastGelu (x) {body}"
    if branch:
        inner = f"""
        yes = Constant <value = bool {{1}}> ()
        y = If (yes) <
            then_branch = a () => (float[b, t, 8] y_a) {{ {inner.replace("y =", "y_a =")} }},
            else_branch = b () => (float[b, t, 8] y_b) {{ y_b = Identity (x) }}>
        """
    model = onnx.parser.parse_model(f"""
    <ir_version: 10, opset_import: ["" : 23, "com.microsoft" : 1]>
    g (float[b, t, 8] x) => (float[b, t, 8] y) {{ {inner} }}
    """)
    opened = open_up(model).model
    assert "Softmax" in operators(opened)
    assert_same(model, opened, {"x": x})


@pytest.mark.parametrize(
    "modified", ["", "<score_mod = mod (float[b, h, t, s] c) => (float[b, h, t, s] o) { o = Tanh (c) }>"]
)
def test_flex_attention_which_onnxruntime_lacks_agrees_with_its_reference(modified: str) -> None:
    """With what it does to its scores, which is a graph inside the operator."""
    model = onnx.parser.parse_model(f"""
    <ir_version: 10, opset_import: ["" : 23, "ai.onnx.preview" : 1]>
    g (float[b, 2, t, 4] x) => (float[b, 2, t, 4] y) {{ y = ai.onnx.preview.FlexAttention {modified} (x, x, x) }}
    """)
    feeds = {"x": np.random.default_rng(6).standard_normal((1, 2, 3, 4)).astype(np.float32)}
    with pytest.raises(Exception, match="FlexAttention"):
        run(model, feeds)
    opened = open_up(model)
    assert "Repaired: onnxruntime has no FlexAttention; written out, the model runs." in opened.repairs
    expected = ReferenceEvaluator(model).run(["y"], feeds)[0]
    np.testing.assert_allclose(run(opened.model, feeds)["y"], expected, atol=1e-6)
