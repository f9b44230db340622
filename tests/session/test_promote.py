from __future__ import annotations

from pathlib import Path

import onnx

from embstudio.session.promote import copy_with_outputs


def test_the_copy_has_the_tensors_as_outputs_and_is_the_same_otherwise(data: Path) -> None:
    contents = (data / "rnn-LSTM-1-ts" / "model.onnx").read_bytes()
    before = onnx.load_model_from_string(contents)
    tensors = [node.output[0] for node in before.graph.node[:2]]
    after = onnx.load_model_from_string(copy_with_outputs(contents, [*tensors, tensors[0]]))
    own = [output.name for output in before.graph.output]
    assert [output.name for output in after.graph.output] == own + tensors
    del after.graph.output[len(own) :]
    assert after == before


def test_nothing_to_promote(data: Path) -> None:
    contents = (data / "rnn-LSTM-1-ts" / "model.onnx").read_bytes()
    assert copy_with_outputs(contents, []) == contents
