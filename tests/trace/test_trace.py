"""A trace comes back from its file as it was; files that are something else are refused in plain words."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from embstudio.base.errors import TraceFileError
from embstudio.trace.axes import NamedArray
from embstudio.trace.token import Token
from embstudio.trace.trace import Provenance, Trace, load_trace, save_trace
from embstudio.trace.window import Window


@pytest.fixture
def trace() -> Trace:
    rng = np.random.default_rng(1)
    arrays = {
        "embed": NamedArray(rng.normal(size=(3, 4)).astype(np.float32), ("pos", "d_model")),
        "blocks.0.attn.pattern": NamedArray(rng.random((2, 3, 3)).astype(np.float16), ("head", "query", "key")),
        "logits": NamedArray(np.array([-np.inf, np.nan, 3.0]), ("class",)),
    }
    provenance = dict.fromkeys(arrays, Provenance.OBSERVED) | {"logits": Provenance.RECOMPUTED}
    tokens = (
        Token("[CLS]", "[CLS]", 101, None, special=True),
        Token("שלום", "##שלום", 7, (0, 4)),
        Token("🙂", "<unk>", 0, (5, 6), unknown=True),
    )
    return Trace("a model", "שלום 🙂", tokens, arrays, provenance, "CPUExecutionProvider", 4.25, ("the text was cut",))


def test_nothing_is_lost(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    save_trace(trace, path)
    back = load_trace(path)
    assert (back.model, back.text, back.tokens) == (trace.model, trace.text, trace.tokens)
    assert (back.provenance, back.provider, back.milliseconds) == (trace.provenance, trace.provider, 4.25)
    assert back.notes == trace.notes
    assert list(back.arrays) == list(trace.arrays)
    for name, array in trace.arrays.items():
        assert back[name].axes == array.axes
        assert back[name].values.dtype == array.values.dtype
        np.testing.assert_array_equal(back[name].values, array.values)


def test_the_tokens_of_a_decoder_and_of_a_cache_come_back(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    target, past = (Token("un", "▁un", 5, segment=1),), (Token("past 1", "", -1), Token("past 2", "", -1))
    save_trace(replace(trace, target=target, past=past, window=Window(3, 2, 9)), path)
    back = load_trace(path)
    assert (back.tokens, back.target, back.past, back.window) == (trace.tokens, target, past, Window(3, 2, 9))
    assert back.along("decoder.blocks.0.attn.pattern", "key") == (*past, *target)
    assert list(back.arrays) == list(trace.arrays)


def test_a_file_of_the_first_version_is_still_read(trace: Trace, tmp_path: Path) -> None:
    path = tmp_path / "t.npz"
    save_trace(trace, path)
    with np.load(path, allow_pickle=False) as stored:
        contents = {name: stored[name] for name in stored.files if name != "segments"}
    meta = json.loads(str(contents["meta"]))
    del meta["window"]
    contents["meta"] = np.array(json.dumps(meta | {"version": 1}))
    np.savez(path, **contents)
    back = load_trace(path)
    assert (back.tokens, back.target, back.past, back.window) == (trace.tokens, (), (), None)


def test_arrays_can_be_read_by_point_name_without_us(trace: Trace, tmp_path: Path) -> None:
    save_trace(trace, tmp_path / "t.npz")
    with np.load(tmp_path / "t.npz", allow_pickle=False) as stored:
        np.testing.assert_array_equal(stored["embed"], trace["embed"].values)
        assert stored["tokens"].tolist() == ["[CLS]", "שלום", "🙂"]
        assert json.loads(str(stored["meta"]))["axes"]["embed"] == ["pos", "d_model"]


def test_a_trace_without_tokens(tmp_path: Path) -> None:
    arrays = {"pooled": NamedArray(np.ones(3, np.float32), ("d_model",))}
    save_trace(Trace("m", "", (), arrays, {"pooled": Provenance.OBSERVED}), tmp_path / "t.npz")
    assert len(load_trace(tmp_path / "t.npz")) == 0


def test_looking_up(trace: Trace) -> None:
    assert len(trace) == 3
    assert "embed" in trace
    assert "pooled" not in trace
    assert trace.points("attn", "pattern") == ["blocks.0.attn.pattern"]
    assert trace.points("att") == []
    assert trace.nbytes == 3 * 4 * 4 + 2 * 3 * 3 * 2 + 3 * 8
    with pytest.raises(ValueError, match="without provenance"):
        Trace("m", "", (), trace.arrays, {})


def test_a_pickled_object_is_refused_and_never_run(trace: Trace, tmp_path: Path) -> None:
    class Hostile:
        def __reduce__(self) -> tuple:
            return Path.touch, (tmp_path / "ran",)

    good = tmp_path / "good.npz"
    save_trace(trace, good)
    with np.load(good) as stored:
        contents = {name: stored[name] for name in stored.files}
    contents["embed"] = np.array([Hostile()], dtype=object)
    np.savez(tmp_path / "bad.npz", **contents)
    (tmp_path / "bare.npz").write_bytes(pickle.dumps(Hostile()))
    for name in ("bad.npz", "bare.npz"):
        with pytest.raises(TraceFileError):
            load_trace(tmp_path / name)
    assert not (tmp_path / "ran").exists()


def test_every_truncation_is_refused(trace: Trace, tmp_path: Path) -> None:
    save_trace(trace, tmp_path / "whole.npz")
    whole = (tmp_path / "whole.npz").read_bytes()
    for length in (0, 1, 3, 40, len(whole) // 2, len(whole) - 1):
        (tmp_path / "cut.npz").write_bytes(whole[:length])
        with pytest.raises(TraceFileError) as caught:
            load_trace(tmp_path / "cut.npz")
        assert caught.value.where.endswith("cut.npz")


def test_a_flipped_bit_is_refused_or_read_and_nothing_else(trace: Trace, tmp_path: Path) -> None:
    save_trace(trace, tmp_path / "whole.npz")
    whole = (tmp_path / "whole.npz").read_bytes()
    rng = np.random.default_rng(4)
    refused = 0
    for place, bit in zip(rng.integers(len(whole), size=300), rng.integers(8, size=300), strict=True):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << int(bit)
        (tmp_path / "bad.npz").write_bytes(damaged)
        try:
            load_trace(tmp_path / "bad.npz")
        except TraceFileError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize(
    ("change", "value"),
    [("format", "a cake recipe"), ("version", 99), ("axes", {"embed": ["pos"]}), ("axes", {"embed": ["pos", "cake"]}),
     ("axes", {"missing": ["pos"]}), ("provenance", {}), ("provenance", {"embed": "guessed"}), ("axes", 3),
     ("notes", None)],
)  # fmt: skip
def test_a_file_that_says_something_else_is_refused(trace: Trace, tmp_path: Path, change: str, value: object) -> None:
    save_trace(trace, tmp_path / "t.npz")
    with np.load(tmp_path / "t.npz") as stored:
        contents = {name: stored[name] for name in stored.files}
    meta = json.loads(str(contents["meta"]))
    meta[change] = value
    contents["meta"] = np.array(json.dumps(meta))
    np.savez(tmp_path / "t.npz", **contents)
    with pytest.raises(TraceFileError):
        load_trace(tmp_path / "t.npz")


@pytest.mark.parametrize("dropped", ["meta", "tokens", "ids", "spans", "pieces"])
def test_a_file_that_lacks_a_part_is_refused(trace: Trace, tmp_path: Path, dropped: str) -> None:
    save_trace(trace, tmp_path / "t.npz")
    with np.load(tmp_path / "t.npz") as stored:
        contents = {name: stored[name] for name in stored.files if name != dropped}
    np.savez(tmp_path / "t.npz", **contents)
    with pytest.raises(TraceFileError):
        load_trace(tmp_path / "t.npz")


def test_other_files_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "array.npy", np.ones(3))
    (tmp_path / "text.npz").write_text("hello")
    np.savez(tmp_path / "list.npz", meta=np.array("[1, 2]"))
    for name in ("array.npy", "text.npz", "list.npz", "missing.npz"):
        with pytest.raises(TraceFileError):
            load_trace(tmp_path / name)


def test_a_folder_that_is_not_there(trace: Trace, tmp_path: Path) -> None:
    with pytest.raises(TraceFileError) as caught:
        save_trace(trace, tmp_path / "nowhere" / "t.npz")
    assert "folder" in caught.value.advice
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_taken_stays_and_no_draft_is_left(trace: Trace, tmp_path: Path) -> None:
    (tmp_path / "t.npz").mkdir()
    with pytest.raises(TraceFileError):
        save_trace(trace, tmp_path / "t.npz")
    assert [each.name for each in tmp_path.iterdir()] == ["t.npz"]
    assert (tmp_path / "t.npz").is_dir()
