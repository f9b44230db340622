"""Fused operators that lack inputs or attributes: whatever is wrong with them is onnxruntime's to say."""

from __future__ import annotations

import numpy as np
import pytest
from onnx import TensorProto, helper, numpy_helper

from embstudio.session.rewrite.fused_operators import OPEN_FUSED_OPERATORS
from embstudio.session.rewrite.quantised_operators import open_quantised_operators

OPERATORS = [
    "Attention", "QAttention", "MultiHeadAttention", "DecoderMaskedMultiHeadAttention", "GroupQueryAttention",
    "SkipLayerNormalization", "SkipSimplifiedLayerNormalization", "EmbedLayerNormalization", "QEmbedLayerNormalization",
    "RelativePositionBias", "QLinearAdd", "QLinearMul", "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax",
    "QLinearWhere", "QLinearConcat", "QLinearConv", "QLinearAveragePool", "QLinearGlobalAveragePool", "QGemm",
    "MatMulNBits",
]  # fmt: skip
SHAPES = [(), (4,), (4, 4), (2, 3, 4), (2, 3, 1, 4), (2, 1, 3, 1, 4)]


@pytest.mark.parametrize("operator", OPERATORS)
def test_nothing_is_raised(operator: str) -> None:
    rng = np.random.default_rng(8)
    assert open_quantised_operators in OPEN_FUSED_OPERATORS
    for trial in range(60):
        shapes = [SHAPES[place] for place in rng.integers(0, len(SHAPES), rng.integers(0, 18))]
        names = [f"x{place}" if rng.random() < 0.8 else "" for place in range(len(shapes))]
        kinds = rng.choice([TensorProto.FLOAT, TensorProto.INT32, TensorProto.UINT8], len(shapes))
        attributes = {
            name: int(rng.integers(-1, 4)) for name in ("num_heads", "kv_num_heads", "K", "N", "do_rotary", "axis")
            if rng.random() < 0.7
        }  # fmt: skip
        node = helper.make_node(operator, names, ["y"], domain="com.microsoft", **attributes)
        inputs = [
            helper.make_tensor_value_info(name, int(kind), list(shape) if rng.random() < 0.8 else None)
            for name, shape, kind in zip(names, shapes, kinds, strict=True)
            if name
        ]
        weights = [numpy_helper.from_array(np.ones(4, np.float32), "unused")]
        graph = helper.make_graph([node], "one", inputs, [helper.make_empty_tensor_value_info("y")], weights)
        opset = helper.make_opsetid("", int(rng.choice([10, 11, 13, 17, 21])))
        model = helper.make_model(graph, opset_imports=[opset], ir_version=8)
        for rewrite in OPEN_FUSED_OPERATORS:
            rewrite(model)
        assert "y" in {name for node in model.graph.node for name in node.output}, trial
