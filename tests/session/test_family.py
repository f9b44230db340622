"""A sequence-to-sequence model in the files that optimum writes, put into one folder as people have them.

PyTorch's values: those of the first step and of the step after it with a cache.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from embstudio.base.errors import InputError
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner
from embstudio.trace.trace import Trace

pytestmark = pytest.mark.zoo

PARTS = {
    "encoder_model.onnx": "opt-s2s-t5-encoder",
    "decoder_model.onnx": "opt-s2s-t5-decoder",
    "decoder_with_past_model.onnx": "opt-s2s-t5-withpast",
    "decoder_model_merged.onnx": "opt-s2s-t5-merged",
}
_NAMES = {"enc": "encoder.blocks.{}.attn.pattern", "dec": "decoder.blocks.{}.attn.pattern",
          "cross": "decoder.blocks.{}.cross_attn.pattern"}  # fmt: skip


def folder(zoo: Path, tmp_path: Path, *names: str) -> Path:
    for name in names:
        shutil.copy(zoo / "_deployed" / PARTS[name] / "model.onnx", tmp_path / name)
    shutil.copy(zoo / "_deployed" / "opt-s2s-t5-decoder" / "config.json", tmp_path)
    return tmp_path


def stored(zoo: Path, part: str) -> dict[str, np.ndarray]:
    with np.load(zoo / "_deployed" / f"opt-s2s-t5-{part}" / "reference.npz") as reference:
        return {name: reference[name] for name in reference.files}


def ids(values: np.ndarray) -> tuple[int, ...]:
    return tuple(int(id_) for id_ in values[0])


def same(trace: Trace, reference: dict[str, np.ndarray], step: int) -> int:
    """How many patterns of a step are PyTorch's; fails on one that is not."""
    found = 0
    for name, value in reference.items():
        words = name.split(".")
        if words[:2] == [str(step), "att"]:
            point = _NAMES[words[2]].format(words[3])
            np.testing.assert_allclose(trace[point].values, value, atol=1e-5, err_msg=point)
            found += 1
    return found


@pytest.mark.parametrize("opened", ["decoder_model.onnx", "decoder_model_merged.onnx", "decoder_with_past_model.onnx"])
def test_a_decoder_finds_the_rest_of_its_model(zoo: Path, tmp_path: Path, opened: str) -> None:
    names = list(PARTS) if "merged" in opened else list(PARTS)[:3]
    model = ModelRef(folder(zoo, tmp_path, *names) / opened)
    runner = Runner.open(model)
    encoder, first, later = (stored(zoo, part) for part in ("encoder", "decoder", "merged"))
    source, start, following = (
        ids(first_ids) for first_ids in (encoder["0.in.input_ids"], first["0.in.input_ids"], later["1.in.input_ids"])
    )
    assert any("encoder_model.onnx" in repair for repair in runner.opened.repairs)
    assert all(finding.holds for finding in runner.opened.findings)

    trace = runner.trace(TraceRequest(model, ids=source, second_ids=start))
    assert (len(trace.tokens), len(trace.target), len(trace.past)) == (7, 3, 0)
    assert same(trace, encoder, 0) == 2
    assert same(trace, first, 0) == 4
    np.testing.assert_allclose(trace["logits"].values, first["0.out.logits"][0], atol=1e-4)

    trace = runner.trace(TraceRequest(model, ids=source, second_ids=start + following, cached=3))
    assert (len(trace.target), len(trace.past)) == (1, 3)
    assert same(trace, later, 1) == 4
    np.testing.assert_allclose(trace["logits"].values, later["1.out.logits"][0], atol=1e-4)


@pytest.mark.parametrize("one_at_a_time", [False, True])
def test_several_tokens_after_those_in_the_cache(zoo: Path, tmp_path: Path, one_at_a_time: bool) -> None:
    parts = folder(zoo, tmp_path, *list(PARTS)[:3])
    if one_at_a_time:
        later = onnx.load(parts / "decoder_with_past_model.onnx")
        (ids_input,) = (value for value in later.graph.input if value.name == "input_ids")
        ids_input.type.tensor_type.shape.dim[1].dim_value = 1
        onnx.save(later, parts / "decoder_with_past_model.onnx")
    model = ModelRef(parts / "decoder_model.onnx")
    runner = Runner.open(model)
    request = TraceRequest(model, ids=(5, 6, 7), second_ids=(0, 9, 8, 7, 6), cached=2)
    whole = runner.trace(TraceRequest(model, ids=request.ids, second_ids=request.second_ids))
    trace = runner.trace(request)
    rest = len(trace.target)
    assert rest == (1 if one_at_a_time else 3)
    assert [token.id for token in (*trace.past, *trace.target)] == [0, 9, 8, 7, 6]
    assert any("1 at a time" in note for note in trace.notes) == one_at_a_time
    for name in ("decoder.blocks.1.attn.pattern", "decoder.blocks.1.cross_attn.pattern"):
        np.testing.assert_allclose(trace[name].values, whole[name].values[:, -rest:], atol=1e-5)


def test_parts_whose_weights_lie_in_files_of_their_own(zoo: Path, tmp_path: Path) -> None:
    parts = folder(zoo, tmp_path, "encoder_model.onnx", "decoder_model.onnx")
    model = ModelRef(parts / "decoder_model.onnx")
    before = Runner.open(model).trace(TraceRequest(model, ids=(5, 6, 7), second_ids=(0, 9)))
    for name in ("encoder_model", "decoder_model"):
        part = onnx.load(parts / f"{name}.onnx")
        onnx.save(part, parts / f"{name}.onnx", save_as_external_data=True, location=f"{name}.data", size_threshold=64)
    runner = Runner.open(model)
    after = runner.trace(TraceRequest(model, ids=(5, 6, 7), second_ids=(0, 9)))
    assert all(finding.holds for finding in runner.opened.findings)
    np.testing.assert_array_equal(after["logits"].values, before["logits"].values)


def test_the_decoder_starts_from_the_token_its_config_names(zoo: Path, tmp_path: Path) -> None:
    model = ModelRef(folder(zoo, tmp_path, "encoder_model.onnx", "decoder_model.onnx") / "decoder_model.onnx")
    trace = Runner.open(model).trace(TraceRequest(model, ids=(5, 6, 7)))
    assert [token.id for token in trace.target] == [0]
    assert "start token" in trace.notes[0]


def test_an_encoder_opens_by_itself(zoo: Path, tmp_path: Path) -> None:
    model = ModelRef(folder(zoo, tmp_path, *PARTS) / "encoder_model.onnx")
    runner = Runner.open(model)
    assert not any("beside" in repair for repair in runner.opened.repairs)
    trace = runner.trace(TraceRequest(model, ids=(5, 6, 7)))
    assert trace.target == ()
    assert "blocks.1.attn.pattern" in trace


@pytest.mark.parametrize(
    ("name", "words"),
    [("decoder_model.onnx", "decoder of a model in several files"), ("decoder_with_past_model.onnx", "goes on where")],
)
def test_what_is_missing_beside_a_part_is_said(zoo: Path, tmp_path: Path, name: str, words: str) -> None:
    model = ModelRef(folder(zoo, tmp_path, name) / name)
    runner = Runner.open(model)
    with pytest.raises(InputError, match=words) as told:
        runner.trace(TraceRequest(model, ids=(5, 6, 7), second_ids=(0, 9)))
    assert "same folder" in told.value.advice


def test_feeds_with_a_cache_name_what_is_in_it_by_its_place(zoo: Path, tmp_path: Path) -> None:
    model = ModelRef(folder(zoo, tmp_path, "decoder_with_past_model.onnx") / "decoder_with_past_model.onnx")
    reference = stored(zoo, "withpast")
    feeds = {name.removeprefix("1.in."): value for name, value in reference.items() if name.startswith("1.in.")}
    trace = Runner.open(model).trace(TraceRequest(model, feeds=feeds))
    assert same(trace, reference, 1) == 4
    keys = trace.along("decoder.blocks.0.attn.pattern", "key")
    assert [token.text for token in keys[:3]] == ["past 1", "past 2", "past 3"]
    assert [token.text for token in trace.tokens] == [f"source {place}" for place in range(1, 8)]
