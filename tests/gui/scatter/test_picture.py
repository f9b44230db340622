"""The picture of the points, pixel by pixel."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage

from embstudio.gui.plots.scatter.colouring import Categories, categories_of, numbers_of
from embstudio.gui.plots.scatter.picture import SYMBOLS, Picture, layers_of
from embstudio.gui.plots.scatter.plane_view import PlaneView
from embstudio.gui.plots.scatter.point_set import PointSet
from embstudio.gui.style.colours import DARK, LIGHT
from embstudio.gui.style.point_colours import MOST, SHAPES, category_colours

RANDOM = np.random.default_rng(2)
MANY = (RANDOM.normal(size=(400_000, 2)) * [1, 0.7]).astype(np.float32)
NONE = np.zeros(0, np.intp)


def _view(points: PointSet, width: int = 300, height: int = 200) -> PlaneView:
    view = PlaneView(width=width, height=height)
    view.fit_whole(*points.bounds)
    return view


def _pixels(image: QImage) -> np.ndarray:
    """RGBA, not premultiplied: uint8 [height, width, 4]."""
    shown = image.convertToFormat(QImage.Format.Format_RGBA8888)
    flat = np.frombuffer(shown.constBits(), np.uint8).reshape(shown.height(), shown.bytesPerLine())
    return flat[:, : 4 * shown.width()].reshape(shown.height(), shown.width(), 4).copy()


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("colours", [DARK, LIGHT], ids=["dark", "light"])
def test_every_pixel_with_points_is_seen_and_no_other(ratio: float, colours: object) -> None:
    points = PointSet(MANY)
    view = _view(points)
    view.zoom_by(1.4, 100, 50)
    image, drawn = Picture(points, None, colours, 1.0).draw(layers_of(points.grid, None, NONE), view, ratio)  # type: ignore[arg-type]
    assert image.devicePixelRatio() == ratio
    assert (image.width(), image.height()) == (round(300 * ratio), round(200 * ratio))
    assert not drawn.symbols
    exact = MANY.astype(float)
    left, top = view.x - 150 / view.zoom, view.y + 100 / view.zoom
    columns, lines = (exact[:, 0] - left) * view.zoom * ratio, (top - exact[:, 1]) * view.zoom * ratio
    inner = (columns < image.width()) & (lines < image.height())
    edges = (np.arange(image.height() + 1), np.arange(image.width() + 1))
    held = np.histogram2d(lines[inner], columns[inner], bins=edges)[0]
    seen = _pixels(image)[..., 3]
    if ratio == 1:  # on finer screens points are a little larger than a pixel
        np.testing.assert_array_equal(seen > 0, held > 0)
    assert (seen[held > 0] > 60).all()
    assert np.median(seen[held >= 10]) > np.median(seen[held == 1])


def test_few_points_are_symbols_where_they_are() -> None:
    points = PointSet(np.array([[0.0, 0], [10, 0], [0, 5]]))
    view = _view(points)
    colouring = Categories("kind", np.array([0, 1, 1]), ("one", "other kind"))
    image, drawn = Picture(points, colouring, DARK, 1.0).draw(layers_of(points.grid, colouring, NONE), view, 2.0)
    assert drawn.symbols
    assert drawn.in_sight == 3
    palette = category_colours(DARK)
    pixels = _pixels(image)
    for (x, y), code in zip(view.places(points.points).tolist(), colouring.codes, strict=True):
        wanted = QColor(palette[code])
        assert pixels[int(2 * y), int(2 * x)].tolist() == [wanted.red(), wanted.green(), wanted.blue(), 255]
    assert np.count_nonzero(pixels[..., 3]) < 1500


def test_zooming_in_turns_counts_into_symbols() -> None:
    points = PointSet(MANY)
    view = _view(points)
    picture, layers = Picture(points, None, DARK, 1.0), layers_of(points.grid, None, NONE)
    kinds = []
    for _ in range(20):
        _image, drawn = picture.draw(layers, view, 1.0)
        kinds.append(drawn.symbols)
        window = view.window(1.0)
        inside = ([window.left, window.bottom] <= MANY) & ([window.right, window.top] >= MANY)
        assert drawn.in_sight >= np.count_nonzero(inside.all(axis=1))
        assert drawn.symbols is (drawn.in_sight <= SYMBOLS)
        view.zoom_by(1.5, 150, 100)
    assert kinds == sorted(kinds)
    assert kinds[0] is False
    assert kinds[-1] is True


def test_pixels_of_one_category_have_its_colour() -> None:
    points = PointSet(MANY)
    codes = (MANY[:, 0] > 0).astype(np.uint8)
    colouring = Categories("side", codes, ("left", "right"))
    view = _view(points)
    image, _drawn = Picture(points, colouring, LIGHT, 1.0).draw(layers_of(points.grid, colouring, NONE), view, 1.0)
    pixels, palette = _pixels(image), category_colours(LIGHT)
    middle = int(view.place(0, 0)[0])
    for code, side in ((0, np.s_[:, : middle - 1]), (1, np.s_[:, middle + 2 :])):
        wanted, strong = QColor(palette[code]), pixels[side][pixels[side][..., 3] > 200]
        assert len(strong) > 50
        assert np.abs(strong[:, :3].astype(int) - [wanted.red(), wanted.green(), wanted.blue()]).max() <= 3


def test_what_is_not_selected_is_faded() -> None:
    points, selected = PointSet(MANY), np.flatnonzero(MANY[:, 0] > 0)
    view = _view(points)
    picture = Picture(points, None, DARK, 1.0)
    whole = _pixels(picture.draw(layers_of(points.grid, None, NONE), view, 1.0)[0])[..., 3].astype(int)
    shown = _pixels(picture.draw(layers_of(points.grid, None, selected), view, 1.0)[0])[..., 3].astype(int)
    middle = int(view.place(0, 0)[0])
    assert shown[:, : middle - 1].max() < 0.4 * whole[:, : middle - 1].max()
    assert shown[:, middle + 2 :].max() > 0.9 * whole[:, middle + 2 :].max()


def test_points_without_a_number_are_grey() -> None:
    points = PointSet(np.array([[0.0, 0], [10, 0], [0, 5]]))
    colouring = numbers_of("count", np.array([1.0, np.nan, 3.0]))
    view = _view(points)
    pixels = _pixels(Picture(points, colouring, DARK, 1.0).draw(layers_of(points.grid, colouring, NONE), view, 1.0)[0])
    seen = [pixels[int(y), int(x), :3].tolist() for x, y in view.places(points.points).tolist()]
    grey = QColor(DARK.residual)
    assert seen[1] == [grey.red(), grey.green(), grey.blue()]
    assert seen[0] != seen[1] != seen[2] != seen[0]


def test_columns_become_categories_or_numbers() -> None:
    few = categories_of("kind", ["b", "a", "b"])
    assert few.names == ("b", "a")
    assert few.codes.tolist() == [0, 1, 0]
    many = categories_of("letter", list("abcdefghijklmnop" + "ab" * 3))
    assert len(many.names) == MOST + 1
    assert many.names[:2] == ("a", "b")
    assert many.names[-1] == "other"
    assert many.colour_of(MOST) == MOST
    assert np.bincount(many.codes)[-1] == 6
    assert categories_of("nothing", []).codes.tolist() == []
    signed = numbers_of("he → she", np.array([-1.0, 0.5, np.nan]))
    assert (signed.low, signed.high, signed.signed) == (-1.0, 1.0, True)
    with pytest.raises(ValueError, match="places in the names"):
        Categories("kind", np.array([3]), ("a",))
    with pytest.raises(ValueError, match="told apart"):
        Categories("kind", np.array([0]), tuple("abcdefghijkl"))


def test_categories_differ_in_more_than_hue() -> None:
    for colours in (DARK, LIGHT):
        looks = [(SHAPES[place % len(SHAPES)], colour) for place, colour in enumerate(category_colours(colours))]
        assert len(set(looks)) == len(looks)
        assert colours.accent not in category_colours(colours)
