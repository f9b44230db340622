"""The written encoder against PyTorch's hidden states, and against BERT's formulas in float64."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from embstudio.formulas.attention import attention
from embstudio.modelfile.safetensors_file import read_safetensors
from embstudio.session.add.bert_graph import BertSizes, bert_encoder

D, HEADS, ROWS, HIDDEN = 8, 2, 20, 12


def weights(seed: int = 0) -> dict[str, np.ndarray]:
    """A BERT of one layer under transformers' names."""
    rng = np.random.default_rng(seed)
    shapes: dict[str, tuple[int, ...]] = {
        "embeddings.word_embeddings.weight": (ROWS, D), "embeddings.position_embeddings.weight": (10, D),
        "embeddings.token_type_embeddings.weight": (2, D),
    }  # fmt: skip
    layer = "encoder.layer.0"
    for name, out, into in ((f"{layer}.attention.self.query", D, D), (f"{layer}.attention.self.key", D, D),
                            (f"{layer}.attention.self.value", D, D), (f"{layer}.attention.output.dense", D, D),
                            (f"{layer}.intermediate.dense", HIDDEN, D),
                            (f"{layer}.output.dense", D, HIDDEN)):  # fmt: skip
        shapes |= {f"{name}.weight": (out, into), f"{name}.bias": (out,)}
    for name in ("embeddings", f"{layer}.attention.output", f"{layer}.output"):
        shapes |= {f"{name}.LayerNorm.weight": (D,), f"{name}.LayerNorm.bias": (D,)}
    return {name: rng.normal(size=shape).astype(np.float32) for name, shape in shapes.items()}


def by_formula(w: dict[str, np.ndarray], ids: np.ndarray, mask: np.ndarray, types: np.ndarray) -> np.ndarray:
    """Devlin et al. 2018 and Vaswani et al. 2017, one sentence, float64."""
    w = {name: value.astype(np.float64) for name, value in w.items()}

    def norm(x: np.ndarray, name: str) -> np.ndarray:
        centred = x - x.mean(-1, keepdims=True)
        scaled = centred / np.sqrt(x.var(-1, keepdims=True) + 1e-12)
        return np.asarray(scaled * w[f"{name}.LayerNorm.weight"] + w[f"{name}.LayerNorm.bias"])

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        return np.asarray(x @ w[f"{name}.weight"].T + w[f"{name}.bias"])

    def heads(x: np.ndarray) -> np.ndarray:
        return x.reshape(len(x), HEADS, D // HEADS).transpose(1, 0, 2)

    table = "embeddings.{}_embeddings.weight"
    x = w[table.format("word")][ids] + w[table.format("token_type")][types] + w[table.format("position")][: len(ids)]
    x = norm(x, "embeddings")
    layer = "encoder.layer.0"
    q, k, v = (heads(linear(x, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value"))
    z = attention(q, k, v, mask=np.where(mask > 0, 0.0, -1e30)[None, None, :]).z
    joined = z.transpose(1, 0, 2).reshape(len(ids), D)
    x = norm(x + linear(joined, f"{layer}.attention.output.dense"), f"{layer}.attention.output")
    inner = linear(x, f"{layer}.intermediate.dense")
    inner = inner * 0.5 * (1 + np.vectorize(math.erf)(inner / math.sqrt(2)))
    return norm(x + linear(inner, f"{layer}.output.dense"), f"{layer}.output")


def run(model: onnx.ModelProto, *feeds: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = ("input_ids", "attention_mask", "token_type_ids")
    return np.asarray(session.run(None, dict(zip(names, feeds, strict=True)))[0])


def test_a_batch_with_padding_and_pairs_follows_the_formulas() -> None:
    w = weights()
    model = bert_encoder(w, BertSizes(1, HEADS))
    onnx.checker.check_model(model, full_check=True)
    ids = np.array([[1, 5, 7, 2, 9], [3, 4, 0, 0, 0]])
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 0, 0, 0]])
    types = np.array([[0, 0, 0, 1, 1], [0, 0, 0, 0, 0]])
    out = run(model, ids, mask, types)
    for row in range(2):
        expected = by_formula(w, ids[row], mask[row], types[row])
        kept = mask[row] > 0
        assert out[row][kept] == pytest.approx(expected[kept], abs=5e-6)


def test_a_missing_weight_is_named() -> None:
    w = weights()
    del w["encoder.layer.0.output.dense.bias"]
    with pytest.raises(KeyError, match=r"output\.dense\.bias"):
        bert_encoder(w, BertSizes(1, HEADS))


@pytest.mark.zoo
@pytest.mark.parametrize("name", ["st-cls", "st-mean-norm"])
def test_the_weights_of_a_deployed_model_give_pytorch_s_hidden_states(zoo: Path, name: str) -> None:
    folder = zoo / "_deployed" / name
    model = bert_encoder(read_safetensors(folder / "model.safetensors"), BertSizes(2, 4))
    with np.load(folder / "reference.npz") as stored:
        for case in "012":
            ids, types = stored[f"{case}.in.input_ids"], stored[f"{case}.in.token_type_ids"]
            out = run(model, ids, np.ones_like(ids), types)
            assert np.abs(out - stored[f"{case}.out.last_hidden_state"]).max() < 1e-5
