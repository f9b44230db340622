"""The sentiment encoder: a small transformer that judges a sentence at once, plainly written.

x = E[ids] + P[0..T)                              residual stream [batch, pos, d_model]
x = x + Attention(LayerNorm(x))                   every token looks at all
x = x + W2 gelu(W1 LayerNorm(x) + b1) + b2
logits = W mean(LayerNorm(x)) + b                 the mean over the tokens
"""

from __future__ import annotations

import io
import math
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipes import half_weights

LONGEST = 256
SMOOTHING = 0.05  # of a verdict's probability goes to the other


class Attention(nn.Module):
    """softmax(q kᵀ / √d_head) v, heads side by side (Vaswani et al. 2017)."""

    def __init__(self, d_model: int, heads: int) -> None:
        super().__init__()
        self.heads, self.d_head = heads, d_model // heads
        self.q, self.k, self.v, self.out = (nn.Linear(d_model, d_model) for _ in range(4))

    def forward(self, x: Tensor, padding: Tensor | None) -> Tensor:
        """x [batch, pos, d_model] -> the same shape. padding [batch, pos]: true where there is no token."""
        batch, pos, d_model = x.shape
        q, k, v = (
            part(x).view(batch, pos, self.heads, self.d_head).transpose(1, 2) for part in (self.q, self.k, self.v)
        )
        scores = q @ k.transpose(2, 3) / math.sqrt(self.d_head)
        if padding is not None:
            scores = scores.masked_fill(padding[:, None, None], -torch.inf)
        return self.out((scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, pos, d_model))


class Block(nn.Module):
    def __init__(self, d_model: int, heads: int) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(d_model), nn.LayerNorm(d_model)
        self.attention = Attention(d_model, heads)
        self.up, self.down = nn.Linear(d_model, 4 * d_model), nn.Linear(4 * d_model, d_model)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, padding: Tensor | None) -> Tensor:
        x = x + self.dropout(self.attention(self.norm1(x), padding))
        return x + self.dropout(self.down(functional.gelu(self.up(self.norm2(x)))))


class Encoder(nn.Module):
    """One verdict for the sentence."""

    def __init__(self, table: Tensor, heads: int, blocks: int) -> None:
        """table [vocabulary, d_model]: where the word vectors start."""
        super().__init__()
        d_model = table.shape[1]
        self.words = nn.Embedding.from_pretrained(table, freeze=False)
        self.positions = nn.Embedding(LONGEST, d_model)
        nn.init.normal_(self.positions.weight, std=0.1)
        self.dropout = nn.Dropout(0.3)
        self.blocks = nn.ModuleList(Block(d_model, heads) for _ in range(blocks))
        self.norm = nn.LayerNorm(d_model)
        self.head = nn.Linear(d_model, 2)

    def vectors(self, input_ids: Tensor, padding: Tensor | None = None) -> Tensor:
        """input_ids [batch, pos] -> what the tokens became [batch, pos, d_model]."""
        at = torch.arange(input_ids.shape[1])
        x = self.dropout(self.words(input_ids) + self.positions(at))
        for block in self.blocks:
            x = block(x, padding)
        return self.norm(x)

    def forward(self, input_ids: Tensor, padding: Tensor | None = None) -> Tensor:
        """input_ids [batch, pos] -> logits [batch, 2]."""
        x = self.vectors(input_ids, padding)
        if padding is None:
            return self.head(self.dropout(x.mean(1)))
        there = (~padding).float()[..., None]
        return self.head(self.dropout((x * there).sum(1) / there.sum(1)))

    def verdicts(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """logits [batch, 2]."""
        padding = torch.arange(ids.shape[1])[None] >= lengths[:, None]
        return self(ids, padding if bool(padding.any()) else None)

    def loss(self, ids: Tensor, lengths: Tensor, verdicts: Tensor) -> Tensor:
        """-ln p(verdict) of the sentence, SMOOTHING of it taken for the other (Szegedy et al. 2016)."""
        return functional.cross_entropy(self.verdicts(ids, lengths), verdicts, label_smoothing=SMOOTHING)

    @staticmethod
    def rise(epochs: float) -> float:
        """The share of the learning rate after so many epochs: it rises for half an epoch (Vaswani et al. 2017)."""
        return min(1.0, 2 * epochs)

    def export(self, path: Path) -> None:
        """The TorchScript exporter's graph, unfolded so that weights keep their names, large weights as fp16."""
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter, chosen for its plain graphs
            torch.onnx.export(
                self, (torch.zeros(1, 8, dtype=torch.long),), buffer, dynamo=False, opset_version=17,
                do_constant_folding=False, input_names=["input_ids"], output_names=["logits"],
                dynamic_axes={"input_ids": {0: "batch", 1: "pos"}, "logits": {0: "batch"}},
            )  # fmt: skip
        exported = onnx.load_from_string(buffer.getvalue())
        half_weights.store_half(exported)
        onnx.checker.check_model(exported, full_check=True)
        path.write_bytes(exported.SerializeToString())
