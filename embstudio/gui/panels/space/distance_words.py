"""Two vectors compared by every metric, and how far the metrics rank alike, in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.formulas.distances import METRICS, cosine_similarity
from embstudio.gui.plots.metric_table import Measured
from embstudio.gui.plots.token_label import visible_text
from embstudio.gui.style.numbers import MINUS, four
from embstudio.space.agreement import Agreement
from embstudio.space.plane import Plane

COUNT = 100  # nearest words by each metric whose order is compared
_SAME = 0.99995  # a rank correlation from which on two orders are called the same
_LENGTHS = 1e-4  # of a length, that lengths called the same differ by

TITLES = {
    "cosine": "cosine distance", "euclidean": "Euclidean", "squared-euclidean": "squared Euclidean",
    "dot": "dot product", "angular": "angular", "manhattan": "Manhattan", "chebyshev": "Chebyshev",
    "correlation": "correlation",
}  # fmt: skip
SHORT = {
    "cosine": "cosine", "euclidean": "Euclidean", "squared-euclidean": "squared", "dot": "dot", "angular": "angular",
    "manhattan": "Manhattan", "chebyshev": "Chebyshev", "correlation": "correlation",
}  # fmt: skip
_SAID = SHORT | {"squared-euclidean": "squared Euclidean", "dot": "dot product"}
_ABOUT = {
    "cosine": "how far the directions differ: 0 the same, 1 a right angle, 2 opposite",
    "euclidean": "the straight line between the two ends",
    "squared-euclidean": "ranks as the straight line does; far points weigh more",
    "dot": "a likeness, not a distance: larger is nearer, and long vectors win",
    "angular": "the angle as a share of a half turn; it grows evenly with the angle, as cosine does not",
    "manhattan": "along the axes only, as streets run",
    "chebyshev": "the one axis on which they differ most",
    "correlation": "the cosine distance of the vectors less the mean of their own numbers",
}


def measured(a: np.ndarray, b: np.ndarray) -> list[Measured]:
    """Every metric of a, b [width]; the cosine similarity, which most people mean by cosine, before its distance."""
    rows = []
    for name, metric in METRICS.items():
        undefined = bool(metric.undefined(np.stack([a, b])).any())
        about = metric.why if undefined else _ABOUT[name]
        bounded = bool(metric.why)
        with np.errstate(over="ignore", invalid="ignore"):
            if name == "cosine":
                value = None if undefined else float(cosine_similarity(a, b))
                said = about if undefined else "the cosine of the angle: 1 the same direction, 0 a right angle"
                rows.append(Measured("cosine similarity", "a·b / (‖a‖ ‖b‖)", value, said, bounded))
            value = None if undefined else float(metric.compare(a, b))
        rows.append(Measured(TITLES[name], metric.formula, value, about, bounded))
    return rows


def undefined_words(rows: list[Measured]) -> str:
    """Why some of the metrics are undefined; "" where none is."""
    whys = dict.fromkeys(row.about for row in rows if row.value is None)
    return f"Undefined here: {'; '.join(whys)}." if whys else ""


def plane_words(plane: Plane) -> str:
    """What the picture shows and what it cannot."""
    said = (
        "The plane that holds both vectors: lengths, angle and the straight line are true. Manhattan and Chebyshev "
        "follow the model's own axes, which it does not show."
    )
    return said if plane.angle is not None else f"{said} A vector of zeros has no direction, so there is no angle."


@dataclass(frozen=True)
class Ranking:
    """found, and of the vectors compared the least and the greatest length."""

    found: Agreement
    shortest: float
    longest: float


def ranking_words(ranking: Ranking, word: str) -> str:
    """Whether the metrics rank alike, in two or three sentences."""
    found = ranking.found
    of = f"the {len(found.rows):,} words that any metric has among the {found.nearest.shape[1]} nearest to ‘{word}’"
    if len(found.rows) < 2:
        return f"There are too few words to rank: {len(found.rows)}."
    groups = _same_order(found)
    said = [f"Of {of}:"]
    said.append("; ".join(f"{_list(group)} rank the same" for group in groups) + "." if groups else "no two rank the "
                "same.")  # fmt: skip
    no_order = [_SAID[name] for name, rho in zip(found.metrics, found.spearman, strict=True) if _no_order(rho)]
    if no_order:
        said.append(f"By {_list(no_order)} all are as near as each other: there is no order.")
    least = _least(found)
    if least is not None:
        first, second, rho = least
        said.append(f"Least alike are {first} and {second} (ρ = {rho:.2f}).".replace("-", MINUS))
    if ranking.longest <= ranking.shortest * (1 + _LENGTHS):
        said.append("All these vectors have the same length: then cosine, Euclidean and dot product rank alike.")
    else:
        said.append(
            f"Their lengths differ ({four(ranking.shortest)} to {four(ranking.longest)}), so cosine, Euclidean and dot "
            "product need not agree; of unit vectors they would."
        )
    return " ".join(said)


def name_of(word: str) -> str:
    """A word so that it can be seen and is not too long for a sentence."""
    shown = visible_text(word)
    return shown if len(shown) <= 32 else f"{shown[:31]}…"


def _same_order(found: Agreement) -> list[list[str]]:
    """Metrics that rank the same, in groups of two and more."""
    left, groups = list(range(len(found.metrics))), []
    while left:
        first = left[0]
        group = [each for each in left if each == first or found.spearman[first, each] >= _SAME]
        left = [each for each in left if each not in group]
        if len(group) > 1:
            groups.append([_SAID[found.metrics[each]] for each in group])
    return groups


def _least(found: Agreement) -> tuple[str, str, float] | None:
    rho = np.where(np.isnan(found.spearman), np.inf, found.spearman)
    i, j = np.unravel_index(int(rho.argmin()), rho.shape)
    if not rho[i, j] < _SAME:
        return None
    return _SAID[found.metrics[i]], _SAID[found.metrics[j]], float(rho[i, j])


def _no_order(rho: np.ndarray) -> bool:
    """Whether a metric goes with no other. rho: [metrics], 1 with itself."""
    return int(np.isnan(rho).sum()) == len(rho) - 1


def _list(names: list[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)
