"""Models of the zoo: gradients against central differences along a random direction, both from onnxruntime."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper

from embstudio.base.errors import UnsupportedModelError
from embstudio.modelfile.model_file import ModelFile
from embstudio.session.differentiate.differentiator import Differentiator
from embstudio.session.opening import Opening, open_model
from embstudio.session.stop import Stop

# One of each way of building a layer; all of the zoo were tried by hand, in double precision too.
MODELS = (
    "albert-dyn23-sdpa", "bart-full-ts-sdpa", "bloom-ts-eager", "convbert-ts-eager", "deberta-v2-ts-eager",
    "falcon-mqa-dyn-sdpa", "gemma2-ts-eager", "gpt-oss-ts-eager", "gptj-dyn-eager", "mixtral-ts-sdpa",
    "modernbert-ts-eager+O1", "mpnet-opt-tf4+O1", "nomic-bert-dyn-sdpa", "phi3-dyn23-sdpa", "squeezebert-ts-eager",
    "t5-full-dyn-sdpa", "bert-dyn-sdpa+ortall", "bert-dyn-sdpa+q4", "rnn-GRU-2-tf-ts", "rnn-LSTM-2-tf-dyn",
    "rnn-RNNtanh-1-dyn", "_deployed/genai-phi3-fp32", "_deployed/keras-tf2onnx-lstm", "_deployed/misc-fnet-dyn",
    "_deployed/misc-mamba-ts", "_deployed/misc-xlnet-ts", "_deployed/sub-loop-dynamic",
)  # fmt: skip
STEPS = (1e-2, 3e-3, 1e-3, 3e-4, 1e-4)  # smaller ones drown in rounding, larger ones cross the kinks of ReLUs
ROUNDING = ("_deployed/qdq-bert-ts-eager", "_deployed/qop-bert-ts-eager", "bert-dyn-sdpa+int8",
            "_deployed/genai-llama-int4")  # fmt: skip


def opened(zoo: Path, name: str) -> tuple[Opening, list[str], str]:
    """The model, the tensors of its tokens' vectors, and that of what it puts out."""
    opening = open_model(ModelFile(zoo / name / "model.onnx"), "")
    embeds = [point.tensor for point in opening.anatomy.points if point.name.rpartition(".")[2] == "embed"]
    assert opening.anatomy.head is not None
    return opening, embeds, opening.anatomy.head.output


def with_moved(model: onnx.ModelProto, vectors: dict[str, np.ndarray]) -> bytes:
    """A copy in which something can be added to some tensors."""
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    nodes = []
    for node in copied.graph.node:
        node.input[:] = [f"{name}:moved" if name in vectors else name for name in node.input]
        nodes.append(node)
        made = [name for name in node.output if name in vectors]
        nodes += [helper.make_node("Add", [name, f"{name}:by"], [f"{name}:moved"]) for name in made]
    del copied.graph.node[:]
    copied.graph.node.extend(nodes)
    for name, value in vectors.items():
        kind = helper.np_dtype_to_tensor_dtype(value.dtype)
        copied.graph.input.append(helper.make_tensor_value_info(f"{name}:by", kind, value.shape))
    return bytes(copied.SerializeToString())


@pytest.mark.zoo
@pytest.mark.parametrize("name", MODELS)
def test_gradients_are_what_differences_say(zoo: Path, name: str) -> None:
    opening, embeds, output = opened(zoo, name)
    feeds = opening.feeder.trial(6, opening.anatomy.embeddings[0].rows).feeds
    at = Differentiator(opening.model, opening.graph, opening.engine.open).linearise(feeds, [output], embeds, Stop())
    rng = np.random.default_rng(2)
    seed = rng.normal(size=at.shape(output))
    gradients = at.pull({output: seed[None]}, Stop())
    vectors = {name: at.value(name) for name in embeds}
    way = {name: rng.normal(size=value.shape) * value.std() for name, value in vectors.items()}
    expected = sum((gradients[name][0] * way[name]).sum() for name in embeds)
    size = np.sqrt(sum(((gradients[name][0] * vectors[name].std()) ** 2).sum() for name in embeds))
    session = opening.engine.open(with_moved(opening.model, vectors))

    def difference(step: float) -> float:
        ends = [
            session.run(
                [output], {**feeds, **{f"{n}:by": (by * way[n]).astype(vectors[n].dtype) for n in embeds}}
            )[0].astype(np.float64)
            for by in (step, -step)
        ]  # fmt: skip
        return float((seed * (ends[0] - ends[1])).sum() / (2 * step))

    assert np.isfinite(expected)
    assert size > 0
    assert min(abs(difference(step) - expected) / size for step in STEPS) < 2e-3


@pytest.mark.zoo
@pytest.mark.parametrize("name", ROUNDING)
def test_models_that_round_on_the_way_are_refused(zoo: Path, name: str) -> None:
    opening, embeds, output = opened(zoo, name)
    feeds = opening.feeder.trial(6, opening.anatomy.embeddings[0].rows).feeds
    differentiator = Differentiator(opening.model, opening.graph, opening.engine.open)

    def differentiate() -> None:
        at = differentiator.linearise(feeds, [output], embeds, Stop())
        at.pull({output: np.ones((1, *at.shape(output)))}, Stop())

    with pytest.raises(UnsupportedModelError, match="rounds to whole numbers"):
        differentiate()
