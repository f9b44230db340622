"""A model opened again is the same model, found faster; one that changed is found anew."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from embstudio.modelfile import catalogue
from embstudio.modelfile.model_file import ModelFile
from embstudio.session import known_models
from embstudio.session.known_models import Known, KnownModels
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.opening import open_model
from embstudio.session.runner import Runner


@pytest.fixture
def bert(data: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(data / "bert-ts-sdpa" / "model.onnx", tmp_path / "model.onnx"))


@pytest.fixture
def remembered(tmp_path: Path) -> KnownModels:
    return KnownModels(tmp_path / "known")


def files(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "known").glob("*"))


def test_what_is_remembered_is_what_was_found(bert: Path, remembered: KnownModels, tmp_path: Path) -> None:
    first = Runner.open(ModelRef(bert), remembered)
    assert len(files(tmp_path)) == 1
    second = Runner.open(ModelRef(bert), remembered)
    plain = Runner.open(ModelRef(bert))
    assert second.opened.anatomy == first.opened.anatomy == plain.opened.anatomy
    assert second.opened.findings == first.opened.findings
    request = TraceRequest(ModelRef(bert), ids=(1, 2, 3))
    traces = [runner.trace(request) for runner in (first, second, plain)]
    for name, array in traces[0].arrays.items():
        for other in traces[1:]:
            np.testing.assert_array_equal(array.values, other[name].values)
    assert len(files(tmp_path)) == 1


def test_what_is_remembered_is_used(bert: Path, remembered: KnownModels) -> None:
    """Told that a model is another, opening believes it: so it did not look for itself."""
    file = ModelFile(bert)
    opening = open_model(file, "", remembered=remembered)
    lie = Known(opening.anatomy, 0.25, (), repaired=False)
    remembered.keep(file, "", lie)
    assert open_model(ModelFile(bert), "", remembered=remembered).verified == 0.25


def test_another_file_or_provider_is_found_anew(bert: Path, remembered: KnownModels) -> None:
    open_model(ModelFile(bert), "", remembered=remembered)
    assert remembered.find(ModelFile(bert), "") is not None
    assert remembered.find(ModelFile(bert), "CUDAExecutionProvider") is None
    model = onnx.load(bert)
    model.producer_name += "'s newer version"
    onnx.save(model, bert)
    assert remembered.find(ModelFile(bert), "") is None


def test_weights_in_another_file_count_too(bert: Path, remembered: KnownModels) -> None:
    onnx.save(onnx.load(bert), bert, save_as_external_data=True, location="weights", size_threshold=0)
    open_model(ModelFile(bert), "", remembered=remembered)
    assert remembered.find(ModelFile(bert), "") is not None
    os.utime(bert.with_name("weights"), ns=(1, 1))
    assert remembered.find(ModelFile(bert), "") is None


def test_a_damaged_memory_is_none(bert: Path, remembered: KnownModels, tmp_path: Path) -> None:
    open_model(ModelFile(bert), "", remembered=remembered)
    (kept,) = files(tmp_path)
    for damage in (b"", b"{}", b"\xff", b"[" * 100_000, kept.read_bytes()[:-5]):
        kept.write_bytes(damage)
        assert remembered.find(ModelFile(bert), "") is None
    assert open_model(ModelFile(bert), "", remembered=remembered).findings
    assert remembered.find(ModelFile(bert), "") is not None


def test_a_place_that_cannot_be_written_to_is_no_error(bert: Path, tmp_path: Path) -> None:
    (tmp_path / "known").write_bytes(b"a file where the folder should be")
    assert open_model(ModelFile(bert), "", remembered=KnownModels(tmp_path / "known")).findings


def test_the_oldest_are_forgotten(
    bert: Path, remembered: KnownModels, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_models, "MOST", 2)
    known = Known(open_model(ModelFile(bert), "").anatomy, None, (), repaired=False)
    for age, provider in enumerate(("a", "b", "c")):
        remembered.keep(ModelFile(bert), provider, known)
        newest = max(files(tmp_path), key=lambda path: path.stat().st_mtime_ns)
        os.utime(newest, (1000 + age, 1000 + age))
    assert [provider for provider in "abc" if remembered.find(ModelFile(bert), provider)] == ["b", "c"]


def test_a_recurrent_model_is_tried_each_time(remembered: KnownModels, tmp_path: Path) -> None:
    for _ in range(2):
        opening = open_model(ModelFile(catalogue.find("sentiment-lstm").path), "", remembered=remembered)
        assert any(point.name.endswith(".c") for point in opening.engine.points)
    assert files(tmp_path) == []
