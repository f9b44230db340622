"""The one grammar of point names: what `blocks.3.attn.pattern` means, its axes, its formula.

A point is a named place in a model whose value can be read. The same names are used in code, files, plots and on
the command line. An encoder-decoder puts `encoder.` or `decoder.` in front of `blocks`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class PointKind:
    """One sort of point. `scale` tells a picture how to colour it: "unit" is [0, 1], "signed" is around 0."""

    template: str
    axes: tuple[str, ...]
    meaning: str
    formula: str
    scale: str = "signed"


_ATTENTION = (
    ("norm", ("pos", "d_model"), "residual stream, normalised, as attention reads it",
     "norm = Norm(resid_pre)", "signed"),
    ("q", ("head", "query", "d_head"), "queries: what each position looks for", "q = x W_Q + b_Q", "signed"),
    ("k", ("kv_head", "key", "d_head"), "keys: what each position offers to be found by", "k = x W_K + b_K", "signed"),
    ("v", ("kv_head", "key", "d_head"), "values: what each position hands over", "v = x W_V + b_V", "signed"),
    ("raw_scores", ("head", "query", "key"), "each query's dot product with each key, before scale, bias and mask",
     "raw_scores = q kᵀ", "signed"),
    ("scores", ("head", "query", "key"), "attention scores after scale, bias and mask, before softmax",
     "scores = q kᵀ / √d_head + mask", "signed"),
    ("pattern", ("head", "query", "key"), "attention weights; each query's row sums to 1",
     "pattern = softmax(scores)", "unit"),
    ("z", ("head", "query", "d_head"), "values blended by the attention weights", "z = pattern v", "signed"),
    ("out", ("pos", "d_model"), "what attention adds to the residual stream", "out = concat(z) W_O + b_O", "signed"),
    ("sum", ("pos", "d_model"), "stream and attention added up, before the norm that makes the stream of them",
     "sum = resid_pre + out", "signed"),
)  # fmt: skip

_RESIDUAL = (
    ("resid_pre", "residual stream entering the block", "resid_pre = resid_post of the block before"),
    ("resid_mid", "residual stream after attention", "resid_mid = resid_pre + attn.out"),
    ("resid_cross", "residual stream after cross-attention", "resid_cross = resid_mid + cross_attn.out"),
    ("resid_post", "residual stream leaving the block", "resid_post = resid_mid + mlp.out"),
)

_RECURRENT = (
    ("lstm", "i", "input gate: how much of the candidate is stored", "iₜ = σ(W_i xₜ + R_i hₜ₋₁ + b_i)", "unit"),
    ("lstm", "o", "output gate: how much of the memory is exposed", "oₜ = σ(W_o xₜ + R_o hₜ₋₁ + b_o)", "unit"),
    ("lstm", "f", "forget gate: how much of the old memory is kept", "fₜ = σ(W_f xₜ + R_f hₜ₋₁ + b_f)", "unit"),
    ("lstm", "g", "candidate: what could be stored", "gₜ = tanh(W_c xₜ + R_c hₜ₋₁ + b_c)", "signed"),
    ("lstm", "c", "memory (cell state)", "cₜ = fₜ ⊙ cₜ₋₁ + iₜ ⊙ gₜ", "signed"),
    ("lstm", "h", "hidden state: the exposed memory", "hₜ = oₜ ⊙ tanh(cₜ)", "signed"),
    ("gru", "z", "update gate: how much of the old state is kept", "zₜ = σ(W_z xₜ + R_z hₜ₋₁ + b_z)", "unit"),
    ("gru", "r", "reset gate: how much of the old state the candidate sees", "rₜ = σ(W_r xₜ + R_r hₜ₋₁ + b_r)", "unit"),
    ("gru", "n", "candidate state", "nₜ = tanh(W_n xₜ + r-gated R_n hₜ₋₁ + b_n)", "signed"),
    ("gru", "h", "hidden state", "hₜ = (1 − zₜ) ⊙ nₜ + zₜ ⊙ hₜ₋₁", "signed"),
    ("rnn", "a", "the sum before the activation", "aₜ = W xₜ + R hₜ₋₁ + b", "signed"),
    ("rnn", "h", "hidden state", "hₜ = tanh(aₜ)", "signed"),
)  # fmt: skip

KINDS: tuple[PointKind, ...] = (
    PointKind("embed", ("pos", "d_model"), "the tokens' vectors from the embedding table", "embed = E[id]"),
    PointKind("pos_embed", ("pos", "d_model"), "the vectors of the places, added to those of the tokens",
              "pos_embed = P[place]"),
    *(
        PointKind("blocks.{layer}." + name, ("pos", "d_model"), meaning, formula)
        for name, meaning, formula in _RESIDUAL
    ),
    *(
        PointKind("blocks.{layer}." + block + "." + name, axes, meaning, formula, scale)
        for block in ("attn", "cross_attn")
        for name, axes, meaning, formula, scale in _ATTENTION
    ),
    PointKind("blocks.{layer}.mlp.norm", ("pos", "d_model"), "residual stream, normalised, as the MLP reads it",
              "norm = Norm(resid_mid)"),
    PointKind("blocks.{layer}.mlp.hidden", ("pos", "d_mlp"), "hidden layer of the MLP, after its activation",
              "hidden = act(x W_1 + b_1)"),
    PointKind("blocks.{layer}.mlp.out", ("pos", "d_model"), "what the MLP adds to the residual stream",
              "out = hidden W_2 + b_2"),
    PointKind("blocks.{layer}.mlp.sum", ("pos", "d_model"),
              "stream and MLP added up, before the norm that makes the stream of them", "sum = resid_mid + out"),
    PointKind("final_norm", ("pos", "d_model"), "residual stream, normalised, as the output head reads it",
              "final_norm = Norm(resid_post)"),
    PointKind("logits", ("pos", "vocab"), "scores of the output head, before softmax or sigmoid",
              "logits = x W_U + b_U"),
    PointKind("pooled", ("d_model",), "one vector for the whole sentence", "pooled = pool(resid_post)"),
    *(
        PointKind(f"{kind}.{{layer}}.{{direction}}.{name}", ("pos", "unit"), meaning, formula, scale)
        for kind, name, meaning, formula, scale in _RECURRENT
    ),
)  # fmt: skip

_PATTERNS = tuple(
    (
        re.compile(
            "(?:(?P<stack>encoder|decoder)\\.)?"
            + re.escape(kind.template)
            .replace(r"\{layer\}", r"(?P<layer>\d+)")
            .replace(r"\{direction\}", "(?P<direction>forward|reverse)")
        ),
        kind,
    )
    for kind in KINDS
)


@dataclass(frozen=True)
class Point:
    """A point name taken apart: its kind and the layer, direction and stack it names (None where it names none)."""

    name: str
    kind: PointKind
    layer: int | None = None
    direction: str | None = None
    stack: str | None = None

    @property
    def prefix(self) -> str:
        """The name without its last part: `lstm.0.forward` of `lstm.0.forward.c`; empty for `embed`."""
        return self.name.rpartition(".")[0]


def parse(name: str) -> Point:
    """Take a point name apart. Raises ValueError, naming the grammar, if there is no such kind of point."""
    for pattern, kind in _PATTERNS:
        found = pattern.fullmatch(name)
        if found:
            parts = found.groupdict()
            layer = parts.get("layer")
            return Point(name, kind, int(layer) if layer else None, parts.get("direction"), parts.get("stack"))
    raise ValueError(f"{name!r} is not a point name; known are " + ", ".join(kind.template for kind in KINDS))


def select(names: Iterable[str], globs: Iterable[str]) -> list[str]:
    """The names that match any of the globs (`blocks.*.attn.pattern`), in their own order. No globs select all."""
    wanted = tuple(globs)
    return [name for name in names if not wanted or any(fnmatchcase(name, glob) for glob in wanted)]
