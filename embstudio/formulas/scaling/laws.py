"""Published scaling laws: the loss of a language model, in nats a token, from its size and the text it read.

The constants belong to the texts and tokenizers they were fitted on; only the exponents are meant to carry over.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

PF_DAY = 1e15 * 24 * 3600  # operations


@dataclass(frozen=True)
class Range:
    """Where a law was fitted. N: parameters, D: tokens."""

    N: tuple[float, float]
    D: tuple[float, float]

    def holds(self, N: float, D: float) -> bool:
        return self.N[0] <= N <= self.N[1] and self.D[0] <= D <= self.D[1]


@dataclass(frozen=True)
class Power:
    """(x_c / x)^α."""

    scale: float
    exponent: float

    def __call__(self, x: np.ndarray | float) -> np.ndarray:
        return np.asarray((self.scale / np.asarray(x, float)) ** self.exponent)


@dataclass(frozen=True)
class KaplanLaw:
    """Kaplan et al. 2020, Scaling Laws for Neural Language Models. N counts no embeddings.

    L(N) = (N_c/N)^α_N with text enough, L(D) = (D_c/D)^α_D for a model large enough, L(C) = (C_c/C)^α_C with the best
    N for it (eqs. 1.1-1.3); L(N, D) = [(N_c/N)^(α_N/α_D) + D_c/D]^α_D (eq. 1.5), fitted together in table 2.
    """

    name: str = "Kaplan et al. 2020"
    source: str = "arXiv:2001.08361: equations 1.1 to 1.5, tables 2 and 6"
    about: str = (
        "GPT-like decoders, WebText2, 1,024 tokens; N without embeddings; no floor; best N and D for small batches, so "
        "that 6ND of them is more than C"
    )
    range: Range = Range((768, 1.5e9), (2.2e7, 2.3e10))
    of_size: Power = Power(8.8e13, 0.076)
    of_text: Power = Power(5.4e13, 0.095)
    of_compute: Power = Power(3.1e8 * PF_DAY, 0.050)
    both_size: Power = Power(6.4e13, 0.076)  # of L(N, D), table 2
    both_text: Power = Power(1.8e13, 0.103)
    best_size: tuple[float, float] = (1.3e9, 0.73)  # table 6: N = 1.3e9 C^0.73, C in PF-days
    best_text: tuple[float, float] = (2.0e10, 0.27)
    floor: float = 0.0
    embeddings_count: bool = False

    @property
    def formula(self) -> str:
        return "L = [(6.4e13/N)^(0.076/0.103) + 1.8e13/D]^0.103"

    def loss(self, N: np.ndarray | float, D: np.ndarray | float) -> np.ndarray:
        """Of both; with endless text L(N) as it was fitted by itself."""
        N, D = np.asarray(N, float), np.asarray(D, float)
        model = (self.both_size.scale / N) ** (self.both_size.exponent / self.both_text.exponent)
        both = (model + self.both_text.scale / D) ** self.both_text.exponent
        return np.asarray(np.where(np.isinf(D), self.of_size(N), both))

    def loss_of_compute(self, C: np.ndarray | float) -> np.ndarray:
        """With the best model for C operations."""
        return self.of_compute(C)

    def best(self, C: float) -> tuple[float, float]:
        """The best N and D for C operations, as table 6 has them. 6 N D of the two is not C: it was fitted for batches
        small enough, and these take more."""
        days = C / PF_DAY
        (N, p), (D, q) = self.best_size, self.best_text
        return N * days**p, D * days**q


@dataclass(frozen=True)
class FlooredLaw:
    """L(N, D) = E + A/N^α + B/D^β: what no model gets below, what a small one lacks, what too little text costs.

    Hoffmann et al. 2022, Training Compute-Optimal Large Language Models ("Chinchilla"), §3.3. N counts all parameters.
    """

    name: str
    source: str
    about: str
    range: Range
    E: float
    A: float
    alpha: float
    B: float
    beta: float
    embeddings_count: bool = True

    @property
    def formula(self) -> str:
        return f"L = {self.E:g} + {self.A:g}/N^{self.alpha:g} + {self.B:g}/D^{self.beta:g}"

    @property
    def floor(self) -> float:
        return self.E

    def loss(self, N: np.ndarray | float, D: np.ndarray | float) -> np.ndarray:
        """Of both; D may be infinite."""
        N, D = np.asarray(N, float), np.asarray(D, float)
        return np.asarray(self.E + self.A * N**-self.alpha + self.B * D**-self.beta)

    def best(self, C: float) -> tuple[float, float]:
        """The N and D with the least loss among those with 6 N D = C (eq. 4): N = G (C/6)^a, D = (C/6)^b / G with
        G = (αA / βB)^(1/(α+β)), a = β/(α+β), b = α/(α+β)."""
        together = self.alpha + self.beta
        G = (self.alpha * self.A / (self.beta * self.B)) ** (1 / together)
        N = G * (C / 6) ** (self.beta / together)
        return N, C / 6 / N

    def loss_of_compute(self, C: np.ndarray | float) -> np.ndarray:
        """With the best model for C operations."""
        pairs = np.array([self.best(float(each)) for each in np.atleast_1d(np.asarray(C, float))])
        return self.loss(pairs[:, 0], pairs[:, 1]).reshape(np.shape(C))


_CHINCHILLA = Range((7e7, 1.6e10), (5e9, 5e11))
KAPLAN = KaplanLaw()
HOFFMANN = FlooredLaw(
    "Hoffmann et al. 2022", "arXiv:2203.15556, equation 10 (“Chinchilla”, approach 3), as printed: rounded",
    "decoders, MassiveText; over 400 models; N of all parameters", _CHINCHILLA, 1.69, 406.4, 0.34, 410.7, 0.28,
)  # fmt: skip
UNROUNDED = FlooredLaw(
    "Hoffmann et al., unrounded", "the same fit with the digits that its TeX source has (Besiroglu et al. 2024)",
    "the same models; the rounding of the exponents alone moves the best N at 5.76e23 operations from 40 B to 32 B",
    _CHINCHILLA, 1.6934, 406.4, 0.3392, 410.7, 0.2849,
)  # fmt: skip
BESIROGLU = FlooredLaw(
    "Besiroglu et al. 2024", "arXiv:2404.10102: the same runs, read off the paper's plot and fitted anew",
    "240 of the models above; finds that approach 3 had not converged", _CHINCHILLA,
    1.8172, 482.01, 0.3478, 2085.43, 0.3658,
)  # fmt: skip
LAWS: tuple[KaplanLaw | FlooredLaw, ...] = (KAPLAN, HOFFMANN, UNROUNDED, BESIROGLU)

# The reading notes' table: parameters, accuracy. No task, data or source is named with it.
NOTED = ((1e6, 0.70), (1e8, 0.75), (1e9, 0.78), (1e10, 0.82), (1e11, 0.85))


def noted_exponent() -> float:
    """x of 1 − accuracy ∝ N^−x through the noted table, by least squares on both logarithms."""
    N, accuracy = np.array(NOTED).T
    return -float(np.polyfit(np.log(N), np.log(1 - accuracy), 1)[0])


def perplexity(loss: float) -> float:
    """e^L: among how many equally likely tokens the model is as good as guessing."""
    return math.exp(loss)
