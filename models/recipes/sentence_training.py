"""How the sentence encoder learns that alike sentences should have like vectors: first from plain text, then from
pairs that people rated. Two copies of one encoder, a loss on the cosines of the vectors (Reimers & Gurevych 2019)."""

from __future__ import annotations

import math
import random
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional

from models.recipes.sentence_encoder import SentenceEncoder

SHARPNESS = 20.0  # cosines are multiplied by it
RATES = {"words.weight": 1e-3, "log_weights": 1e-2}
OTHERS = 1e-3
RISE = 30  # steps in which the learning rates rise to these
TEXT_BATCH, PAIR_BATCH = 96, 64
LEFT_OUT = 0.3  # of the words of a sentence, when text is learnt from
NEIGHBOUR = 0.5  # how often the other half of a pair is the next sentence, not the same one
UNKNOWN_RATE = 0.1  # of the words, replaced by [UNK] when pairs are learnt from
ALIKE = 3.5  # pairs rated so or higher also tell each other from the rest of the batch


class Learning:
    """Adam with gradients clipped to 1; rates rise, then fall linearly over so many steps."""

    def __init__(self, model: nn.Module, steps: int, last: float) -> None:
        """last: the share of the rates that is left at the end."""
        self.model, self.steps, self.last, self.done = model, steps, last, 0
        groups = [
            {"params": [weight], "most": RATES.get(name, OTHERS)} for name, weight in model.named_parameters()
        ]  # fmt: skip
        self.optimizer = torch.optim.Adam(groups)

    def step(self, loss: Tensor) -> None:
        share = min(1.0, (self.done + 1) / RISE) * (1 - (1 - self.last) * self.done / self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = group["most"] * share
        self.optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.done += 1


def learn_from_text(
    model: SentenceEncoder, pairs: list[tuple[list[int], list[int]]], steps: int, seed: int,
    after: Callable[[int], None],
) -> None:  # fmt: skip
    """Tell a sentence, some of its words left out, by its neighbour or by itself with others left out, from the rest
    of the batch (SimCSE, Gao et al. 2021, with words left out instead of units)."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    learning = Learning(model, steps, last=0.1)

    def thinned(ids: list[int]) -> list[int]:
        return [i for i in ids if draw.random() > LEFT_OUT] or ids

    for step in range(steps):
        at = (step * TEXT_BATCH) % (len(pairs) - TEXT_BATCH)
        batch = pairs[at : at + TEXT_BATCH]
        others = [after_it if draw.random() < NEIGHBOUR else first for first, after_it in batch]
        vectors = model.sentences([thinned(ids) for ids in [first for first, _ in batch] + others])
        one, other = vectors.chunk(2)
        scores, right = SHARPNESS * one @ other.T, torch.arange(len(batch))
        learning.step((functional.cross_entropy(scores, right) + functional.cross_entropy(scores.T, right)) / 2)
        after(step)


def learn_from_ratings(
    model: SentenceEncoder, pairs: list[tuple[list[int], list[int], float]], epochs: int, seed: int,
    after: Callable[[int], None],
) -> None:  # fmt: skip
    """CoSENT (Su 2022): ln(1 + Σ exp(s (cos_j - cos_i))) over pairs of pairs of which i is rated higher than j; and
    in the rows of alike pairs, cross-entropy of finding the partner (Henderson et al. 2017)."""
    torch.manual_seed(seed)
    draw = random.Random(seed)
    order = list(pairs)
    learning = Learning(model, epochs * math.ceil(len(pairs) / PAIR_BATCH), last=0.05)
    for epoch in range(epochs):
        draw.shuffle(order)
        for at in range(0, len(order), PAIR_BATCH):
            batch = order[at : at + PAIR_BATCH]
            rows = [first for first, _, _ in batch] + [second for _, second, _ in batch]
            one, other = model.sentences(
                [[0 if draw.random() < UNKNOWN_RATE else i for i in row] for row in rows]
            ).chunk(2)
            ratings = torch.tensor([rating for _, _, rating in batch])
            cosines = (one * other).sum(1)
            wrong = SHARPNESS * (cosines[None] - cosines[:, None])[ratings[:, None] > ratings[None]]
            loss = torch.logsumexp(torch.cat([torch.zeros(1), wrong]), 0)
            alike = (ratings >= ALIKE).nonzero()[:, 0]
            if len(alike):
                loss = loss + functional.cross_entropy(SHARPNESS * one[alike] @ other.T, alike)
            learning.step(loss)
        after(epoch)
