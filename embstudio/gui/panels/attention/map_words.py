"""What is said of the map of one head: the current row, a cell, a head of the overview."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from embstudio.gui.panels.attention.scene import Scene, Spot
from embstudio.gui.style.numbers import four, percent


@dataclass(frozen=True)
class MapWords:
    """values: what the map shows, [query, key]; None where it shows nothing. rolled, aside: whether that is the
    rollout, or each row's shares without the tokens set aside. since: the first layer of a rollout that does not begin
    with the input."""

    scene: Scene
    spot: Spot
    values: np.ndarray | None
    rolled: bool
    aside: bool
    since: int | None = None

    def telling(self) -> str:
        """The current row in a sentence, as the map shows it."""
        scene, spot = self.scene, self.spot
        if self.values is None or not (self.rolled or self.aside):
            return scene.telling(spot)
        row = self.values[spot.query]
        query = f"‘{scene.queries[spot.query]}’"
        if not np.isfinite(row).any():
            return f"{query}: nothing to show here"
        key, share = scene.strongest(row)
        name = scene.named(key, spot.query)
        if self.rolled:
            made = "is made" if self.since is None else f"is made, from layer {self.since} on,"
            return f"after layer {spot.layer} {query} {made} most of {name}: {percent(share)}"
        return f"{query} attends most to {name}: {percent(share)} of what is left"

    def cell(self, query: int, key: int) -> str:
        """The tooltip of a cell: "layer 3, head 2: ‘won’ attends to ‘dog’ with 0.4312 (43.1 %)"."""
        scene, spot = self.scene, self.spot
        shown = float(self.values[query, key]) if self.values is not None else float("nan")
        one, other = f"‘{scene.queries[query]}’", f"‘{scene.keys[key]}’"
        if self.rolled:
            where = f"rollout after layer {spot.layer}"
            return f"{where}: nothing here" if np.isnan(shown) else f"{where}: {one} holds {percent(shown)} of {other}"
        where = f"layer {spot.layer}, head {spot.head}: {one}"
        if scene.weights.hidden(spot.layer)[query, key]:
            return f"{where} cannot look at {other}: the model's mask hides it"
        point = scene.weights.stack.point(spot.layer)
        weight = float(scene.weights.trace[point].values[spot.head, query, key])
        said = f"{where} attends to {other} with {four(weight)} ({percent(weight)})"
        if not self.aside:
            return said
        return said + ("; set aside" if np.isnan(shown) else f"; {percent(shown)} of what is left")

    def head(self, layer: int, head: int, *, remembered: bool) -> str:
        """The tooltip of a head in the overview. remembered: its picture is there although the trace lacks it."""
        scene, weights = self.scene, self.scene.weights
        if head >= weights.heads(layer):
            return f"layer {layer} has no head {head}"
        if weights.overview(layer) is not None:
            return f"{layer}.{head}: {scene.head_name(layer, head)}\noverview only: click to fetch the numbers"
        if not weights.captured(layer):
            return f"layer {layer} is {'no longer held' if remembered else 'not captured'}: click to fetch it"
        if weights.shape(layer) != (len(scene.queries), len(scene.keys)):
            return f"{layer}.{head}: {scene.head_name(layer, head)}"
        key, weight = scene.strongest(weights.trace[weights.stack.point(layer)].values[head, self.spot.query])
        told = f"from ‘{scene.queries[self.spot.query]}’ most to ‘{scene.keys[key]}’, {four(weight)}"
        return f"{layer}.{head}: {scene.head_name(layer, head)}\n{told}"
