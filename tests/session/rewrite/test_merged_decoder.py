from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.anatomy.reader import read
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.rewrite.guard import MARK
from embstudio.session.rewrite.open_up import open_up
from tests.session.rewrite.running import is_flat, run


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["opt-merged-gpt2", "opt-s2s-t5-merged"])
def test_one_graph_serves_the_first_step_and_the_next(zoo: Path, name: str) -> None:
    """Held against PyTorch: outputs, caches, every pattern, and the stream up to the last layer."""
    folder = zoo / "_deployed" / name
    stored = np.load(folder / "reference.npz")
    opened = open_up(onnx.load(folder / "model.onnx")).model
    assert is_flat(opened)
    anatomy = read(graph_of(opened, folder))
    own = {value.name for value in opened.graph.output}
    tensors = dict.fromkeys(point.tensor for point in anatomy.points if point.tensor not in own)
    opened.graph.output.extend(onnx.ValueInfoProto(name=tensor) for tensor in tensors)
    for step in ("0", "1"):
        found = run(opened, {value.name: stored[f"{step}.in.{value.name}"] for value in opened.graph.input})
        for key in (key for key in stored.files if key.startswith(f"{step}.out.")):
            np.testing.assert_allclose(found[key.removeprefix(f"{step}.out.")], stored[key], atol=1e-5, err_msg=key)
        for key in (key for key in stored.files if key.startswith(f"{step}.att.")):
            kind, layer = key.split(".")[2:]
            point = "cross_attn" if kind == "cross" else "attn"
            stack = "" if kind == "self" else "decoder."
            pattern = found[anatomy.point(f"{stack}blocks.{layer}.{point}.pattern").tensor]
            np.testing.assert_allclose(pattern[0], stored[key], atol=1e-5, err_msg=key)
        stack, kind = ("", "self") if "gpt2" in name else ("decoder.", "dec")
        stream = found[anatomy.point(f"{stack}blocks.0.resid_post").tensor]
        np.testing.assert_allclose(stream[0], stored[f"{step}.hid.{kind}.1"], atol=1e-5)


@pytest.mark.zoo
def test_the_cache_of_the_cross_attention_may_be_fed_on_or_be_left_empty(zoo: Path) -> None:
    folder = zoo / "_deployed" / "opt-s2s-t5-merged"
    stored = np.load(folder / "reference.npz")
    opened = open_up(onnx.load(folder / "model.onnx")).model
    feeds = {value.name: stored[f"1.in.{value.name}"] for value in opened.graph.input}
    empty = {name: value[:, :, :0] if ".encoder." in name else value for name, value in feeds.items()}
    with_cache, without = run(opened, feeds), run(opened, empty)
    for name, value in with_cache.items():
        np.testing.assert_allclose(without[name], value, atol=1e-5, err_msg=name)
    assert with_cache["present.0.encoder.key"].shape == (1, 4, 7, 8)


@pytest.mark.zoo
def test_two_sequences_at_once(zoo: Path) -> None:
    """Each gives what it gives alone, so the number of sequences is asked of the right tensor."""
    folder = zoo / "_deployed" / "opt-s2s-t5-merged"
    stored = np.load(folder / "reference.npz")
    opened = open_up(onnx.load(folder / "model.onnx")).model
    feeds = {value.name: stored[f"0.in.{value.name}"] for value in opened.graph.input}
    alone = run(opened, feeds)
    both = run(opened, {n: v if n == "use_cache_branch" else np.concatenate([v, v]) for n, v in feeds.items()})
    for name, value in alone.items():
        np.testing.assert_allclose(both[name], np.concatenate([value, value]), atol=1e-5, err_msg=name)


def _merged(first_step: str, grown: str = "whole = Concat <axis = 1> (past, x)") -> onnx.ModelProto:
    """A decoder of one attention over a growing cache, with what the branch for the first step makes of its scores,
    and what the other makes of its cache."""
    return onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17]>
    g (int64[b, t] ids, float[b, p, 4] past, bool[1] use_cache) => (float[b, t, 4] y, float[b, q, 4] present)
    <float[6, 4] table = {{{", ".join(str(np.cos(n * n).round(3)) for n in range(24))}}}>
    {{
      y, present = If (use_cache) <
        then_branch = with_past () => (float[b, t, 4] r, float[b, q, 4] whole) {{
          x = Gather (table, ids)
          {grown}
          k = Transpose <perm = [0, 2, 1]> (whole)
          s = MatMul (x, k)
          p = Softmax <axis = -1> (s)
          r = MatMul (p, whole)
        }},
        else_branch = no_past () => (float[b, t, 4] r, float[b, q, 4] x) {{
          x = Gather (table, ids)
          k = Transpose <perm = [0, 2, 1]> (x)
          s = MatMul (x, k)
          masked = {first_step}
          p = Softmax <axis = -1> (masked)
          r = MatMul (p, x)
        }}>
    }}
    """)


@pytest.mark.parametrize(
    "grown",
    [
        "whole = Concat <axis = 1> (past, x)",
        "c = Cast <to = 1> (past) both = Concat <axis = -2> (c, x) whole = Cast <to = 1> (both)",
    ],
)
def test_halves_that_agree_become_the_one_with_caches(grown: str) -> None:
    model = _merged("Identity (s)", grown)
    opened = open_up(model)
    assert "'use_cache' has no effect any more" in opened.repairs[0]
    numbers = np.random.default_rng(0).standard_normal((1, 3, 4)).astype(np.float32)
    for past, use in ((numbers[:, :0], False), (numbers, True)):
        feeds = {"ids": np.array([[1, 2, 5]]), "past": past, "use_cache": np.array([use])}
        expected, found = run(model, feeds), run(opened.model, feeds)
        for name in ("y", "present"):
            np.testing.assert_allclose(found[name], expected[name], atol=1e-6)


def test_caches_that_are_cast_before_the_branches_read_them() -> None:
    """As converters to half precision leave them; the graph's own inputs and outputs stay in single precision."""
    model = _merged("Identity (s)")
    for node in model.graph.node:
        for given in node.attribute:
            for inner in given.g.node:
                inner.input[:] = ["past_cast" if name == "past" else name for name in inner.input]
    model.graph.node.insert(0, helper.make_node("Cast", ["past"], ["past_cast"], to=TensorProto.FLOAT))
    opened = open_up(model)
    assert "'use_cache' has no effect any more" in opened.repairs[0]
    feeds = {"ids": np.array([[1, 2]]), "past": np.ones((1, 3, 4), np.float32), "use_cache": np.array([True])}
    np.testing.assert_allclose(run(opened.model, feeds)["y"], run(model, feeds)["y"], atol=1e-6)


@pytest.mark.parametrize("linked", [False, True])
def test_weights_in_another_file_are_tried_too(tmp_path: Path, linked: bool) -> None:
    """Beside the model, or linked to as in the cache of the Hugging Face hub; without a folder there is no trial."""
    model = _merged("Identity (s)")
    folder, blobs = tmp_path / "snapshot", tmp_path / "blobs"
    for each in (folder, blobs):
        each.mkdir()
    (table,) = model.graph.initializer
    table.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(table), table.name))  # as bytes, which can move out
    onnx.save_model(
        model, folder / "model.onnx", save_as_external_data=True, location="model.onnx_data", size_threshold=0
    )
    if linked:
        (folder / "model.onnx_data").rename(blobs / "0a1b")
        (folder / "model.onnx_data").symlink_to(blobs / "0a1b")
    stored = onnx.load(folder / "model.onnx", load_external_data=False)
    assert "'use_cache' has no effect any more" in open_up(stored, folder).repairs[0]
    assert "every step takes the whole text" in open_up(stored).repairs[0]


def test_halves_that_disagree_become_the_one_for_the_first_step_behind_a_guard() -> None:
    """As in old exports whose half with caches was traced for one token and has no causal mask."""
    model = _merged("Trilu <upper = 0> (s)")
    opened = open_up(model)
    assert "every step takes the whole text" in opened.repairs[0]
    feeds = {"ids": np.array([[1, 2, 5]]), "past": np.zeros((1, 0, 4), np.float32), "use_cache": np.array([False])}
    np.testing.assert_allclose(run(opened.model, feeds)["y"], run(model, feeds)["y"], atol=1e-6)
    with pytest.raises(Exception, match=MARK):
        run(opened.model, {**feeds, "use_cache": np.array([True])})


def test_caches_that_do_not_simply_grow_leave_the_half_for_the_first_step() -> None:
    """Two caches of a fixed length, the oldest entry of which makes room: not understood, so not used."""
    body = (
        "x = Gather (table, ids) k = Transpose <perm = [0, 2, 1]> ({k}) s = MatMul (x, k) p = Softmax <axis = -1> (s)"
    )
    roll = "{made} = Slice (past_{made}, one, many, one) "
    model = onnx.parser.parse_model(f"""
    <ir_version: 9, opset_import: ["" : 17]>
    g (int64[b, t] ids, float[b, 3, 4] past_u, float[b, 3, 4] past_w, bool c) => (float[b, t, 4] y)
    <float[2, 4] table = {{0.1, 0.2, 0.3, 0.4, 1.0, -1.0, 0.5, -0.5}}>
    {{
      one = Constant <value_ints = [1]> ()
      many = Constant <value_ints = [9]> ()
      y = If (c) <
        then_branch = later () => (float[b, t, 4] r) {{ {roll.format(made="u")} {roll.format(made="w")}
          {body.format(k="u")} r = MatMul (p, w) }},
        else_branch = first () => (float[b, t, 4] r) {{ {body.format(k="x")} r = MatMul (p, x) }}>
    }}
    """)
    opened = open_up(model)
    assert "every step takes the whole text" in opened.repairs[0]
    feeds = {"ids": np.array([[1, 0, 1]]), "c": np.array(False)}
    feeds |= {name: np.ones((1, 3, 4), np.float32) for name in ("past_u", "past_w")}
    np.testing.assert_allclose(run(opened.model, feeds)["y"], run(model, feeds)["y"], atol=1e-6)
