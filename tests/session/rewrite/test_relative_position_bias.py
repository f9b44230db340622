"""com.microsoft.RelativePositionBias written out, against T5's own buckets; only GPUs have a kernel for it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tests.session.rewrite.kernels import one_node, opened, run

HEADS = 3


def bucket(ahead: int, buckets: int, furthest: int, both: bool) -> int:
    """Raffel et al. 2020, as transformers' T5Attention._relative_position_bucket has it."""
    start = 0
    if both:
        buckets //= 2
        start = buckets if ahead > 0 else 0
        distance = abs(ahead)
    else:
        distance = max(-ahead, 0)
    near = buckets // 2
    if distance < near:
        return start + distance
    steps = np.log(np.float32(distance / near)) / np.float32(math.log(furthest / near)) * np.float32(buckets - near)
    return start + min(near + int(steps), buckets - 1)


@pytest.mark.parametrize("opset", [12, 13, 17, 21])
@pytest.mark.parametrize("both", [False, True], ids=["backwards", "both ways"])
@pytest.mark.parametrize(("buckets", "furthest"), [(32, 128), (8, 20)])
def test_every_distance_has_the_bucket_of_t5(buckets: int, furthest: int, both: bool, opset: int) -> None:
    table = np.random.default_rng(4).normal(size=(buckets, HEADS)).astype(np.float32)
    length = 150
    model = one_node(
        "RelativePositionBias", ["table", "queries", "keys"], ["y"], {},
        {"table": table.T.reshape(table.shape), "queries": np.array([length]), "keys": np.array(length)},
        opset=opset, is_bidirectional=int(both), max_distance=furthest,
    )  # fmt: skip
    own = run(opened(model), {})["y"]
    expected = [
        [table[bucket(key - query, buckets, furthest, both)] for key in range(length)] for query in range(length)
    ]
    np.testing.assert_array_equal(own[0], np.array(expected).transpose(2, 0, 1))
