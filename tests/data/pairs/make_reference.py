"""Write reference.npz: what PyTorch makes of small encoders and losses by pairs, in float64.

    python tests/data/pairs/make_reference.py

Keys {encoder}.{loss}.…: `weights.{name}` as embstudio keeps them (gates of the LSTM in ONNX's order), `losses` [n] of
the examples below, `slopes.{name}` of their sum, and `SGD.{name}`, `Adam.{name}`: the weights after STEPS steps, one
example at a time. PyTorch's own TripletMarginWithDistanceLoss and CosineEmbeddingLoss are used; contrastive loss, which
PyTorch has not, is written out.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

torch.set_default_dtype(torch.float64)
WORDS, WIDTH, MARGIN, RATE, STEPS = 7, 4, 1.3, 0.05, 30
ITEMS = [[0, 1, 2], [2, 1, 0], [3], [4, 4, 5, 6], [6, 0]]  # the words of each
PAIRS = [(0, 1, True), (0, 2, False), (2, 3, True), (1, 3, False), (3, 4, False), (4, 4, True)]
TRIPLETS = [(0, 1, 2), (1, 0, 3), (2, 3, 0), (3, 2, 4)]
ENCODERS = ("table of vectors", "bag of words", "bag of words, linear", "LSTM")
LOSSES = ("contrastive", "cosine", "triplet")
TO_ONNX = [0, 3, 1, 2]  # i, f, g, o as i, o, f, g


class Encoder(nn.Module):
    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.table = nn.Embedding(len(ITEMS) if kind.startswith("table") else WORDS, WIDTH)
        if kind.startswith("bag"):
            self.layer = nn.Linear(WIDTH, WIDTH)
        if kind == "LSTM":
            self.lstm = nn.LSTM(WIDTH, WIDTH)

    def forward(self, item: int) -> Tensor:
        if self.kind.startswith("table"):
            return self.table(torch.tensor(item))
        words = self.table(torch.tensor(ITEMS[item]))
        if self.kind == "LSTM":
            return self.lstm(words)[1][0][0]
        found = self.layer(words.mean(0))
        return found if "linear" in self.kind else found.tanh()

    def named(self, values: dict[str, Tensor]) -> dict[str, np.ndarray]:
        """Weights or slopes by PyTorch's names as embstudio's."""
        found = {"E": values["table.weight"]}
        if self.kind.startswith("bag"):
            found |= {"W": values["layer.weight"], "b": values["layer.bias"]}
        if self.kind == "LSTM":
            for mine, theirs in (("W", "weight_ih_l0"), ("R", "weight_hh_l0"), ("b", "bias_ih_l0")):
                parts = values[f"lstm.{theirs}"].chunk(4)
                found[mine] = torch.cat([parts[at] for at in TO_ONNX])
        return {name: value.detach().numpy().copy() for name, value in found.items()}


def make(kind: str) -> Encoder:
    torch.manual_seed(5)
    encoder = Encoder(kind)
    if kind == "LSTM":  # PyTorch has two biases that add up, embstudio one
        encoder.lstm.bias_hh_l0.requires_grad_(False).zero_()
    return encoder


def loss_of(encoder: Encoder, loss: str, example: tuple) -> Tensor:
    if loss == "triplet":
        a, p, n = (encoder(item)[None] for item in example)
        squared = nn.TripletMarginWithDistanceLoss(
            distance_function=lambda x, y: ((x - y) ** 2).sum(-1), margin=MARGIN, reduction="sum"
        )
        return squared(a, p, n)
    a, b, same = encoder(example[0]), encoder(example[1]), example[2]
    if loss == "cosine":
        return nn.CosineEmbeddingLoss(margin=1 - MARGIN)(a[None], b[None], torch.tensor([1 if same else -1]))
    squares = ((a - b) ** 2).sum()
    return squares / 2 if same else (MARGIN - squares.sqrt()).clamp(min=0) ** 2 / 2


def reference(kind: str, loss: str) -> dict[str, np.ndarray]:
    examples = TRIPLETS if loss == "triplet" else PAIRS
    encoder = make(kind)
    found = {f"weights.{name}": value for name, value in encoder.named(dict(encoder.named_parameters())).items()}
    losses = torch.stack([loss_of(encoder, loss, example) for example in examples])
    losses.sum().backward()
    found["losses"] = losses.detach().numpy()
    slopes = {name: each.grad if each.grad is not None else each for name, each in encoder.named_parameters()}
    found |= {f"slopes.{name}": value for name, value in encoder.named(slopes).items()}
    for optimiser in (torch.optim.SGD, torch.optim.Adam):
        encoder = make(kind)
        descent = optimiser([each for each in encoder.parameters() if each.requires_grad], lr=RATE)
        # Without pairs of one vector with itself: their slopes are rounding, which Adam makes as large as any other.
        taken = examples if loss == "triplet" else examples[1:5]
        for step in range(STEPS):
            descent.zero_grad()
            loss_of(encoder, loss, taken[step % len(taken)]).backward()
            descent.step()
        after = encoder.named(dict(encoder.named_parameters()))
        found |= {f"{optimiser.__name__}.{name}": value for name, value in after.items()}
    return {f"{kind}.{loss}.{key}": value for key, value in found.items()}


def main() -> None:
    found: dict[str, np.ndarray] = {}
    for kind in ENCODERS:
        for loss in LOSSES:
            found |= reference(kind, loss)
    np.savez_compressed(Path(__file__).with_name("reference.npz"), **found)


if __name__ == "__main__":
    main()
