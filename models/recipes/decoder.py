"""The next-word models: pre-norm decoders after GPT-2 (Radford et al. 2019), plainly written.

x = E[ids] + P[0..T)                           residual stream [batch, pos, d_model]
x = x + Attention(LayerNorm(x))                one of ``layers`` blocks
x = x + W2 gelu(W1 LayerNorm(x) + b1) + b2
logits = LayerNorm(x) Eᵀ                       the embedding table again (Press & Wolf 2017)

The standard one makes keys and values anew in each block, of what enters it. Its sibling makes them once, of the
embedding, and all blocks attend to the same (cross-layer attention carried to its end; Brandon et al. 2024); what that
saves in weights goes into wider hidden layers, so that both are of one size.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    vocabulary: int
    layers: int = 12
    heads: int = 4
    d_model: int = 128
    context: int = 128
    shared: bool = False  # keys and values made once, of the embedding

    @property
    def d_mlp(self) -> int:
        """Four times the stream; wider where the blocks have no matrices for keys and values."""
        return (5 if self.shared else 4) * self.d_model


class KeysAndValues(nn.Module):
    """What there is to attend to: k = W_K x + b_K, v = W_V x + b_V."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.k = nn.Linear(shape.d_model, shape.d_model)
        self.v = nn.Linear(shape.d_model, shape.d_model)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x [batch, pos, d_model] -> k and v of the same shape."""
        return self.k(x), self.v(x)


class Attention(nn.Module):
    """Causal attention, heads side by side (Vaswani et al. 2017): softmax(q kᵀ / √d_head) v, no k after q."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads, self.d_head = shape.heads, shape.d_model // shape.heads
        self.q = nn.Linear(shape.d_model, shape.d_model)
        self.own = None if shape.shared else KeysAndValues(shape)
        self.out = nn.Linear(shape.d_model, shape.d_model)
        self.plain = False  # spelt out for the export; PyTorch's fused kernel gives the same numbers faster

    def forward(self, x: Tensor, shared: tuple[Tensor, Tensor] | None) -> Tensor:
        """x [batch, pos, d_model] -> the same shape. shared: keys and values, where they are not made of x."""
        batch, pos, d_model = x.shape
        given = shared if self.own is None else self.own(x)
        q, k, v = (part.view(batch, pos, self.heads, self.d_head).transpose(1, 2) for part in (self.q(x), *given))
        if self.plain:
            scores = q @ k.transpose(2, 3) / math.sqrt(self.d_head)  # [batch, head, pos of q, pos of k]
            at = torch.arange(pos, device=x.device)
            scores = scores.masked_fill(at[None, :] > at[:, None], -torch.inf)
            z = scores.softmax(-1) @ v
        else:
            z = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.out(z.transpose(1, 2).reshape(batch, pos, d_model))


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.norm1 = nn.LayerNorm(shape.d_model)
        self.attention = Attention(shape)
        self.norm2 = nn.LayerNorm(shape.d_model)
        self.up = nn.Linear(shape.d_model, shape.d_mlp)
        self.down = nn.Linear(shape.d_mlp, shape.d_model)

    def forward(self, x: Tensor, shared: tuple[Tensor, Tensor] | None) -> Tensor:
        x = x + self.attention(self.norm1(x), shared)
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class Decoder(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.tokens = nn.Embedding(shape.vocabulary, shape.d_model)
        self.positions = nn.Embedding(shape.context, shape.d_model)
        self.shared = nn.Sequential(nn.LayerNorm(shape.d_model), KeysAndValues(shape)) if shape.shared else None
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.LayerNorm(shape.d_model)
        self._start(shape)

    def _start(self, shape: Shape) -> None:
        """GPT-2's initial weights: N(0, 0.02²), √(2 layers) smaller where a block writes to the stream."""
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                writes = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * shape.layers) if writes else 0.02)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def forward(self, input_ids: Tensor) -> Tensor:
        """input_ids [batch, pos] -> logits [batch, pos, vocabulary]."""
        at = torch.arange(input_ids.shape[1], device=input_ids.device)
        x = self.tokens(input_ids) + self.positions(at)
        shared = None if self.shared is None else self.shared(x)
        for block in self.blocks:
            x = block(x, shared)
        return self.norm(x) @ self.tokens.weight.T

    def spell_out(self) -> None:
        """Use plain matmul / softmax / matmul attention, as an export shows it."""
        for block in self.blocks:
            block.attention.plain = True
