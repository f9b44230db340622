"""The sentence encoder: word vectors, blocks of attention that start almost at nothing, and a weighted mean.

x = E[ids] + P[0..T)                                 residual stream [batch, pos, d_model]
x = x + Attention(LayerNorm(x)), x + MLP(LayerNorm(x))       in every block
sentence = Σ_t w[id_t] x_t / Σ_t w[id_t]             the tokens that the mask leaves

w starts at a / (a + p(word)), the weights of Arora et al. 2017 ("A simple but tough-to-beat baseline"), and E at the
bundled word vectors, so that training begins at a good mean of words. w is learnt as its logarithm.
"""

from __future__ import annotations

import io
import warnings
from pathlib import Path

import onnx
import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipes import half_weights
from models.recipes.encoder import Block
from models.recipes.pieces import Start

ENCODER = "encoder."
LONGEST = 128
SCALE = 10.0  # the length of a word vector at the start: a deviation of 1 in each of 100 dimensions
WORD_DROPOUT, BLOCK_DROPOUT = 0.2, 0.1


class SentenceEncoder(nn.Module):
    def __init__(self, start: Start, heads: int, blocks: int) -> None:
        super().__init__()
        d_model = start.vectors.shape[1]
        self.words = nn.Embedding.from_pretrained(SCALE * torch.tensor(start.vectors), freeze=False)
        self.log_weights = nn.Parameter(torch.tensor(start.weights).log())
        self.positions = nn.Embedding(LONGEST, d_model)
        nn.init.normal_(self.positions.weight, std=0.02)
        self.dropout = nn.Dropout(WORD_DROPOUT)
        self.blocks = nn.ModuleList(Block(d_model, heads) for _ in range(blocks))
        for block in self.blocks:
            block.dropout.p = BLOCK_DROPOUT
            for last in (block.attention.out, block.down):
                nn.init.normal_(last.weight, std=0.01)
                nn.init.zeros_(last.bias)

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        """input_ids, attention_mask [batch, pos] -> tokens [batch, pos, d_model], sentence [batch, d_model]."""
        return self.pooled(input_ids, attention_mask, self.log_weights.exp())

    def pooled(self, input_ids: Tensor, attention_mask: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """The same with weights [vocabulary] given."""
        padding = attention_mask == 0
        x = self.dropout(self.words(input_ids) + self.positions(torch.arange(input_ids.shape[1])))
        for block in self.blocks:
            x = block(x, padding)
        share = (weights[input_ids] * attention_mask)[..., None]
        return x, (share * x).sum(1) / share.sum(1)

    def sentences(self, rows: list[list[int]]) -> Tensor:
        """The vectors of rows of ids, of length 1 [rows, d_model]."""
        longest = min(max(map(len, rows)), LONGEST)
        ids, mask = torch.zeros(2, len(rows), longest, dtype=torch.long)
        for row, each in enumerate(rows):
            kept = each[:LONGEST]
            ids[row, : len(kept)] = torch.tensor(kept)
            mask[row, : len(kept)] = 1
        return functional.normalize(self(ids, mask)[1], dim=1)


class Exported(nn.Module):
    """What is shipped: the weights of the tokens as they are, not as logarithms."""

    def __init__(self, encoder: SentenceEncoder) -> None:
        super().__init__()
        self.encoder = encoder
        self.token_weights = nn.Parameter(encoder.log_weights.detach().exp())

    def forward(self, input_ids: Tensor, attention_mask: Tensor) -> tuple[Tensor, Tensor]:
        return self.encoder.pooled(input_ids, attention_mask, self.token_weights)

    def export(self, path: Path) -> None:
        """The TorchScript exporter's graph, unfolded so that weights keep their names, large weights as fp16."""
        buffer = io.BytesIO()
        ids, mask = torch.zeros(1, 8, dtype=torch.long), torch.ones(1, 8, dtype=torch.long)
        per_token = ("input_ids", "attention_mask", "token_vectors")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # the older exporter, chosen for its plain graphs
            torch.onnx.export(
                self, (ids, mask), buffer, dynamo=False, opset_version=17, do_constant_folding=False,
                input_names=["input_ids", "attention_mask"], output_names=["token_vectors", "sentence_vector"],
                dynamic_axes={name: {0: "batch", 1: "pos"} for name in per_token} | {"sentence_vector": {0: "batch"}},
            )  # fmt: skip
        exported = onnx.load_from_string(buffer.getvalue())
        _shorten_names(exported.graph)
        half_weights.store_half(exported)
        onnx.checker.check_model(exported, full_check=True)
        path.write_bytes(exported.SerializeToString())


def _shorten_names(graph: onnx.GraphProto) -> None:
    """blocks.0.… instead of encoder.blocks.0.…"""
    for weight in graph.initializer:
        weight.name = weight.name.removeprefix(ENCODER)
    for node in graph.node:
        for names in (node.input, node.output):  # equal weights are one weight and nodes that copy it
            names[:] = [name.removeprefix(ENCODER) for name in names]
