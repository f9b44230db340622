"""Files that are no models, and models: each sort of bad file has its own plain words."""

from __future__ import annotations

import random
import zipfile
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.base.errors import ModelFileError
from embstudio.modelfile.model_file import ModelFile


def small_model() -> onnx.ModelProto:
    table = numpy_helper.from_array(np.arange(12, dtype=np.float32).reshape(4, 3), "table")
    graph = helper.make_graph(
        [helper.make_node("Gather", ["table", "ids"], ["vectors"])],
        "small",
        [helper.make_tensor_value_info("ids", TensorProto.INT64, ["batch", None])],
        [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", None, 3])],
        [table],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def write(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def says(path: Path) -> str:
    with pytest.raises(ModelFileError) as caught:
        ModelFile(path)
    assert caught.value.advice
    assert str(path) == caught.value.where
    return caught.value.what


def test_reads_a_model(tmp_path: Path) -> None:
    file = ModelFile(write(tmp_path / "small.onnx", small_model()))
    assert [info.name for info in file.graph.inputs] == ["ids"]
    assert file.graph.inputs[0].shape == ("batch", None)
    assert file.graph.inputs[0].dtype == "int64"
    assert file.external == ()
    assert file.graph.opset == {"": 17}


@pytest.mark.parametrize(
    ("contents", "words"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "PNG"),
        (b"This is a letter to a friend.\n" * 20, "not an ONNX file"),
        ("Ein Gruß – ñ".encode("latin-1", "replace") * 9, "not an ONNX file"),
        (b'{"model": 1}', "not an ONNX file"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n", "Git LFS"),
        (b"\x80\x02}q\x00.", "pickle"),
        (b"\x00" * 100, "not an ONNX file"),
        (bytes(range(256)), "not an ONNX file"),
    ],
)
def test_names_what_is_not_a_model(tmp_path: Path, contents: bytes, words: str) -> None:
    path = tmp_path / "file.onnx"
    path.write_bytes(contents)
    assert words in says(path)


def test_names_a_checkpoint(tmp_path: Path) -> None:
    path = tmp_path / "model.onnx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("data.pkl", b"\x80\x02}q\x00.")
    assert "zip" in says(path)


def test_missing_file_and_folder(tmp_path: Path) -> None:
    assert "no such file" in says(tmp_path / "nothing.onnx")
    assert "folder" in says(tmp_path)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.9, 0.999])
def test_cut_off_file_is_refused_or_harmless(tmp_path: Path, data: Path, share: float) -> None:
    whole = (data / "bert-ts-sdpa" / "model.onnx").read_bytes()
    path = tmp_path / "cut.onnx"
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "damaged or was cut off" in says(path)


@pytest.mark.parametrize(
    ("field", "words"),
    [("input", "no inputs"), ("output", "no outputs"), ("opset", "which version of the operators")],
)
def test_model_with_a_part_missing(tmp_path: Path, field: str, words: str) -> None:
    model = small_model()
    if field == "opset":
        del model.opset_import[:]
    else:
        del getattr(model.graph, field)[:]
    assert words in says(write(tmp_path / "part.onnx", model))


def test_model_without_a_graph(tmp_path: Path) -> None:
    model = small_model()
    model.ClearField("graph")
    assert "no graph" in says(write(tmp_path / "bare.onnx", model))


def test_model_from_the_future(tmp_path: Path) -> None:
    model = small_model()
    model.ir_version = 99
    assert "newer than this program" in says(write(tmp_path / "future.onnx", model))


def test_tensor_made_twice(tmp_path: Path) -> None:
    model = small_model()
    model.graph.node.append(model.graph.node[0])
    with pytest.raises(ModelFileError, match="graph is damaged") as caught:
        _ = ModelFile(write(tmp_path / "twice.onnx", model)).graph
    assert "made twice" in caught.value.detail


@pytest.mark.parametrize("part", ["input", "output"])
def test_node_without_its_parts(tmp_path: Path, part: str) -> None:
    model = small_model()
    del getattr(model.graph.node[0], part)[:]
    with pytest.raises(ModelFileError, match="graph is damaged"):
        _ = ModelFile(write(tmp_path / "parts.onnx", model)).graph


@pytest.mark.parametrize("seed", range(40))
def test_flipped_bits_never_surprise(tmp_path: Path, data: Path, seed: int) -> None:
    chance = random.Random(seed)
    contents = bytearray((data / "rnn-LSTM-1-ts" / "model.onnx").read_bytes())
    for _ in range(chance.choice([1, 3, 20])):
        contents[chance.randrange(len(contents))] ^= 1 << chance.randrange(8)
    path = tmp_path / "flipped.onnx"
    path.write_bytes(contents)
    try:
        graph = ModelFile(path).graph
    except ModelFileError:
        return  # any other error fails the test
    assert graph.nodes


def test_weights_in_a_data_file_are_read_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "big.onnx"
    onnx.save_model(small_model(), path, save_as_external_data=True, location="big.data", size_threshold=0)
    file = ModelFile(path)
    assert file.external == ("big.data",)
    np.testing.assert_array_equal(file.graph.weights["table"].values, np.arange(12).reshape(4, 3))

    (tmp_path / "big.data").unlink()
    orphan = ModelFile(path)
    assert orphan.graph.weights["table"].shape == (4, 3)
    with pytest.raises(ModelFileError, match="could not be read"):
        _ = orphan.graph.weights["table"].values
