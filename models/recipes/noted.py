"""The reading notes' own numbers, from which the toy models are written. Nothing here was trained.

Where the notes are silent or disagree with themselves, the comment says what was put there instead.
"""

from __future__ import annotations

import numpy as np

# The noted word vectors. The notes spell "The" and "the" and give both one vector.
VECTORS = {
    "The":  [0.1, 0.5, 0.2],
    "dog":  [0.3, 0.7, 0.1],
    "was":  [0.4, 0.2, 0.8],
    "cute": [0.6, 0.9, 0.3],
    "big":  [0.2, 0.6, 0.25],
    "ran":  [0.5, 0.3, 0.6],
}  # fmt: skip

# Words of the noted long sentence for which no vector is noted. They are zero, as [UNK] is: they add nothing, so that
# what is left of "dog" at "won" is what the weights, or the gates, have left of it.
SILENT = ("I", "adopted", "from", "pound", "five", "years", "ago", "won", "pet", "competition")
LONG = "The dog that I adopted from the pound five years ago won the pet competition."

# ---- The RNN: context = x + weight ⊙ context. One weight a dimension, the same for all words.
RNN_WEIGHTS = [0.8, 0.8, 0.7]
RNN_SENTENCE, RNN_POSITIVE = "The dog was cute", 0.85  # "classifier → POSITIVE (85% confidence)"

# ---- The LSTM: memory = forget ⊙ memory + input ⊙ x, exposed = output ⊙ memory. Its gates are the same for every word.
LSTM_INPUT = [0.92, 0.92, 0.82]
LSTM_FORGET = [0.80, 0.80, 0.80]  # makes [0.3496, 1.012, 0.2132] of the noted memory; the 0.85 noted elsewhere does not
LSTM_OUTPUT = [1.0, 1.0, 1.0]  # not noted
LSTM_MEMORY = {  # after each word of "The dog that"
    "The":  [0.092, 0.46, 0.164],
    "dog":  [0.3496, 1.012, 0.2132],
    "that": [0.481, 1.366, 0.3286],
}  # fmt: skip

# ---- The attention step: "The big dog ran", what "dog" sees in layer 1.
ATTENTION_WORDS = ("The", "big", "dog", "ran")
DOG_QUERY, DOG_KEY, DOG_VALUE = [0.29, 0.68, 0.09], [0.29, 0.69, 0.08], [0.28, 0.68, 0.09]
SCORES = [0.18, 0.78, 0.95, 0.35]
# The values of the other words are not noted; the noted sum [0.615, …] comes out if they are the words' vectors.
WEIGHTS = [0.1621, 0.2955, 0.3502, 0.1922]  # the scores after the softmax that the notes leave out
WEIGHTED = [0.26946, 0.55414, 0.25313]  # Σ weight · value


def vector_of_that() -> np.ndarray:
    """The vector that "that" must have had: solved from the noted memory after "dog" and after "that"."""
    stored = np.array(LSTM_MEMORY["that"]) - np.multiply(LSTM_FORGET, LSTM_MEMORY["dog"])
    return np.asarray(stored / LSTM_INPUT)


def table(*, silent: bool) -> dict[str, np.ndarray]:
    """Every word and its vector [3], [UNK] first; silent: with "that" and the words that have none noted."""
    words = {"[UNK]": np.zeros(3)} | {word: np.array(vector) for word, vector in VECTORS.items()}
    return words | {"that": vector_of_that()} | dict.fromkeys(SILENT, np.zeros(3)) if silent else words
