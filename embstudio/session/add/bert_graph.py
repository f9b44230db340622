"""BERT's encoder (Devlin et al. 2018) as an ONNX graph of opset 17, from weights under transformers' names.

The order of operations is that of transformers' BertModel, so that hidden states agree to rounding. onnx's helper
writes it; nothing is traced, and no PyTorch is needed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from embstudio import __version__

OPSET = 17  # the first with LayerNormalization
IR_VERSION = 8  # the one of that opset
_LOWEST = float(np.finfo(np.float32).min)


@dataclass(frozen=True)
class BertSizes:
    """layers of heads each; epsilon of the norms. The widths are those of the weights."""

    layers: int
    heads: int
    epsilon: float = 1e-12


def bert_encoder(weights: Mapping[str, np.ndarray], sizes: BertSizes) -> onnx.ModelProto:
    """input_ids, attention_mask, token_type_ids [batch, pos] int64 → last_hidden_state [batch, pos, d_model].

    Raises KeyError for a weight that is missing.
    """
    return _Writer(weights, sizes).model()


class _Writer:
    def __init__(self, weights: Mapping[str, np.ndarray], sizes: BertSizes) -> None:
        self._weights = weights
        self._sizes = sizes
        self._width = weights["embeddings.word_embeddings.weight"].shape[1]
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, np.ndarray] = {}

    def model(self) -> onnx.ModelProto:
        inputs = ("input_ids", "attention_mask", "token_type_ids")
        mask = self._additive_mask()
        x = self._embeddings()
        for layer in range(self._sizes.layers):
            x = self._layer(x, mask, f"encoder.layer.{layer}")
        self._add("Identity", [x], "last_hidden_state")
        graph = helper.make_graph(
            self._nodes,
            "bert",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "sequence"]) for name in inputs],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch", "sequence", self._width])],
            [numpy_helper.from_array(np.asarray(value, order="C"), name) for name, value in self._constants.items()],
        )
        return helper.make_model(
            graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION, producer_name="embstudio",
            producer_version=__version__,
        )  # fmt: skip

    def _add(self, op: str, inputs: list[str], output: str, **attributes: object) -> str:
        self._nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def _constant(self, name: str, value: np.ndarray | np.floating) -> str:
        self._constants[name] = np.asarray(value)
        return name

    def _weight(self, name: str) -> str:
        return self._constant(name, np.asarray(self._weights[name], np.float32))

    def _additive_mask(self) -> str:
        """0 where a token is, the lowest number where none is, [batch, 1, 1, pos]."""
        axes = self._constant("mask.axes", np.array([1, 2], np.int64))
        present = self._add("Cast", ["attention_mask"], "mask.present", to=TensorProto.FLOAT)
        absent = self._add("Sub", [self._constant("one", np.float32(1)), present], "mask.absent")
        added = self._add("Mul", [absent, self._constant("lowest", np.float32(_LOWEST))], "mask.added")
        return self._add("Unsqueeze", [added, axes], "mask")

    def _embeddings(self) -> str:
        """LayerNorm(word + type + position)."""
        words = self._add("Gather", [self._weight("embeddings.word_embeddings.weight"), "input_ids"], "embed.words")
        types = self._weight("embeddings.token_type_embeddings.weight")
        types = self._add("Gather", [types, "token_type_ids"], "embed.types")
        shape = self._add("Shape", ["input_ids"], "embed.length", start=1, end=2)
        start = self._constant("zero", np.array([0], np.int64))
        table = self._weight("embeddings.position_embeddings.weight")
        places = self._add("Slice", [table, start, shape, start], "embed.places")
        both = self._add("Add", [words, types], "embed.words_and_types")
        return self._norm(self._add("Add", [both, places], "embed.sum"), "embeddings.LayerNorm")

    def _layer(self, x: str, mask: str, name: str) -> str:
        attention = self._attention(x, mask, f"{name}.attention")
        hidden = self._linear(attention, f"{name}.intermediate.dense")
        out = self._linear(self._gelu(hidden, f"{name}.intermediate.gelu"), f"{name}.output.dense")
        return self._norm(self._add("Add", [out, attention], f"{name}.output.sum"), f"{name}.output.LayerNorm")

    def _attention(self, x: str, mask: str, name: str) -> str:
        """LayerNorm(x + W_O softmax(q kᵀ / √d_head + mask) v)."""
        q, k, v = (self._heads(self._linear(x, f"{name}.self.{part}"), f"{name}.self.{part}", part == "key")
                   for part in ("query", "key", "value"))  # fmt: skip
        scale = self._constant("scale", np.float32(math.sqrt(self._width // self._sizes.heads)))
        products = self._add("MatMul", [q, k], f"{name}.self.products")
        scaled = self._add("Div", [products, scale], f"{name}.self.scaled")
        scores = self._add("Add", [scaled, mask], f"{name}.self.scores")
        pattern = self._add("Softmax", [scores], f"{name}.self.pattern", axis=-1)
        z = self._add("MatMul", [pattern, v], f"{name}.self.z")
        z = self._add("Transpose", [z], f"{name}.self.z_by_position", perm=[0, 2, 1, 3])
        joined = self._constant("joined", np.array([0, 0, self._width], np.int64))
        z = self._add("Reshape", [z, joined], f"{name}.self.joined")
        out = self._linear(z, f"{name}.output.dense")
        return self._norm(self._add("Add", [out, x], f"{name}.output.sum"), f"{name}.output.LayerNorm")

    def _heads(self, x: str, name: str, turned: bool) -> str:
        """[batch, pos, d_model] as [batch, head, pos, d_head]; turned: as [batch, head, d_head, pos]."""
        heads = self._sizes.heads
        shape = self._constant("parted", np.array([0, 0, heads, self._width // heads], np.int64))
        parted = self._add("Reshape", [x, shape], f"{name}.parted")
        return self._add("Transpose", [parted], f"{name}.heads", perm=[0, 2, 3, 1] if turned else [0, 2, 1, 3])

    def _linear(self, x: str, name: str) -> str:
        """x Wᵀ + b, with PyTorch's W [out, in] stored the other way round."""
        weight = self._constant(f"{name}.weight", np.asarray(self._weights[f"{name}.weight"], np.float32).T)
        product = self._add("MatMul", [x, weight], f"{name}.product")
        return self._add("Add", [product, self._weight(f"{name}.bias")], f"{name}.out")

    def _gelu(self, x: str, name: str) -> str:
        """x · (1 + erf(x / √2)) / 2: exact, which opset 17 has no operator for."""
        divided = self._add("Div", [x, self._constant("root_two", np.float32(math.sqrt(2)))], f"{name}.divided")
        erf = self._add("Erf", [divided], f"{name}.erf")
        more = self._add("Add", [erf, self._constant("one", np.float32(1))], f"{name}.more")
        product = self._add("Mul", [x, more], f"{name}.product")
        return self._add("Mul", [product, self._constant("half", np.float32(0.5))], name)

    def _norm(self, x: str, name: str) -> str:
        scale, bias = self._weight(f"{name}.weight"), self._weight(f"{name}.bias")
        return self._add("LayerNormalization", [x, scale, bias], f"{name}.out", axis=-1, epsilon=self._sizes.epsilon)
