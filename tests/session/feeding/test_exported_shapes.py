"""Real exports whose shapes were fixed, or left open, in other ways: what they say must stay the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import numpy_helper

from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Trace

IDS = (5, 17, 8, 44)


def reshaped(source: Path, target: Path, change: Callable[[str, list], None]) -> Runner:
    """The model with the shapes of its inputs changed by `change(name, dimensions)`, opened."""
    model = onnx.load(source)
    for value in model.graph.input:
        change(value.name, list(value.type.tensor_type.shape.dim))
    del model.graph.value_info[:]
    for value in model.graph.output:
        for size in value.type.tensor_type.shape.dim:
            if not size.HasField("dim_value"):
                size.dim_param = ""
    path = target / "model.onnx"
    onnx.save(model, path)
    return Runner.open(ModelRef(path))


def trace(runner: Runner, ids: tuple[int, ...] = IDS, cached: int = 0) -> Trace:
    return runner.trace(TraceRequest(runner.opened.model, ids=ids, cached=cached))


def same(one: Trace, other: Trace) -> None:
    assert [token.id for token in one.tokens] == [token.id for token in other.tokens]
    assert list(one.arrays) == list(other.arrays)
    for name, array in one.arrays.items():
        if not name.endswith("scores"):  # hidden ones are as low as the length of the row lets them be
            np.testing.assert_allclose(array.values, other[name].values, atol=2e-5, err_msg=name)


def test_padding_behind_a_mask_changes_nothing_and_is_not_shown(data: Path, tmp_path: Path) -> None:
    source = data / "bert-ts-sdpa" / "model.onnx"

    def fix(_name: str, sizes: list) -> None:
        sizes[0].dim_value, sizes[1].dim_value = 1, 12

    runner = reshaped(source, tmp_path, fix)
    padded = trace(runner)
    assert any("8 padding tokens" in note for note in padded.notes)
    same(padded, trace(Runner.open(ModelRef(source))))
    assert all(finding.holds for finding in runner.opened.findings)


@pytest.mark.zoo
def test_padding_that_no_token_sees_is_not_shown(zoo: Path, tmp_path: Path) -> None:
    source = zoo / "t5-full-ts-sdpa" / "model.onnx"

    def fix(name: str, sizes: list) -> None:
        sizes[0].dim_value, sizes[1].dim_value = 1, 7 if name == "decoder_input_ids" else 12

    ids, second = (5, 17, 8), (0, 44)
    padded, plain = (
        runner.trace(TraceRequest(runner.opened.model, ids=ids, second_ids=second))
        for runner in (reshaped(source, tmp_path, fix), Runner.open(ModelRef(source)))
    )
    assert (len(padded.tokens), len(padded.target)) == (3, 2)
    assert any("none of the tokens before them sees" in note for note in padded.notes)
    same(padded, plain)


def test_padding_that_tokens_see_is_shown(data: Path, tmp_path: Path) -> None:
    model = onnx.load(data / "bert-ts-sdpa" / "model.onnx")
    (mask,) = (value for value in model.graph.input if value.name == "attention_mask")
    model.graph.input.remove(mask)
    model.graph.initializer.append(numpy_helper.from_array(np.ones((1, 6), np.int64), "attention_mask"))
    for value in model.graph.input:
        for size, length in zip(value.type.tensor_type.shape.dim, (1, 6), strict=True):
            size.dim_value = length
    onnx.save(model, tmp_path / "model.onnx")
    shown = trace(Runner.open(ModelRef(tmp_path / "model.onnx")))
    assert [token.id for token in shown.tokens] == [*IDS, 0, 0]
    assert any("which the model reads like the others" in note for note in shown.notes)


def test_the_first_of_a_fixed_batch_is_shown(data: Path, tmp_path: Path) -> None:
    source = data / "bert-ts-sdpa" / "model.onnx"

    def fix(_name: str, sizes: list) -> None:
        sizes[0].dim_value = 3

    several = trace(reshaped(source, tmp_path, fix))
    assert any("3 sequences at a time" in note for note in several.notes)
    one = trace(Runner.open(ModelRef(source)))
    for name in one.points("resid_post"):
        np.testing.assert_allclose(several[name].values, one[name].values, atol=2e-5, err_msg=name)


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["opt-past-gpt2", "opt-past-llama", "genai-llama-fp32", "opt-merged-gpt2"])
def test_sizes_of_a_cache_that_its_input_leaves_open(zoo: Path, tmp_path: Path, name: str) -> None:
    folder = zoo / "_deployed" / name

    def open_up(_name: str, sizes: list) -> None:
        for place, size in enumerate(sizes):
            size.dim_param = f"{_name}{place}"

    for beside in folder.glob("*.data"):
        (tmp_path / beside.name).write_bytes(beside.read_bytes())
    runner = reshaped(folder / "model.onnx", tmp_path, open_up)
    plain = Runner.open(ModelRef(folder / "model.onnx"))
    same(trace(runner), trace(plain))
    same(trace(runner, cached=2), trace(plain, cached=2))


@pytest.mark.zoo
def test_a_model_of_one_token_at_a_time_reads_the_others_into_its_cache(zoo: Path, tmp_path: Path) -> None:
    def fix(name: str, sizes: list) -> None:
        if name in ("input_ids", "position_ids"):
            sizes[1].dim_value = 1

    source = zoo / "_deployed" / "opt-past-gpt2" / "model.onnx"
    one = trace(reshaped(source, tmp_path, fix))
    whole = trace(Runner.open(ModelRef(source)))
    assert (len(one.past), len(one.tokens)) == (3, 1)
    for name in one.points("pattern"):
        np.testing.assert_allclose(one[name].values, whole[name].values[:, -1:], atol=1e-5)
    np.testing.assert_allclose(one["logits"].values, whole["logits"].values[-1:], atol=1e-4)


@pytest.mark.zoo
def test_a_cache_of_fixed_length_is_filled_from_behind(zoo: Path, tmp_path: Path) -> None:
    def fix(name: str, sizes: list) -> None:
        if name in ("input_ids", "position_ids"):
            sizes[1].dim_value = 1
        elif name == "attention_mask":
            sizes[1].dim_value = 16
        else:
            sizes[2].dim_value = 15

    source = zoo / "_deployed" / "opt-past-gpt2" / "model.onnx"
    runner = reshaped(source, tmp_path, fix)
    one, whole = trace(runner), trace(Runner.open(ModelRef(source)))
    assert (len(one.past), len(one.tokens)) == (3, 1)
    for name in one.points("pattern"):
        assert len(one.along(name, "key")) == one[name].size("key") == 4
        np.testing.assert_allclose(one[name].values, whole[name].values[:, -1:], atol=1e-5)
    full = trace(runner, tuple(range(20)))
    assert full["blocks.0.attn.pattern"].shape == (4, 1, 16)
    np.testing.assert_allclose(full["blocks.0.attn.pattern"].values.sum(-1), 1, atol=1e-5)
    assert [token.id for token in full.along("blocks.0.attn.pattern", "key")] == list(range(4, 20))
