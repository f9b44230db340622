"""A small LSTM over the words of an item; what it says after the last of them is the item's vector."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.activations import sigmoid
from embstudio.lab.pairs.encoders import Slope, summed
from embstudio.lab.pairs.items import Items

GATES = ("i", "o", "f", "g")  # as ONNX stacks them
FORGET_BIAS = 1.0  # Jozefowicz, Zaremba and Sutskever 2015: else memory is halved at each word to begin with


@dataclass(frozen=True)
class _Step:
    """One word of all items, [n, …]. here: [n, 1], 1 where the item still has a word."""

    words: np.ndarray
    here: np.ndarray
    x: np.ndarray
    h_before: np.ndarray
    c_before: np.ndarray
    gates: dict[str, np.ndarray]
    squashed: np.ndarray


class LstmEncoder:
    """h' = o ⊙ tanh(c'), c' = f ⊙ c + i ⊙ g, gates from W x + R h + b (Hochreiter and Schmidhuber 1997, with the forget
    gate of Gers, Schmidhuber and Cummins 2000). weights: E [words, width], W [4·units, width], R [4·units, units],
    b [4·units], gates in ONNX's order."""

    def __init__(self, items: Items, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.units = weights["R"].shape[1]
        self._ids, self._lengths = items.ids, items.lengths

    @classmethod
    def drawn(cls, items: Items, units: int, chance: np.random.Generator) -> LstmEncoder:
        """As PyTorch draws them, evenly within ±1 / √units; word vectors, as wide, from −1 to 1."""
        reach = 1 / np.sqrt(units)
        weights = {
            "E": chance.uniform(-1, 1, (len(items.words), units)),
            "W": chance.uniform(-reach, reach, (4 * units, units)),
            "R": chance.uniform(-reach, reach, (4 * units, units)),
            "b": np.zeros(4 * units),
        }
        at = GATES.index("f")
        weights["b"][at * units : (at + 1) * units] = FORGET_BIAS
        return cls(items, weights)

    def encode(self, rows: np.ndarray) -> tuple[np.ndarray, list[_Step]]:
        E, W, R, b = (self.weights[name] for name in "EWRb")
        ids, lengths = self._ids[rows], self._lengths[rows]
        h = np.zeros((len(rows), self.units))
        c = np.zeros_like(h)
        steps = []
        for at in range(int(lengths.max(initial=0))):
            here = (at < lengths)[:, None].astype(float)
            x = E[ids[:, at]]
            sums = dict(zip(GATES, np.split(x @ W.T + h @ R.T + b, 4, axis=1), strict=True))
            gates = {name: np.tanh(a) if name == "g" else sigmoid(a) for name, a in sums.items()}
            new = gates["f"] * c + gates["i"] * gates["g"]
            squashed = np.tanh(new)
            steps.append(_Step(ids[:, at], here, x, h, c, gates, squashed))
            # An item that has no more words keeps what it has.
            c = here * new + (1 - here) * c
            h = here * gates["o"] * squashed + (1 - here) * h
        return h, steps

    def back(self, way: list[_Step], dV: np.ndarray) -> dict[str, Slope]:
        """Back-propagation through time: from the last word to the first."""
        W, R = self.weights["W"], self.weights["R"]
        dW, dR, db = np.zeros_like(W), np.zeros_like(R), np.zeros(len(W))
        words, by_word = [], []
        dh, dc = dV, np.zeros_like(dV)
        for step in reversed(way):
            gate, here = step.gates, step.here
            dh_new, dc_new = dh * here, dc * here
            dc_new = dc_new + dh_new * gate["o"] * (1 - step.squashed**2)
            slopes = {
                "i": dc_new * gate["g"] * gate["i"] * (1 - gate["i"]),
                "o": dh_new * step.squashed * gate["o"] * (1 - gate["o"]),
                "f": dc_new * step.c_before * gate["f"] * (1 - gate["f"]),
                "g": dc_new * gate["i"] * (1 - gate["g"] ** 2),
            }
            da = np.concatenate([slopes[name] for name in GATES], axis=1)
            dW += da.T @ step.x
            dR += da.T @ step.h_before
            db += da.sum(axis=0)
            seen = here[:, 0] > 0
            words.append(step.words[seen])
            by_word.append((da @ W)[seen])
            dh = da @ R + dh * (1 - here)
            dc = dc_new * gate["f"] + dc * (1 - here)
        return {
            "E": summed(np.concatenate(words), np.concatenate(by_word)),
            "W": (None, dW), "R": (None, dR), "b": (None, db),
        }  # fmt: skip
