"""Which term of the glossary a point of a model stands for."""

from __future__ import annotations

_TERMS = {
    "lstm": {"i": "input gate", "o": "output gate", "f": "forget gate", "g": "candidate", "c": "cell state",
             "h": "hidden state"},
    "gru": {"z": "update gate", "r": "reset gate", "n": "candidate", "h": "hidden state"},
    "rnn": {"a": "recurrent network", "h": "hidden state"},
    "attn": {"q": "query", "k": "key", "v": "value", "raw_scores": "attention scores", "scores": "attention scores",
             "pattern": "attention", "z": "attention", "out": "residual stream", "norm": "layer norm",
             "sum": "residual stream"},
    "mlp": {"norm": "layer norm", "hidden": "MLP", "out": "MLP", "sum": "residual stream"},
    "": {"embed": "embedding table", "pos_embed": "positional embedding", "final_norm": "layer norm",
         "logits": "logits", "pooled": "pooling", "resid_pre": "residual stream", "resid_mid": "residual stream",
         "resid_cross": "residual stream", "resid_post": "residual stream"},
}  # fmt: skip


def term_of_point(name: str) -> str:
    """The term of a point's name, `lstm.0.forward.f`; "" where there is none."""
    *parts, last = name.split(".")
    for sort in ("lstm", "gru", "rnn", "mlp"):
        if sort in parts:
            return _TERMS[sort].get(last, "")
    if any(part.endswith("attn") for part in parts):
        return _TERMS["attn"].get(last, "")
    return _TERMS[""].get(last, "")
