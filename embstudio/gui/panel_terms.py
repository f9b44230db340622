"""What each panel speaks of, as terms of the glossary: its "?" offers them."""

from __future__ import annotations

PANEL_TERMS: dict[str, tuple[str, ...]] = {
    "memory": (
        "LSTM", "forget gate", "input gate", "output gate", "candidate", "cell state", "hidden state", "GRU",
        "update gate", "reset gate", "half-life", "crowding", "intervention",
    ),
    "attention": (
        "attention", "query", "key", "value", "attention scores", "softmax", "head", "causal mask", "padding mask",
        "attention rollout", "entropy",
    ),
    "layers": ("residual stream", "MLP", "layer norm", "logit lens", "contextual vector"),
    "gradient": ("gradient", "vanishing gradient", "exploding gradient", "Jacobian", "singular value", "saliency"),
    "lanes": ("token", "hidden state", "attention"),
    "space": (
        "embedding", "cosine similarity", "Euclidean distance", "dot product", "nearest neighbours", "analogy", "PCA",
        "t-SNE", "UMAP", "trustworthiness", "cluster", "static vector", "contextual vector",
    ),
    "prediction": ("logits", "softmax", "next word", "masked word", "temperature", "top-k", "top-p", "pooling"),
    "anatomy": ("transformer", "recurrent network", "weights", "point"),
    "inspector": ("point", "trace"),
    "watches": ("point", "entropy", "token"),
    "lab": ("training", "loss", "epoch", "gradient descent", "seed", "word2vec", "contrastive loss", "LSA", "LDA"),
    "lessons": (),
}  # fmt: skip
