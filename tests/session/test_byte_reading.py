"""Models that read bytes are known by their structure, and only by that."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from embstudio.anatomy.anatomy import Anatomy, EmbeddingTable, TensorInfo
from embstudio.anatomy.reader import read
from embstudio.modelfile.model_file import ModelFile
from embstudio.session.byte_reading import byte_reader
from embstudio.session.messages import ModelRef, TraceRequest
from embstudio.session.runner import Runner


def anatomy(rows: int | None, dtype: str = "int64") -> Anatomy:
    tables = (EmbeddingTable("E", rows, 4, "ids", "x"),) if rows else ()
    return Anatomy(
        inputs=(TensorInfo("ids", dtype, (None, None)), TensorInfo("mask", "float32", (None, None))), outputs=(),
        ids_input="ids" if rows else None, embeddings=tables, blocks=(), recurrent=(), head=None, max_positions=None,
        parameters={}, points=(), opset={},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "dtype", "ids"),
    [
        (256, "int64", [97, 195, 169]),
        (None, "uint8", [97, 195, 169]),
        (256, "uint8", [97, 195, 169]),
        (384, "int64", [100, 198, 172, 1]),
        (259, "int32", [100, 198, 172, 1]),
        (262, "int64", [4, 103, 201, 175, 5]),
        (300, "int64", None),
        (30522, "int64", None),
        (8, "uint8", None),
        (None, "int64", None),
    ],
)
def test_by_type_and_rows(rows: int | None, dtype: str, ids: list[int] | None) -> None:
    reader = byte_reader(Path("m.onnx"), anatomy(rows, dtype))
    if ids is None:
        assert reader is None
    else:
        assert reader is not None
        assert [token.id for token in reader.encode("aé")] == ids
        assert "no tokenizer beside the model" in reader.doubts[0]
        assert reader.size == rows or (rows is None and reader.size == 256)


@pytest.mark.zoo
def test_a_public_sentence_splitter_reads_bytes(zoo: Path) -> None:
    path = zoo / "_public" / "nnsplit_en_v1.onnx"
    assert byte_reader(path, read(ModelFile(path).graph)) is not None


@pytest.mark.zoo
def test_no_other_model_is_taken_for_one(zoo: Path) -> None:
    for path in sorted(zoo.glob("*-ts-*/model.onnx"))[::6]:
        assert byte_reader(path, read(ModelFile(path).graph)) is None


@pytest.mark.zoo
def test_the_splitter_reads_a_text_as_onnxruntime_reads_its_bytes(zoo: Path) -> None:
    path, text = zoo / "_public" / "nnsplit_en_v1.onnx", "This is a test This is another test. Ünïcode"
    runner = Runner.open(ModelRef(path))
    trace = runner.trace(TraceRequest(runner.opened.model, text=text, points=("logits",)))
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    (expected,) = session.run(None, {"input": np.frombuffer(text.encode(), np.uint8)[None]})
    assert trace["logits"].values == pytest.approx(expected[0], abs=1e-5)
    assert len(trace) == len(text.encode())
    assert any("its input takes bytes" in note for note in runner.opened.notes)
