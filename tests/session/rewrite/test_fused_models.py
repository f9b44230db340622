"""Whole models with fused operators: outputs as before, and the attention patterns that PyTorch computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from embstudio.anatomy.reader import read
from embstudio.modelfile.onnx_graph import graph_of
from embstudio.session.promote import copy_with_outputs
from embstudio.session.rewrite.open_up import open_up

pytestmark = pytest.mark.zoo

OPTIMISED = [
    "albert-opt-tf4+O1", "albert-ts-eager+O1", "bert-dyn-sdpa+O1", "bert-dyn-sdpa+O2mha", "bert-opt-tf4+O1",
    "bert-opt-tf4+O2mha", "bert-dyn-sdpa+ortall", "deberta-v2-opt-tf4+O1", "deberta-v2-ts-eager+O1",
    "distilbert-opt-tf4+O1", "distilbert-ts-eager+O1", "gpt2-opt-tf4+O1", "gpt2-ts-eager+O1", "modernbert-opt-tf4+O1",
    "modernbert-ts-eager+O1", "mpnet-opt-tf4+O1", "mpnet-ts-eager+O1", "roberta-opt-tf4+O1", "roberta-ts-eager+O1",
]  # fmt: skip
# Of 4-bit, 8-bit and QOperator files the patterns differ from PyTorch's by the quantisation. Those of 4 bits quantise
# their activations too, so that the last bit of a sum decides between two steps.
DEPLOYED = [
    ("genai-llama-fp32", 1e-5, 1e-4), ("genai-phi3-fp32", 1e-5, 1e-4), ("genai-llama-int4", 0.1, 1.0),
    ("qattention-bert", 1e-5, 0.05), ("qop-bert-ts-eager", 1e-5, 0.05),
]  # fmt: skip


class Opened:
    """A model as the file has it, and opened up with its patterns as outputs."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.model = onnx.load(path, load_external_data=False)
        result = open_up(self.model)
        assert result.repairs
        anatomy = read(graph_of(result.model, path.parent))
        assert not [said for said in anatomy.unrecognised if "cannot be opened" in said]
        tensors = {point.name: point.tensor for point in anatomy.points if point.tensor}
        self.patterns = [tensor for name, tensor in tensors.items() if name.endswith(".pattern")]
        known = {value.name for value in (*result.model.graph.output, *result.model.graph.input)}
        extra = [tensor for tensor in dict.fromkeys(tensors.values()) if tensor not in known]
        self._plain = self._session(self.model.SerializeToString())
        self._own = self._session(copy_with_outputs(result.model.SerializeToString(), extra))

    def _session(self, contents: bytes) -> onnxruntime.InferenceSession:
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 4
        folder = "session.model_external_initializers_file_folder_path"
        options.add_session_config_entry(folder, str(self.path.parent))
        return onnxruntime.InferenceSession(contents, options, providers=["CPUExecutionProvider"])

    def feeds(self, arrays: dict[str, np.ndarray], shape: tuple[int, int]) -> dict[str, np.ndarray]:
        """The graph's inputs. Positions count up where the reference has none; it may lack the axis of the batch."""
        found = {}
        for value in self.model.graph.input:
            rank = len(value.type.tensor_type.shape.dim)
            array = arrays.get(value.name, np.tile(np.arange(shape[1]), (shape[0], 1)))
            found[value.name] = array if array.ndim == rank else array[None]
        return found

    def check_outputs(self, feeds: dict[str, np.ndarray], atol: float) -> None:
        names = [value.name for value in self.model.graph.output]
        expected, own = self._plain.run(names, feeds), self._own.run(names, feeds)
        for name, before, after in zip(names, expected, own, strict=True):
            np.testing.assert_allclose(after, before, atol=atol, err_msg=name)

    def check_patterns(self, feeds: dict[str, np.ndarray], expected: list[np.ndarray], atol: float) -> None:
        assert len(self.patterns) == len(expected)
        for tensor, pattern in zip(self.patterns, expected, strict=True):
            own = self._own.run([tensor], feeds)[0]
            np.testing.assert_allclose(own.reshape(pattern.shape), pattern, atol=atol)


@pytest.mark.parametrize("name", OPTIMISED)
def test_models_of_the_optimiser(zoo: Path, name: str) -> None:
    opened = Opened(zoo / name / "model.onnx")
    architecture = name.partition("-opt-tf4")[0].partition("-dyn")[0].partition("-ts-")[0]
    suffix = "-ref-tf4" if "-tf4" in name else "-ref"
    reference = np.load(zoo / f"{architecture}{suffix}" / "reference.npz")
    for given in "01":  # one sentence; two, padded
        arrays = {key[2:]: reference[key] for key in reference.files if key.startswith(f"{given}.")}
        feeds = opened.feeds(arrays, arrays["input_ids"].shape)
        opened.check_outputs(feeds, 1e-5)
        opened.check_patterns(feeds, [arrays[key] for key in sorted(arrays) if key.startswith("att.")], 1e-4)


@pytest.mark.parametrize(("name", "apart", "patterns_apart"), DEPLOYED)
def test_models_as_people_deploy_them(zoo: Path, name: str, apart: float, patterns_apart: float) -> None:
    opened = Opened(zoo / "_deployed" / name / "model.onnx")
    reference = np.load(zoo / "_deployed" / name / "reference.npz")
    for step in "01":  # with empty caches; with those of the first step
        arrays = {key[5:]: reference[key] for key in reference.files if key.startswith(f"{step}.in.")}
        if not arrays:
            continue
        feeds = opened.feeds(arrays, (1, 1))
        opened.check_outputs(feeds, apart)
        stages = sorted(key for key in reference.files if key.startswith(f"{step}.att."))
        opened.check_patterns(feeds, [reference[key] for key in stages], patterns_apart)


@pytest.mark.parametrize("name", ["embed_layer_norm_multiple_opset13", "gpt2_embedlayer_one_attn_exp"])
def test_models_found_in_public(zoo: Path, name: str) -> None:
    """The second's norms have a mean 400 times their deviation, of which onnxruntime's kernel loses digits."""
    opened = Opened(zoo / "_public" / f"{name}.onnx")
    assert opened.patterns
    feeds = {}
    for value in opened.model.graph.input:
        lengths = [dim.dim_value or 2 for dim in value.type.tensor_type.shape.dim]
        feeds[value.name] = np.ones(lengths, onnx.helper.tensor_dtype_to_np_dtype(value.type.tensor_type.elem_type))
    opened.check_outputs(feeds, 3e-3)
