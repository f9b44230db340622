"""The places of the window that a lesson can point at, set or press, by their names in words.

Each is a panel (a dock's name, or "" for the window itself) and the object name of a widget in it. tests/gui hold the
list against the window. Whatever else has an accessible name can be named as "panel: name", as a screen reader says it;
that cannot be checked without the window.
"""

from __future__ import annotations

from dataclasses import dataclass

PANELS = (
    "memory", "attention", "layers", "gradient", "lanes", "space", "prediction", "anatomy", "inspector", "watches",
    "lab",
)  # fmt: skip
PAGES: dict[str, tuple[str, ...]] = {
    "memory": ("Map", "Stages", "Units", "Crowding"),
    "attention": ("Map", "Stages", "Heads"),
    "gradient": ("How far back", "Steps", "Which words"),
    "space": ("Map", "Distances", "Texts", "Analogy", "Axes", "Compare", "Contexts"),
}
"""Of the panels whose pages are always the same; the Lab's are its benches."""


@dataclass(frozen=True)
class Place:
    """panel: the dock it is in. widget: its object name, or "~" and its accessible name; "" is the whole panel."""

    panel: str
    widget: str = ""


PLACES: dict[str, Place] = {
    **{panel: Place(panel) for panel in PANELS},
    "sentence": Place("", "sentence"),
    "tokens": Place("", "TokenChips"),
    "model": Place("", "modelPicker"),
    # memory
    "input gate": Place("memory", "GateMap0"),
    "forget gate": Place("memory", "GateMap1"),
    "output gate": Place("memory", "GateMap2"),
    "candidate": Place("memory", "GateMap3"),
    "memory cells": Place("memory", "GateMap4"),
    "hidden state": Place("memory", "GateMap5"),
    "sum of the step": Place("memory", "MemoryFormula"),
    "unit": Place("memory", "MemoryUnit"),
    "sort units": Place("memory", "MemorySort"),
    "lines of the unit": Place("memory", "UnitLines"),
    "story of the unit": Place("memory", "UnitStory"),
    "stages of the step": Place("memory", "MemoryStages"),
    "stage in numbers": Place("memory", "StageFormula"),
    "token that wrote": Place("memory", "UnitsSource"),
    "units that remember": Place("memory", "UnitsTable"),
    "ages of the memory": Place("memory", "CrowdingAreas"),
    "what is left": Place("memory", "CrowdingLines"),
    "constant gate": Place("memory", "CrowdingConstant"),
    # attention
    "all heads": Place("attention", "HeadOverview"),
    "one head": Place("attention", "HeadMap"),
    "lines of attention": Place("attention", "AttentionLines"),
    "weights": Place("attention", "AttentionTable"),
    "layer": Place("attention", "AttentionLayer"),
    "head": Place("attention", "AttentionHead"),
    "what the map shows": Place("attention", "AttentionMapChoice"),
    "stages of attention": Place("attention", "AttentionStages"),
    "stages of all keys": Place("attention", "StagesTable"),
    "heads by what they do": Place("attention", "HeadsTable"),
    # layers
    "layer by layer": Place("layers", "layersTable"),
    # gradient
    "curves": Place("gradient", "GradientCurves"),
    "factor w": Place("gradient", "GradientW"),
    "distance in steps": Place("gradient", "~Distance in steps"),
    "plain curve": Place("gradient", "GradientPower"),
    "keep T": Place("gradient", "GradientKeep"),
    "what gradients are of": Place("gradient", "GradientWhat"),
    "words by gradient": Place("gradient", "GradientText"),
    # space
    "set of vectors": Place("space", "SpaceSet"),
    "find on the map": Place("space", "mapSearch"),
    "metric": Place("space", "mapMetric"),
    "picture": Place("space", "mapPicture"),
    "colours": Place("space", "mapColour"),
    "nearest words": Place("space", "neighbourTable"),
    "map of words": Place("space", "wordMap"),
    "first word": Place("space", "DistanceFirst"),
    "second word": Place("space", "DistanceSecond"),
    "all metrics": Place("space", "metricTable"),
    "plane of two vectors": Place("space", "DistancePlane"),
    "ranks of metrics": Place("space", "rankTable"),
    "text A": Place("space", "TextA"),
    "text B": Place("space", "TextB"),
    "likeness of texts": Place("space", "likenessTable"),
    "start word": Place("space", "AnalogyFirst"),
    "minus word": Place("space", "AnalogyMinus"),
    "plus word": Place("space", "AnalogyPlus"),
    "answers": Place("space", "AnalogyAnswers"),
    "arrows": Place("space", "AnalogyPlane"),
    "word in contexts": Place("space", "contextWord"),
    "map of contexts": Place("space", "contextMap"),
    "layer of contexts": Place("space", "contextLayer"),
    "compare": Place("space", "compareGo"),
    "figures of two sets": Place("space", "compareFigures"),
    # prediction
    "verdict": Place("prediction", "verdict"),
    "classes": Place("prediction", "classChart"),
    "likeliest words": Place("prediction", "wordBars"),
    "temperature": Place("prediction", "temperature"),
    "top-k": Place("prediction", "topK"),
    "top-p": Place("prediction", "topP"),
    # the others
    "what is inside": Place("anatomy", "anatomyTree"),
    "the number": Place("inspector", "inspectorText"),
    "watch field": Place("watches", "watchField"),
    "bench": Place("lab", "LabBenches"),
    "run": Place("lab", "labRun"),
    "step": Place("lab", "labStep"),
    "reset": Place("lab", "labReset"),
}


def place_of(words: str) -> Place | None:
    """The place that words stand for: one of `PLACES`, or "panel: accessible name". None for what is neither."""
    if words in PLACES:
        return PLACES[words]
    panel, colon, name = words.partition(":")
    if colon and panel.strip() in (*PANELS, "window") and name.strip():
        return Place("" if panel.strip() == "window" else panel.strip(), "~" + name.strip())
    return None
