"""The masked-word model: an encoder after BERT (Devlin et al. 2019), pre-norm and plainly written.

x = E[ids] + P[0..T)                              residual stream [batch, pos, d_model]
x = x + Attention(LayerNorm(x))                   every token looks at all: one of ``layers`` blocks
x = x + W2 gelu(W1 LayerNorm(x) + b1) + b2
vectors = LayerNorm(x),   logits = vectors Eᵀ + b
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn

from models.recipes import half_weights
from models.recipes.encoder import Block

CONTEXT = 64


class MaskedEncoder(nn.Module):
    def __init__(self, vocabulary: int, d_model: int, heads: int, layers: int) -> None:
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, d_model)
        self.positions = nn.Embedding(CONTEXT, d_model)
        nn.init.normal_(self.tokens.weight, std=0.02)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.blocks = nn.ModuleList(Block(d_model, heads) for _ in range(layers))
        self.norm = nn.LayerNorm(d_model)
        self.bias = nn.Parameter(torch.zeros(vocabulary))

    def vectors(self, input_ids: Tensor, padding: Tensor | None) -> Tensor:
        """input_ids [batch, pos] -> [batch, pos, d_model]. padding [batch, pos]: true where there is no token."""
        x = self.tokens(input_ids) + self.positions(torch.arange(input_ids.shape[1]))
        for block in self.blocks:
            x = block(x, padding)
        return self.norm(x)

    def read_out(self, vectors: Tensor) -> Tensor:
        """vectors [..., d_model] -> logits [..., vocabulary], by the embedding table again (Press & Wolf 2017)."""
        return vectors @ self.tokens.weight.T + self.bias

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """input_ids, attention_mask [batch, pos] -> logits [batch, pos, vocabulary], vectors [batch, pos, d_model]."""
        vectors = self.vectors(input_ids, attention_mask == 0)
        return self.read_out(vectors), vectors

    def export(self, path: Path) -> None:
        """The TorchScript exporter's graph, unfolded so that weights keep their names, large weights as fp16."""
        buffer = io.BytesIO()
        names = ["input_ids", "attention_mask", "logits", "vectors"]
        ids = torch.zeros(1, 8, dtype=torch.long)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter, chosen for its plain graphs
            torch.onnx.export(
                self, (ids, torch.ones_like(ids)), buffer, dynamo=False, opset_version=17, do_constant_folding=False,
                input_names=names[:2], output_names=names[2:],
                dynamic_axes={name: {0: "batch", 1: "pos"} for name in names},
            )  # fmt: skip
        exported = onnx.load_from_string(buffer.getvalue())
        half_weights.store_half(exported)
        onnx.checker.check_model(exported, full_check=True)
        path.write_bytes(exported.SerializeToString())
