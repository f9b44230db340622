"""The words and formulas of the Layers panel."""

from __future__ import annotations

import math

from embstudio.gui.plots.stage_table import StageCell, StageColumn
from embstudio.gui.style.numbers import four, percent
from embstudio.trace.stream import Added, Change, Stage

STAGE = StageColumn(
    "stage", "Where the vector was read, from the embedding up to the final norm", 16, words=True, grows=0
)
_WRITTEN = (
    "‖u‖ / ‖x₋₁‖: how much the part before this stage wrote (u = attn.out, mlp.out), beside the length of the vector "
    "it wrote to"
)
LENGTH = StageColumn("‖x‖", "‖x‖ = √Σ xᵢ²: the length of the vector", 6)
TO_START = StageColumn("cos start", "x·x₀ / (‖x‖ ‖x₀‖): 1 while it points where it pointed at the first stage", 6)
TO_BEFORE = StageColumn("cos before", "x·x₋₁ / (‖x‖ ‖x₋₁‖): 1 if this stage did not turn it", 6)
NEAREST = StageColumn(
    "nearest words",
    "cos(x, E[w]), largest first: the rows of the embedding table that point most nearly the same way, of all rows",
    16,
    words=True,
    grows=3,
)
AIR = StageColumn("", "", 9)  # room that the nearest words are given before the lens gets another column
_PARTS = {
    "embed": "embedding", "pos_embed": "position", "final_norm": "final norm", "attn.out": "attention",
    "cross_attn.out": "cross-attention", "mlp.out": "MLP",
}  # fmt: skip
_AFTER = {"resid_mid": "attention", "resid_cross": "cross-attention", "resid_post": "MLP"}


def stage_title(stage: Stage) -> str:
    """ "embedding", "+ position", "block 3 · attention", "final norm"."""
    part = stage.point.rpartition(".")[2]
    if part in _PARTS:
        return _PARTS[part]
    if part == "resid_pre":
        return "+ position" if stage.added else "entering block 0" if stage.layer is None else f"block {stage.layer}"
    at_once = len(stage.added) > 1  # a parallel block
    alone = part == "resid_post" and stage.added[:1] == (stage.point.replace(part, "attn.out"),)  # no MLP to be seen
    return f"block {stage.layer}" if at_once or alone else f"block {stage.layer} · {_AFTER[part]}"


def written_column(*, wide: bool) -> StageColumn:
    """The column of what was written; wide where attention and MLP write at once."""
    return StageColumn("written", _WRITTEN, 12 if wide else 7)


def lens_column(rank: int) -> StageColumn:
    """The column of the lens's first, second, … choice."""
    about = (
        "The logit lens: softmax(head(norm(x))), what the model would say if it ended at this stage. Norm and head are "
        "the model's own (nostalgebraist 2020)."
    )
    return StageColumn("logit lens" if rank == 1 else f"{rank}.", about, 11, words=True)


def followed_column(word: str, *, own: bool) -> StageColumn:
    """The column of a word whose rank is followed."""
    which = "the model's own first choice" if own else "the word that really stands there"
    return StageColumn(f"‘{word}’", f"Rank of ‘{word}’, {which}, among all words at each stage; 1 is the best", 7)


def stage_cell(stage: Stage, change: Change, place: int) -> StageCell:
    """The title; its tooltip has all numbers of the stage, also those whose column has no room."""
    told = [f"{stage.point}[{place}]", length_cell(change).about]
    told += [cell.about for cell in (to_start_cell(change), to_before_cell(change)) if cell.about]
    return StageCell(stage_title(stage), "\n".join(told))


def written_cell(change: Change) -> StageCell:
    """The sizes of what was written. The bar is full where as much was written as was there."""
    if not change.added:
        return StageCell("")
    total = sum(added.share for added in change.added if not math.isnan(added.share))
    about = "\n".join(map(_written, change.added))
    return StageCell(" + ".join(_short(added.share) for added in change.added), about, bar=total)


def _written(added: Added) -> str:
    part = _PARTS.get(".".join(added.point.split(".")[-2:]), _PARTS.get(added.point.rpartition(".")[2], added.point))
    before = added.length / added.share if added.share else math.nan
    return (
        f"‖{added.point}‖ / ‖x₋₁‖ = {four(added.length)} / {four(before)} = {four(added.share)}\n"
        f"what {part} wrote is {percent(added.share)} as long as what was there"
    )


def length_cell(change: Change) -> StageCell:
    """‖x‖."""
    return StageCell(_short(change.length), f"‖x‖ = √Σ xᵢ² = {four(change.length)}")


def to_start_cell(change: Change) -> StageCell:
    """The cosine with the first stage; empty there."""
    return _cosine_cell(change.to_start, "x·x₀ / (‖x‖ ‖x₀‖)", "from where it pointed at the first stage")


def to_before_cell(change: Change) -> StageCell:
    """The cosine with the stage before; empty at the first."""
    return _cosine_cell(change.to_before, "x·x₋₁ / (‖x‖ ‖x₋₁‖)", "from where it pointed one stage before")


def _cosine_cell(value: float, formula: str, told: str) -> StageCell:
    if math.isnan(value):
        return StageCell("")
    angle = math.degrees(math.acos(max(-1.0, min(1.0, value))))
    shown = f"{round(value, 3) + 0.0:.3f}".replace("-", "−")  # + 0.0: a −0 loses its sign
    return StageCell(shown, f"{formula} = {four(value)}: {angle:.0f}° {told}")


def short_percent(p: float) -> str:
    """A probability in whole percent."""
    return "<1 %" if 0 < p < 0.005 else f"{100 * p:.0f} %"


def _short(value: float) -> str:
    """Three significant digits: columns of them are read, not copied; the tooltip has four."""
    if math.isnan(value):
        return "–"
    if value == 0 or not 1e-3 <= abs(value) < 1e4:
        return four(value)
    decimals = max(0, 2 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(3, decimals)}f}".replace("-", "−")
