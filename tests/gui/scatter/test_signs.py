"""Names of regions: where they are, that none lies over another, and that a saved figure has them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from embstudio.gui.plots.scatter.colouring import Categories
from embstudio.gui.plots.scatter.export import svg_of
from embstudio.gui.plots.scatter.scatter import Scatter
from embstudio.gui.plots.scatter.signs import Signs
from embstudio.gui.style.theme import Theme

pytestmark = pytest.mark.usefixtures("silent")

POINTS = np.random.default_rng(0).normal(size=(300, 2))
CODES = (POINTS[:, 0] > 0).astype(np.uint8)
MIDDLES = np.stack([POINTS[code == CODES].mean(axis=0) for code in (0, 1)])


@pytest.fixture
def scatter(theme: Theme, show: Callable) -> Scatter:
    scatter = Scatter(theme)
    scatter.set_points(POINTS, [f"p{row}" for row in range(300)])
    scatter.set_colouring(Categories("side", CODES, ("left", "right")))
    show(scatter, 600, 400)
    return scatter


def test_each_name_stands_where_its_region_is(scatter: Scatter) -> None:
    scatter.set_signs(Signs(MIDDLES, ("on the left", "on the right"), (0, 1), "two sides"))
    scatter.grab()
    placed = scatter.figure.placed_signs
    assert [sign.text for sign in placed] == ["on the left", "on the right"]
    for sign, (x, y) in zip(placed, scatter.view.places(MIDDLES).tolist(), strict=True):
        assert sign.rect.left() <= x <= sign.rect.right()
        assert abs(sign.rect.center().y() - y) <= 2.5 * sign.rect.height()
    assert "two sides" in scatter.figure.notes()


def test_names_of_regions_that_lie_together_give_way_and_points_names_too(scatter: Scatter) -> None:
    near = np.zeros((40, 2)) + 0.02 * np.random.default_rng(1).normal(size=(40, 2))
    scatter.set_signs(Signs(near, tuple(f"region {place}" for place in range(40)), (0,) * 40))
    scatter.grab()
    placed = [sign.rect for sign in scatter.figure.placed_signs]
    assert 2 <= len(placed) < 40
    assert not any(one.intersects(other) for at, one in enumerate(placed) for other in placed[:at])
    assert scatter.figure.labels
    for label in scatter.figure.labels:
        assert not any(label.overlaps(rect.left(), rect.top(), rect.right(), rect.bottom()) for rect in placed)


def test_a_region_out_of_sight_or_without_a_place_has_no_name(scatter: Scatter) -> None:
    scatter.set_signs(Signs(np.array([[50.0, 50.0], [np.nan, 0.0]]), ("far", "nowhere"), (0, 1)))
    scatter.grab()
    assert scatter.figure.placed_signs == []


def test_a_saved_figure_has_names_and_caption_and_other_points_have_none(scatter: Scatter) -> None:
    scatter.set_signs(Signs(MIDDLES, ("on the left", "on the right"), (0, 1), "clusters of the vectors"))
    saved = svg_of(scatter).decode()
    assert "on the left" in saved
    assert "clusters of the vectors" in saved
    scatter.set_points(POINTS)
    assert "on the left" not in svg_of(scatter).decode()
