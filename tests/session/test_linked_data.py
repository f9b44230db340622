"""Weights behind symbolic links, in the layout of the Hugging Face hub's cache."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest

from embstudio.base.errors import ModelFileError
from embstudio.session.linked_data import with_links_followed
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner


@pytest.fixture
def cached(data: Path, tmp_path: Path) -> Path:
    """A model whose file and weights are links out of its folder."""
    blobs, snapshot = tmp_path / "blobs", tmp_path / "snapshot"
    blobs.mkdir()
    snapshot.mkdir()
    model = onnx.load(data / "rnn-LSTM-1-ts" / "model.onnx")
    onnx.save(model, blobs / "model.onnx", save_as_external_data=True, location="model.onnx_data", size_threshold=0)
    (blobs / "model.onnx_data").rename(blobs / "c0ffee")
    (snapshot / "model.onnx").symlink_to("../blobs/model.onnx")
    (snapshot / "model.onnx_data").symlink_to("../blobs/c0ffee")
    return snapshot / "model.onnx"


def test_a_model_in_the_cache_runs_as_the_plain_file_does(data: Path, cached: Path) -> None:
    traces = [
        Runner.open(ModelRef(path)).trace(TraceRequest(ModelRef(path), ids=(1, 2, 3)))
        for path in (data / "rnn-LSTM-1-ts" / "model.onnx", cached)
    ]
    for name, array in traces[0].arrays.items():
        np.testing.assert_array_equal(array.values, traces[1][name].values)


def test_weights_that_are_not_there(cached: Path) -> None:
    cached.with_name("model.onnx_data").unlink()
    with pytest.raises(ModelFileError, match="weights are kept in another file"):
        Runner.open(ModelRef(cached))


def test_only_links_in_the_folder_itself_are_followed(tmp_path: Path) -> None:
    (tmp_path / "weights").write_bytes(b"weights")
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "link").symlink_to("../weights")
    (folder / "plain").write_bytes(b"plain")
    names = ["link", "plain", "../weights", str(tmp_path / "weights"), "missing"]
    model = onnx.ModelProto()
    for name in names:
        tensor = model.graph.initializer.add(name=name, data_location=onnx.TensorProto.EXTERNAL)
        tensor.external_data.add(key="location", value=name)
    contents, common = with_links_followed(model.SerializeToString(), folder, names)
    found = [tensor.external_data[0].value for tensor in onnx.ModelProto.FromString(contents).graph.initializer]
    assert common == tmp_path.resolve()
    assert found == ["weights", "model/plain", *names[2:]]
    assert with_links_followed(b"as it is", folder, names[1:]) == (b"as it is", folder)


def test_the_words_of_a_model_in_the_cache_are_read(data: Path, cached: Path) -> None:
    plain, linked = (Runner.open(ModelRef(path)).vectors() for path in (data / "rnn-LSTM-1-ts" / "model.onnx", cached))
    np.testing.assert_array_equal(plain.picture, linked.picture)
