"""The words of the language, each with what it means: for the parser, the completion and the guide."""

from __future__ import annotations

REDUCERS: dict[str, str] = {
    "mean": "mean; of conditions the share that holds",
    "max": "largest",
    "min": "smallest",
    "sum": "sum",
    "norm": "length √Σx²",
    "std": "standard deviation",
    "argmax": "place of the largest; of keys the token, of scores the class or word",
    "entropy": "entropy in bits of a row of attention weights",
    "any": "whether a condition holds anywhere",
    "all": "whether a condition holds everywhere",
    "count": "how often a condition holds",
}
OF_CONDITIONS = frozenset(("mean", "any", "all", "count"))
OF_NUMBERS = frozenset(REDUCERS) - {"any", "all", "count"}

VARIABLES: dict[str, str] = {
    "token": "the token's text",
    "position": "the token's place, counted from 0",
    "class": "the class that is predicted after this token, of classes that exclude one another",
    "entropy": "entropy in bits of the prediction after this token",
}

# name: (fewest arguments, most, meaning)
FUNCTIONS: dict[str, tuple[int, int, str]] = {
    "p": (1, 1, "probability of a class or word after this token"),
    "before": (1, 1, "the value one step earlier"),
    "change": (1, 1, "the value minus that one step earlier"),
    "flips": (1, 1, "whether the sign, class, text or condition is another than one step earlier"),
    "changes_sign": (1, 1, "whether it was below 0 one step earlier and is not now, or the other way round"),
    "rises_above": (2, 2, "whether it is above a bound and was not one step earlier"),
    "falls_below": (2, 2, "whether it is below a bound and was not one step earlier"),
    "abs": (1, 1, "without the sign"),
    "sqrt": (1, 1, "square root"),
    "log": (1, 1, "natural logarithm"),
    "exp": (1, 1, "e to the power of it"),
    "min": (2, 8, "the smaller"),
    "max": (2, 8, "the larger"),
}
KEYWORDS = frozenset(("and", "or", "not", "true", "false"))
