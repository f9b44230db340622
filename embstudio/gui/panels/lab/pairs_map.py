"""The vectors of all items as points that glide, with the pair of the last step and its push or pull as arrows."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from embstudio.gui.panels.lab.gliding_map import GlidingMap
from embstudio.gui.plots.scatter.emphasis import Emphasis, Lines
from embstudio.gui.style.numbers import percent
from embstudio.gui.style.theme import Theme
from embstudio.lab.pairs.account import Account
from embstudio.lab.pairs.sight import Arrows, Sight

ZERO = "0"  # the name of the zero vector


class PairsMap(GlidingMap):
    """`show_sight` after each report."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self.wanted.hide()
        self.scatter.setAccessibleName("Vectors as points")

    def show_sight(
        self,
        sight: Sight,
        names: Sequence[str],
        account: Account | None,
        following: Sequence[int],
        pointed: Sequence[int] = (),
    ) -> None:
        """account: of the step whose moves are drawn. following: the items of the next one, marked where there is no
        account. pointed: the items of a pair that the person points at, marked before all else."""
        self.show_plane(sight.plane, [*names[: sight.shown], ZERO])
        arrows = sight.arrows if account is not None else None
        self.scatter.set_lines(
            Lines(arrows.starts, arrows.ends, arrows=True, strong=True) if arrows is not None else Lines()
        )
        tied = pointed or ([member.item for member in account.members] if account is not None else ())
        tied = [row for row in dict.fromkeys(tied) if row < sight.shown]
        if tied:
            self.set_emphasis(Emphasis(tied[0], near=tuple(tied[1:])))
        else:
            self.set_emphasis(Emphasis(marked=tuple(row for row in dict.fromkeys(following) if row < sight.shown)))
        shown = f", the first {sight.shown:,} of {len(names):,}" if sight.shown < len(names) else ""
        held = percent(float(sight.plane.explained.sum()))
        self.caption.setText(f"{_moves(arrows)}PCA with the zero vector{shown}: {held} of the variance")


def _moves(arrows: Arrows | None) -> str:
    if arrows is None:
        return ""
    return "Arrows: the moves of the step" + (f", × {arrows.times:,} · " if arrows.times > 1 else " · ")
