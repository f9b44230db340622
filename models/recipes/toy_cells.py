"""The noted RNN and the noted LSTM as ONNX's own operators, with nothing in them but the noted numbers and a head.

    RNN    h_t = x_t + w ⊙ h_(t-1)                        W = I, R = diag(w), no bias, activation Affine(1, 0)
    LSTM   c_t = f ⊙ c_(t-1) + i ⊙ x_t,  h_t = o ⊙ c_t    gates by HardSigmoid(1, 0) from their biases alone

The head is not noted, only what it says once. Of all heads without a bias that say so, it is the shortest:

    logits = (-score, score) / 2,  score = u · h,  u = score₄ h₄ / |h₄|²,  σ(score₄) = 0.85 after "The dog was cute"
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import NodeProto, TensorProto, helper

from models.recipes import noted, toy

ONE, ZERO = np.eye(toy.WIDTH), np.zeros((toy.WIDTH, toy.WIDTH))
CHECKS = ["The dog was cute", "the big dog ran", noted.LONG]


def words(text: str) -> list[np.ndarray]:
    """The vectors [3] of a text without marks, zero for unknown words."""
    table = {word.lower(): vector for word, vector in noted.table(silent=True).items()}
    return [table.get(word, np.zeros(toy.WIDTH)) for word in text.lower().strip(".").split()]


def rnn_contexts(text: str) -> np.ndarray:
    """h [pos, 3] in float64."""
    contexts = [np.zeros(toy.WIDTH)]
    for x in words(text):
        contexts.append(x + noted.RNN_WEIGHTS * contexts[-1])
    return np.array(contexts[1:])


def lstm_memories(text: str) -> np.ndarray:
    """c [pos, 3] in float64."""
    memories = [np.zeros(toy.WIDTH)]
    for x in words(text):
        memories.append(noted.LSTM_FORGET * memories[-1] + noted.LSTM_INPUT * x)
    return np.array(memories[1:])


def head(last: np.ndarray) -> np.ndarray:
    """[3, 2], negative and positive: the shortest with which σ(positive - negative) is as noted after ``last`` [3]."""
    score = np.log(noted.RNN_POSITIVE / (1 - noted.RNN_POSITIVE))
    u = score * last / (last @ last)
    return np.stack([-u / 2, u / 2], axis=1)


def make_rnn(folder: Path) -> None:
    """Write models/toy-rnn."""
    weights = {"rnn_W": ONE[None], "rnn_R": np.diag(noted.RNN_WEIGHTS)[None]}
    node = helper.make_node(
        "RNN", ["x", "rnn_W", "rnn_R"], ["y"], name="rnn", hidden_size=toy.WIDTH,
        activations=["Affine"], activation_alpha=[1.0], activation_beta=[0.0],
    )  # fmt: skip
    ends = {text: rnn_contexts(text)[-1] for text in CHECKS}
    _write(folder, node, weights, "RNN, diagonal and linear", head(rnn_contexts(noted.RNN_SENTENCE)[-1]), ends)


def make_lstm(folder: Path) -> None:
    """Write models/toy-lstm."""
    gates = np.concatenate([noted.LSTM_INPUT, noted.LSTM_OUTPUT, noted.LSTM_FORGET, np.zeros(toy.WIDTH)])
    weights = {
        "lstm_W": np.concatenate([ZERO, ZERO, ZERO, ONE])[None],  # i, o, f, then the candidate, which is x itself
        "lstm_R": np.concatenate([ZERO, ZERO, ZERO, ZERO])[None],
        "lstm_B": np.concatenate([gates, np.zeros_like(gates)])[None],
    }
    node = helper.make_node(
        "LSTM", ["x", "lstm_W", "lstm_R", "lstm_B"], ["y"], name="lstm", hidden_size=toy.WIDTH,
        activations=["HardSigmoid", "Affine", "Affine"],
        activation_alpha=[1.0, 1.0, 1.0], activation_beta=[0.0, 0.0, 0.0],
    )  # fmt: skip
    exposed = {text: noted.LSTM_OUTPUT * lstm_memories(text)[-1] for text in CHECKS}
    last = noted.LSTM_OUTPUT * lstm_memories(noted.RNN_SENTENCE)[-1]
    _write(folder, node, weights, "LSTM, linear, its gates the same for every word", head(last), exposed)


def _write(
    folder: Path,
    cell: NodeProto,
    weights: dict[str, np.ndarray],
    family: str,
    head_weight: np.ndarray,
    ends: dict[str, np.ndarray],
) -> None:
    table = noted.table(silent=True)
    nodes, stored = toy.lookup(np.array(list(table.values())), "embedded")
    nodes += [
        helper.make_node("Transpose", ["embedded"], ["x"], name="time_first", perm=[1, 0, 2]),
        cell,
        helper.make_node("Squeeze", ["y", "direction_axis"], ["h_time_first"], name="one_direction"),
        helper.make_node("Transpose", ["h_time_first"], ["h"], name="batch_first", perm=[1, 0, 2]),
        helper.make_node("MatMul", ["h", "head_weight"], ["logits"], name="head"),
    ]
    weights = weights | {"head_weight": head_weight, "direction_axis": np.array([1])}
    initializers: list[TensorProto] = stored + [toy.stored(name, numbers) for name, numbers in weights.items()]
    architecture = {"family": family, "layers": 1, "units": toy.WIDTH, "embedding": toy.WIDTH}
    checks = {text: h @ head_weight for text, h in ends.items()}
    toy.write(folder, table, nodes, initializers, "logits", 2, architecture, checks)
