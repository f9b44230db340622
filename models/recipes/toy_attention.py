"""The noted attention step as one real head, solved so that "dog" in "The big dog ran" sees what is noted.

    q = x W_Q,  k = x W_K + b_K,  v = x W_V + b_V,  s = scale · q kᵀ,  out = softmax(s) v,  vectors = x + out

- W_Q is diagonal: it turns dog's vector into its noted query.
- scale = 0.95 / (noted query · noted key): the one with which dog's noted query and key give dog's noted score.
- W_K, b_K: of all that give dog's noted key and the four noted scores, those nearest to leaving x as it is.
- W_V, b_V: the only ones that give dog's noted value and leave The, big and ran as they are (12 numbers, 12 equations).
  Without a bias there are none: dog is a mixture of the three others, and so would its value and its score be.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from onnx import helper

from models.recipes import noted, toy

CHECKS = ["The big dog ran", "The dog was cute", "the zzyzx ran"]


@dataclass(frozen=True)
class Head:
    """scale · (x W_Q)(x W_K + b_K)ᵀ are the scores; matrices [3, 3], biases [3]."""

    W_Q: np.ndarray
    W_K: np.ndarray
    b_k: np.ndarray
    W_V: np.ndarray
    b_v: np.ndarray
    scale: float

    def scores(self, x: np.ndarray) -> np.ndarray:
        """x [pos, 3] -> [query, key] before the softmax."""
        return np.asarray(self.scale * (x @ self.W_Q) @ (x @ self.W_K + self.b_k).T)

    def weights(self, x: np.ndarray) -> np.ndarray:
        """[query, key], rows of sum 1."""
        exponents = np.exp(self.scores(x))
        return np.asarray(exponents / exponents.sum(1, keepdims=True))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """x [pos, 3] -> Σ weight · value [pos, 3], before it is added to x."""
        return np.asarray(self.weights(x) @ (x @ self.W_V + self.b_v))


def solve() -> Head:
    """The head, in float64."""
    x = np.array([noted.VECTORS[word] for word in noted.ATTENTION_WORDS])
    with_one = np.column_stack([x, np.ones(len(x))])  # x W + b = [x 1] [W; b]
    dog = noted.ATTENTION_WORDS.index("dog")
    q, k = np.array(noted.DOG_QUERY), np.array(noted.DOG_KEY)
    scale = noted.SCORES[dog] / (q @ k)

    # Each equation is a row over the 12 numbers of [W_K; b_K], read row by row: key(word) · along = what is wanted.
    equations = [np.outer(with_one[dog], along).ravel() for along in np.eye(toy.WIDTH)]
    wanted = list(k)
    for word, score in enumerate(noted.SCORES):
        if word != dog:
            equations.append(np.outer(with_one[word], q).ravel())
            wanted.append(score / scale)
    same = np.vstack([np.eye(toy.WIDTH), np.zeros(toy.WIDTH)]).ravel()
    A = np.array(equations)
    key = (same + np.linalg.pinv(A) @ (np.array(wanted) - A @ same)).reshape(toy.WIDTH + 1, toy.WIDTH)

    values = x.copy()
    values[dog] = noted.DOG_VALUE
    value = np.linalg.solve(with_one, values)
    return Head(np.diag(q / x[dog]), key[:-1], key[-1], value[:-1], value[-1], float(scale))


def make(folder: Path) -> None:
    """Write models/toy-attention."""
    head, table = solve(), noted.table(silent=False)
    nodes, stored = toy.lookup(np.array(list(table.values())), "x")
    nodes += [
        helper.make_node("MatMul", ["x", "W_Q"], ["q"], name="query"),
        helper.make_node("MatMul", ["x", "W_K"], ["x_W_K"], name="key"),
        helper.make_node("Add", ["x_W_K", "b_K"], ["k"], name="key_add_bias"),
        helper.make_node("MatMul", ["x", "W_V"], ["x_W_V"], name="value"),
        helper.make_node("Add", ["x_W_V", "b_V"], ["v"], name="value_add_bias"),
        helper.make_node("Transpose", ["k"], ["k_turned"], name="turn_keys", perm=[0, 2, 1]),
        helper.make_node("MatMul", ["q", "k_turned"], ["q_k"], name="compare"),
        helper.make_node("Mul", ["q_k", "scale"], ["scores"], name="scale_scores"),
        helper.make_node("Softmax", ["scores"], ["weights"], name="softmax", axis=-1),
        helper.make_node("MatMul", ["weights", "v"], ["attended"], name="mix_values"),
        helper.make_node("Add", ["x", "attended"], ["vectors"], name="add_to_x"),
    ]
    matrices = {"W_Q": head.W_Q, "W_K": head.W_K, "W_V": head.W_V}
    matrices |= {"b_K": head.b_k, "b_V": head.b_v, "scale": np.array(head.scale)}
    stored += [toy.stored(name, numbers) for name, numbers in matrices.items()]
    architecture = {"family": "one attention head, no mask, no norm, no MLP", "layers": 1, "heads": 1, "embedding": 3}
    lowered = {word.lower(): vector for word, vector in table.items()}
    checks = {}
    for text in CHECKS:
        x = np.array([lowered.get(word, np.zeros(toy.WIDTH)) for word in text.lower().split()])
        checks[text] = (x + head(x))[-1]
    toy.write(folder, table, nodes, stored, "vectors", toy.WIDTH, architecture, checks)
