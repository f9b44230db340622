"""An order in which what is alike stands together: hierarchical clustering, and its tree's leaves turned to fit.

Clusters are joined by average linkage (UPGMA, Sokal and Michener 1958), found with the nearest-neighbour chain
(Murtagh 1983), which takes n² time. At each joining the two that are joined are turned so that their nearest ends
meet (Gruvaeus and Wainer 1972). No library: scipy is no dependency of the program, and this is short.
"""

from __future__ import annotations

import numpy as np


def average_linkage(distances: np.ndarray) -> list[tuple[int, int, float]]:
    """The n − 1 joinings of distances [n, n], symmetric: (first, second, mean distance), each cluster named by the
    first of its members. A cluster is joined from within outwards, but not all joinings come by height."""
    count = len(distances)
    apart = np.array(distances, np.float64)
    np.fill_diagonal(apart, np.inf)
    sizes, joined = np.ones(count), []
    alive = np.ones(count, bool)
    chain: list[int] = []
    for _ in range(count - 1):
        if not chain:
            chain.append(int(alive.argmax()))
        while True:
            top = chain[-1]
            nearest = int(apart[top].argmin())
            if len(chain) > 1 and apart[top, chain[-2]] <= apart[top, nearest]:  # equals: back, or it goes round
                break
            chain.append(nearest)
        one, other = sorted((chain.pop(), chain.pop()))
        joined.append((one, other, float(apart[one, other])))
        merged = (sizes[one] * apart[one] + sizes[other] * apart[other]) / (sizes[one] + sizes[other])
        merged[[one, other]] = np.inf
        apart[one], apart[:, one] = merged, merged
        apart[other], apart[:, other] = np.inf, np.inf
        sizes[one] += sizes[other]
        alive[other] = False
    return joined


def leaf_order(distances: np.ndarray) -> np.ndarray:
    """The order [n] of the leaves of distances [n, n]: neighbours are alike. The end with the lower number is first."""
    leaves = [[each] for each in range(len(distances))]
    for one, other, _ in average_linkage(distances):
        left, right = leaves[one], leaves[other]
        # The four ways to lay the two end to end, by the pair of ends that meets.
        ways = (
            (distances[left[-1], right[0]], left, right),
            (distances[left[-1], right[-1]], left, right[::-1]),
            (distances[left[0], right[0]], left[::-1], right),
            (distances[left[0], right[-1]], left[::-1], right[::-1]),
        )
        _meeting, first, second = min(ways, key=lambda each: float(each[0]))
        leaves[one] = first + second
    order = leaves[0] if leaves else []
    return np.array(order if not order or order[0] <= order[-1] else order[::-1], np.intp)
